/**
 * Decoded frames in the words of the model.
 *
 * Responsible for: the types of decoded frames and commands, and turning what the decoder shows by name back into the numbers that frames hold.
 * Not responsible for: what frames should say (model.ts).
 */
import { type FrameDecoder, type FrameDelta, frameDecoder } from "../../src/history/frame.ts";
import { modelOf, type Schema } from "../../src/schema/define-schema.ts";
import type { SchemaModel } from "../../src/schema/model.ts";
import type { Values } from "./values.ts";

export interface ModelSource {
  readonly client: bigint;
  readonly stream: number;
  readonly seq: bigint;
}
export interface ModelEvent {
  readonly number: number;
  readonly values: Values;
}
export interface ModelDelta {
  readonly op: "insert" | "update" | "delete";
  readonly kind: number;
  readonly sysId: bigint;
  readonly revision: number;
  readonly previous: bigint;
  /** All fields of a deleted record, the changed ones of an updated record, null of an inserted one. */
  readonly before: Values | null;
  readonly after: Values | null;
}
export interface ModelFrame {
  readonly seq: bigint;
  readonly timeNs: bigint;
  readonly epoch: number;
  readonly kind: number;
  readonly outcome: "committed" | "rejected" | "faulted";
  readonly code: number;
  readonly detail: Values;
  readonly source: ModelSource | undefined;
  readonly previous: bigint;
  readonly sysIdsUsed: number;
  readonly payload: Values;
  readonly deltas: readonly ModelDelta[];
  readonly events: readonly ModelEvent[];
}
export type ModelAnswer =
  | { readonly frame: ModelFrame; readonly work: number }
  | { readonly refused: "DUPLICATE"; readonly last: bigint }
  | { readonly refused: "GAP"; readonly expected: bigint }
  | { readonly refused: "SOURCES_FULL" };
export interface ModelCommand {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly timeNs: bigint;
  readonly source?: ModelSource | undefined;
}
const LIMIT_NAMES =
  "work payloadBytes frameBytes events eventBytes touchedRecords cursors sources stateMiB".split(" ");
const REASONS = "BAD_REFERENCE DELETED_RECORD STALE_HANDLE BAD_VALUE IMMUTABLE_FIELD BAD_ARGUMENT".split(" ");

/** Decoders by schema: making one costs more than reading a frame. */
const decoders = new WeakMap<Schema, FrameDecoder>();

function decoderFor(schema: Schema): FrameDecoder {
  const known = decoders.get(schema) ?? frameDecoder(modelOf(schema));
  decoders.set(schema, known);
  return known;
}

/** A frame body in the words of the model. */
export function modelFrameOf(body: Uint8Array, schema: Schema): ModelFrame {
  const model = modelOf(schema);
  const frame = decoderFor(schema).decode(body);
  const { seq, timeNs, epoch } = frame;
  const plain = { seq, timeNs, epoch, code: 0, detail: {}, source: undefined, previous: 0n, sysIdsUsed: 0 };
  const own = { ...plain, outcome: "committed" as const, deltas: [], events: [] };
  if (frame.type === "epoch") {
    const { program, semantics } = frame;
    const revision = program.lane === "open" ? Number(program.revision) : -1;
    const limits = LIMIT_NAMES.map((name) => (frame.limits as Record<string, number>)[name]!);
    return {
      ...own,
      kind: 0xf000,
      payload: { lane: program.lane === "open" ? 1 : 2, semantics, revision, limits },
    };
  }
  if (frame.type === "retire") {
    return { ...own, kind: 0xf002, payload: { client: frame.client, stream: frame.stream } };
  }
  if (frame.type === "checkpoint") throw new Error("this release writes no checkpoint frames");
  const { source } = frame;
  return {
    ...own,
    kind: frame.number,
    outcome: frame.outcome,
    code: frame.codeNumber,
    detail: detailOf(frame.codeNumber, (frame.detail ?? {}) as Values, model, frame.command),
    source: source === null ? undefined : { client: source.client, stream: source.stream, seq: source.seq },
    previous: source?.previous ?? 0n,
    sysIdsUsed: frame.sysIds,
    payload: frame.payload as Values,
    deltas: frame.deltas.map((delta) => deltaOf(delta, model)),
    events: frame.events.map(({ name, values }) => {
      return { number: model.events.find((event) => event.name === name)!.number, values: values as Values };
    }),
  };
}

function deltaOf(delta: FrameDelta, model: SchemaModel): ModelDelta {
  const { op, sysId, revision, previous } = delta;
  const kind = model.kinds.find(({ name }) => name === delta.kind)!.number;
  const before = op === "insert" ? null : (delta.before as Values);
  return {
    op,
    kind,
    sysId,
    revision,
    previous,
    before,
    after: op === "delete" ? null : (delta.after as Values),
  };
}

/** Framework details with the numbers that the decoder has given names. */
function detailOf(code: number, detail: Values, model: SchemaModel, command: string): Values {
  if (code < 60000) return detail;
  if (code === 60000) {
    const { fields } = model.commands.find(({ name }) => name === command)!;
    return { field: fields.find(({ name }) => name === detail.field)!.number };
  }
  if (code === 60001) {
    const [kindName, path] = (detail.uk as string).split(".");
    const kind = model.kinds.find(({ name }) => name === kindName)!;
    return { kind: kind.number, position: kind.unique.findIndex(({ name }) => name === path) };
  }
  const named = (list: readonly { name: string; number: number }[], name: unknown) =>
    list.find((one) => one.name === name)!.number;
  const [value] = Object.values(detail);
  if (code === 60004) return { n: LIMIT_NAMES.indexOf(value as string) + 1 };
  if (code === 60006) return { n: named(model.invariants, value) };
  if (code === 60007) return { n: named(model.kinds, value) };
  if (code === 60008) return { n: REASONS.indexOf(value as string) + 1 };
  return { n: (value as number | undefined) ?? 0 };
}
