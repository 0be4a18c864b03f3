/**
 * A domain for the engine's own rules: a handler that each test writes itself, and a history that a test can hold or fail.
 *
 * Not responsible for: any expectation.
 */
import {
  type Clock,
  type Diagnostic,
  defineDomain,
  type Engine,
  type History,
  type Limits,
  memoryHistory,
  type OpenOptions,
  open,
  type Tx,
} from "statevec";
import {
  command,
  defineSchema,
  event,
  type Infer,
  record,
  ref,
  reject,
  repeated,
  type Schema,
  text,
  u8,
  u32,
  u64,
} from "statevec/schema";
import type { Executor } from "../../src/engine/executor.ts";
import type { ClaimedHistory, FrameBatch } from "../../src/history/history.ts";

export const Item = record(
  "Item",
  1,
  {
    id: u64(1).immutable(),
    value: u64(2),
    note: text(3, { maxBytes: 64 }).nullable(),
    small: u8(4),
  },
  { unique: { byId: ["id"] }, indexes: { byValue: ["value"], bySmall: ["small", { desc: "value" }] } },
);
export const Tag = record("Tag", 2, { item: ref(1, Item), word: text(2, { maxBytes: 8 }).immutable() });

const Put = command("Put", 1, { id: u64(1), value: u64(2) });
const Do = command("Do", 2, {
  n: u64(1, { max: 1000n }),
  words: repeated(text(2, { maxBytes: 4_000 }), { maxItems: 15 }),
});
const Other = command("Other", 3, {
  n: u64(1),
  words: repeated(u8(2), { maxItems: 4 }),
  why: u32(3).nullable(),
});

/** Its payloads have the bytes of those of `Put`. */
const Twin = command("Twin", 4, { id: u64(1), value: u64(2) });

export const Done = event("Done", 1, { n: u64(1), small: u8(2), note: text(3, { maxBytes: 8 }).nullable() });
export const Reject = {
  NO: reject(1, "Always.", { n: u64(1), small: u8(2) }),
  NEVER: reject(2, "Without detail."),
};

export const schema = defineSchema("lab", {
  records: { Item, Tag },
  commands: { Put, Do, Other, Twin },
  events: { Done },
  rejects: Reject,
});
export type Lab = typeof schema extends Schema<infer Parts> ? Parts : never;
export type DoCommand = Infer<typeof Do>;

/** What the handler of `Do` does; anything it returns reaches the engine as it is. */
export type Deed = (tx: Tx, command: DoCommand) => unknown;

export interface LabOptions {
  readonly revision?: number;
  readonly limits?: Limits;
}

export function makeLab(deed: Deed = () => {}, { revision = 1, limits = {} }: LabOptions = {}) {
  return defineDomain(schema, {
    revision,
    limits,
    handlers: {
      Put(tx, { id, value }) {
        const item = tx.find(Item.byId, id);
        if (item) tx.update(item, { value });
        else tx.create(Item, { id, value, small: 1 });
      },
      Do: (tx, cmd) => deed(tx, cmd) as undefined,
      Twin() {},
      Other: (tx, { n }) => tx.emit(Done, { n, small: 1 }),
    },
  });
}

export const fixedClock: Clock = { nowNs: () => 1_000n };
export const HISTORY_ID = "00".repeat(16);

export type LabEngine = Engine<Lab>;
export type LabOpenOptions = LabOptions & Partial<Omit<OpenOptions<Lab>, "domain">>;

/** An engine over a history of its own, or the one named. */
export async function openLab(deed?: Deed, options: LabOpenOptions = {}): Promise<LabEngine> {
  const { revision, limits, ...rest } = options;
  const parts = {
    ...(revision === undefined ? {} : { revision }),
    ...(limits === undefined ? {} : { limits }),
  };
  return open({
    domain: makeLab(deed, parts),
    history: memoryHistory(),
    clock: fixedClock,
    historyId: HISTORY_ID,
    ...rest,
  });
}

export const put = (id: bigint, value: bigint) => ({ name: "Put", payload: { id, value } }) as const;
/** A payload of `Do` of about 40 kB. */
export const largeDeed = () => ({ n: 1n, words: Array.from({ length: 10 }, () => "x".repeat(4_000)) });
export const deed = (n = 1n) => ({ n, words: [] as string[] });

/** The executor of an engine, to break what tests can not reach from outside. */
export function executorOf(engine: LabEngine): Executor {
  return (engine as unknown as { readonly executor: Executor }).executor;
}

/** Replaces an export of an engine's core; gives it back. */
export function injectCore(
  engine: LabEngine,
  name: string,
  replacement: (...parameters: never[]) => unknown,
) {
  const { core } = executorOf(engine);
  const original = core.exports;
  const target = core as unknown as { exports: unknown };
  target.exports = { ...original, [name]: replacement };
  return () => {
    target.exports = original;
  };
}

/** A trap as WebAssembly throws it. */
export function trap(): Error {
  const { RuntimeError } = (
    globalThis as unknown as { WebAssembly: { RuntimeError: new (text: string) => Error } }
  ).WebAssembly;
  return new RuntimeError("unreachable");
}

export interface Diagnosed {
  readonly list: Diagnostic[];
  readonly onDiagnostic: (diagnostic: Diagnostic) => void;
}

export function diagnosed(): Diagnosed {
  const list: Diagnostic[] = [];
  return { list, onDiagnostic: (one) => list.push(one) };
}

/** Lets everything run that waits for nothing outside. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Whether a promise has settled by now. */
export async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await turn();
  return settled;
}

/**
 * A memory history that can be held and failed: `hold` keeps appends from resolving until `release`; `failNext` makes
 * the next append reject, with its frames kept or lost.
 */
export class TestHistory implements History {
  readonly name = "test";
  /** Sizes of the batches that arrived. */
  readonly batches: number[] = [];
  /** Batches handed to readers. */
  readCount = 0;
  private readonly inner = memoryHistory();
  private held: Promise<void> | undefined;
  private open: (() => void) | undefined;
  private failure: { readonly keeps: boolean; readonly error: unknown } | undefined;

  hold(): void {
    this.held = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  release(): void {
    this.open?.();
    this.held = undefined;
  }

  failNext(keeps: boolean, error: unknown = new Error("the disk is gone")): void {
    this.failure = { keeps, error };
  }

  async *read(options?: Parameters<History["read"]>[0]): AsyncGenerator<FrameBatch> {
    for await (const batch of this.inner.read(options)) {
      this.readCount++;
      yield batch;
    }
  }

  module(sha256: string): ReturnType<History["module"]> {
    return this.inner.module(sha256);
  }

  inspect(): ReturnType<History["inspect"]> {
    return this.inner.inspect();
  }

  async claim(options: Parameters<History["claim"]>[0]): Promise<ClaimedHistory> {
    const claimed = await this.inner.claim(options);
    const append = (batch: FrameBatch) => this.append(claimed, batch);
    return {
      historyId: claimed.historyId,
      term: claimed.term,
      tear: claimed.tear,
      get frontier() {
        return claimed.frontier;
      },
      keepModule: (sha256, bytes) => claimed.keepModule(sha256, bytes),
      append,
      read: (range) => this.read({ ...range, to: range?.to ?? claimed.frontier.seq }),
      close: () => claimed.close(),
    };
  }

  private async append(claimed: ClaimedHistory, batch: FrameBatch): Promise<void> {
    this.batches.push(batch.count);
    await this.held;
    const { failure } = this;
    this.failure = undefined;
    if (failure === undefined || failure.keeps) await claimed.append(batch);
    if (failure !== undefined) throw failure.error;
  }
}
