/**
 * Random command lists over generated schemas.
 *
 * Responsible for: programs that collide often, end in every outcome and shrink well; sources, times and limits.
 * Not responsible for: what the operations do (program.ts).
 */
import fc from "fast-check";
import type { MessageModel } from "../../src/schema/model.ts";
import type { ModelCommand, ModelSource } from "./frames.ts";
import { selectValid } from "./pools.ts";
import type { Operation } from "./program.ts";

export interface CommandSpec {
  /** Absent: a `Feed` with these values. */
  readonly program: readonly Operation[] | null;
  readonly mode: number;
  readonly values: readonly number[];
  /** Absent: no source. `step` 1 is the next seq, all others are refused. */
  readonly source: { readonly client: number; readonly stream: number; readonly step: number } | null;
  readonly timeStep: number;
}

const good = fc.oneof({ weight: 6, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(63) });
const any = fc.oneof(
  { weight: 9, arbitrary: good },
  { weight: 1, arbitrary: fc.integer({ min: 64, max: 95 }) },
);
const values = fc.oneof(
  { weight: 12, arbitrary: fc.array(good, { maxLength: 18 }) },
  { weight: 1, arbitrary: fc.array(any, { maxLength: 18 }) },
);
const small = fc.nat(5);
const record = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(9) });
const like = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(6) });
const verb = fc.constantFrom(...(["find", "exists", "find", "exists", "find", "get"] as const));

const load = fc.record({
  op: fc.constant("load" as const),
  kind: small,
  index: small,
  reverse: fc.boolean(),
});
const create = fc.record({ op: fc.constant("create" as const), kind: small, values });
const byId = fc.record({ op: fc.constant("byId" as const), verb, kind: small, id: any });
const byKey = fc.record({ op: fc.constant("byKey" as const), verb, kind: small, key: small, like, values });
const update = fc.record({
  op: fc.constant("update" as const),
  record,
  patch: fc.array(
    fc.tuple(fc.nat(50), fc.oneof({ weight: 15, arbitrary: good }, { weight: 1, arbitrary: any })),
    {
      maxLength: 3,
    },
  ),
});
const same = fc.record({
  op: fc.constantFrom("same" as const, "add" as const),
  record,
  field: fc.nat(16),
  by: small,
});
const remove = fc.record({
  op: fc.constantFrom(...(["delete", "delete", "delete", "read"] as const)),
  record,
});
const near = fc.record({
  op: fc.constant("near" as const),
  verb: fc.constantFrom("next" as const, "prev" as const),
  record,
});
const sweep = fc.record({
  op: fc.constant("sweep" as const),
  kind: small,
  index: small,
  low: fc.nat(2),
  high: fc.nat(2),
  like,
  values: fc.array(good, { maxLength: 6 }),
});
const emit = fc.record({ op: fc.constant("emit" as const), event: small, values });
const num = fc.record({
  op: fc.constant("num" as const),
  type: small,
  verb: small,
  values: fc.array(fc.nat(11), { minLength: 4, maxLength: 4 }),
});
const hold = fc.record({ op: fc.constant("hold" as const), kind: small, index: small, times: fc.nat(3) });
const plain = fc.record({ op: fc.constantFrom("step" as const, "context" as const) });
const reject = fc.record({
  op: fc.constant("reject" as const),
  code: small,
  values: fc.oneof(
    { weight: 4, arbitrary: values },
    { weight: 1, arbitrary: fc.array(any, { maxLength: 4 }) },
  ),
});
/** One whose details are no values: the fault comes instead. */
const badReject = fc.record({
  op: fc.constant("reject" as const),
  code: small,
  values: fc.array(fc.oneof(good, fc.integer({ min: 64, max: 95 })), { minLength: 1, maxLength: 3 }),
});
const fail = fc.record({ op: fc.constantFrom("throw" as const, "divide" as const) });

/** Operations without others in them. */
const simple: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: create },
  { weight: 6, arbitrary: update },
  { weight: 3, arbitrary: same },
  { weight: 3, arbitrary: remove },
  { weight: 4, arbitrary: byKey },
  { weight: 1, arbitrary: byId },
  { weight: 3, arbitrary: near },
  { weight: 4, arbitrary: emit },
  { weight: 1, arbitrary: num },
  { weight: 1, arbitrary: plain },
);
const scan = fc.record({
  op: fc.constant("scan" as const),
  verb: fc.constantFrom(
    "list" as const,
    "list" as const,
    "first" as const,
    "last" as const,
    "count" as const,
  ),
  kind: small,
  index: small,
  prefix: fc.nat(6),
  low: fc.nat(2),
  high: fc.nat(2),
  reverse: fc.boolean(),
  limit: fc.nat(14),
  like,
  values: fc.array(good, { maxLength: 6 }),
  body: fc.array(fc.oneof({ weight: 8, arbitrary: simple }, { weight: 1, arbitrary: reject }), {
    maxLength: 2,
  }),
});
const attempt = fc.record({
  op: fc.constant("try" as const),
  body: fc.array(fc.oneof(simple, reject, scan, fail), { maxLength: 3 }),
});
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: simple },
  { weight: 6, arbitrary: scan },
  { weight: 4, arbitrary: sweep },
  { weight: 2, arbitrary: load },
  { weight: 1, arbitrary: hold },
);
const ending: fc.Arbitrary<readonly Operation[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: reject.map((one) => [one]) },
  { weight: 2, arbitrary: fc.oneof(fail, badReject).map((one) => [one]) },
  { weight: 1, arbitrary: attempt.map((one) => [one]) },
);
const program = fc
  .tuple(fc.array(load, { minLength: 1, maxLength: 4 }), fc.array(operation, { maxLength: 12 }), ending)
  .map(([first, middle, last]) => fitting([...first, ...middle, ...last]));

/** A program must fit into its field of 4,096 bytes, with some to spare for what a law puts before it. */
function fitting(operations: readonly Operation[]): readonly Operation[] {
  const kept = [...operations];
  while (JSON.stringify(kept).length > 4000) kept.splice(kept.length >> 1, 1);
  return kept;
}

const source = fc.record({
  client: fc.nat(2),
  stream: fc.nat(1),
  step: fc.oneof(
    { weight: 9, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 3 }) },
  ),
});
export const commandSpec: fc.Arbitrary<CommandSpec> = fc.record({
  program: fc.oneof({ weight: 6, arbitrary: program }, { weight: 1, arbitrary: fc.constant(null) }),
  mode: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }) },
  ),
  values: fc.array(good, { maxLength: 12 }),
  source: fc.option(source),
  timeStep: fc.integer({ min: -3, max: 9 }),
});

/** Limits by number; mostly the defaults. */
export const limitsSpec: fc.Arbitrary<Readonly<Record<number, number>>> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 4,
    arbitrary: fc.oneof(
      fc.integer({ min: 99, max: 900 }).map((work) => ({ 1: work })),
      fc.integer({ min: 4500, max: 5200 }).map((bytes) => ({ 3: bytes })),
      fc.integer({ min: 1, max: 4 }).map((events) => ({ 4: events })),
      fc.integer({ min: 1, max: 200 }).map((bytes) => ({ 5: bytes })),
      fc.integer({ min: 1, max: 5 }).map((records) => ({ 6: records })),
      fc.integer({ min: 1, max: 3 }).map((cursors) => ({ 7: cursors })),
      fc.integer({ min: 1, max: 3 }).map((sources) => ({ 8: sources })),
    ),
  },
);

/** Commands that fill the state: three records of each kind, where its values allow. */
export function seedCommands(kinds: number): readonly CommandSpec[] {
  const plain = { mode: 0, values: [], source: null, timeStep: 1 };
  return Array.from({ length: kinds * 3 }, (_, at) => {
    const fill = new Array(30).fill(Math.floor(at / kinds));
    return { ...plain, program: [{ op: "create", kind: at % kinds, values: fill }] };
  });
}

/** Turns specs into commands; keeps the seq of each stream. */
export class CommandMaker {
  private readonly feed: MessageModel;
  private readonly seqs = new Map<string, bigint>();
  private timeNs: bigint;

  constructor(feed: MessageModel, timeNs: bigint) {
    this.feed = feed;
    this.timeNs = timeNs;
  }

  make(spec: CommandSpec): ModelCommand {
    this.timeNs += BigInt(spec.timeStep);
    if (this.timeNs < 0n) this.timeNs = 0n;
    const base = { timeNs: this.timeNs, source: this.sourceOf(spec) };
    if (spec.program !== null)
      return { ...base, name: "Run", payload: { program: JSON.stringify(spec.program) } };
    const fields = this.feed.fields.map(
      (field, at) => [field.name, selectValid(field, spec.values[at] ?? at)] as const,
    );
    return { ...base, name: "Feed", payload: { ...Object.fromEntries(fields), mode: spec.mode } };
  }

  /** The command was admitted. */
  admitted({ source: used }: ModelCommand): void {
    if (used !== undefined) this.seqs.set(`${used.client}/${used.stream}`, used.seq);
  }

  private sourceOf({ source: given }: CommandSpec): ModelSource | undefined {
    if (given === null) return undefined;
    const last = this.seqs.get(`${given.client}/${given.stream}`) ?? 0n;
    const seq = last + BigInt(given.step);
    return { client: BigInt(given.client), stream: given.stream, seq: seq < 0n ? 0n : seq };
  }
}
