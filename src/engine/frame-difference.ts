/**
 * Where two frames of one seq differ, in words: the record, event or header field, and both values.
 */
import { decodeFrame, type FrameDelta } from "../history/frame.ts";
import type { SchemaModel } from "../schema/model.ts";

/** The first difference between a recorded frame and the one that replay made. */
export interface FrameDifference {
  readonly seq: bigint;
  /** Name of the command. */
  readonly command: string;
  /** `outcome`, `delta 2`, `event 1`, ...: the part of the frame. */
  readonly part: string;
  /** The record, in a delta entry. */
  readonly record?: { readonly kind: string; readonly sysId: bigint };
  /** The field, in payload, detail, delta or event: `after.remaining`. */
  readonly field?: string;
  /** Both values, as text. */
  readonly recorded: string;
  readonly replayed: string;
}

type Place = Pick<FrameDifference, "part"> & Partial<Pick<FrameDifference, "record" | "field">>;

const ABSENT = "nothing";

function show(value: unknown): string {
  if (value === undefined) return ABSENT;
  if (typeof value === "bigint") return value.toString();
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? inner.toString() : inner)) ?? ABSENT
  );
}

function same(a: unknown, b: unknown): boolean {
  return show(a) === show(b);
}

/** Names in one object or the other, in order. */
function namesOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

type Found = Place & { readonly a: unknown; readonly b: unknown };

function inObject(place: Place, prefix: string, a: unknown, b: unknown): Found | undefined {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return same(a, b) ? undefined : { ...place, ...(prefix === "" ? {} : { field: prefix }), a, b };
  }
  for (const name of namesOf(a, b)) {
    const field = prefix === "" ? name : `${prefix}.${name}`;
    const left = (a as Record<string, unknown>)[name];
    const right = (b as Record<string, unknown>)[name];
    if (!same(left, right)) return { ...place, field, a: left, b: right };
  }
  return undefined;
}

function inDelta(position: number, a: FrameDelta | undefined, b: FrameDelta | undefined): Found | undefined {
  const part = `delta ${position + 1}`;
  const one = a ?? b!;
  const place: Place = { part, record: { kind: one.kind, sysId: one.sysId } };
  if (a === undefined || b === undefined) return { ...place, a: a && describe(a), b: b && describe(b) };
  for (const name of ["kind", "sysId", "op", "revision", "previous"] as const) {
    if (!same(a[name], b[name])) return { ...place, field: name, a: a[name], b: b[name] };
  }
  const before = inObject(place, "before", "before" in a ? a.before : {}, "before" in b ? b.before : {});
  return before ?? inObject(place, "after", "after" in a ? a.after : {}, "after" in b ? b.after : {});
}

function describe(delta: FrameDelta): string {
  return `${delta.op} ${delta.kind} ${delta.sysId}`;
}

/** Finds the first difference. @param recorded, replayed frame bodies of one seq; they are not the same bytes */
export function frameDifference(
  model: SchemaModel,
  recorded: Uint8Array,
  replayed: Uint8Array,
): FrameDifference {
  const a = decodeFrame(recorded, model);
  const b = decodeFrame(replayed, model);
  const name = a.type === "command" ? a.command : a.type;
  const found = first(a, b) ?? { part: "body", a: `${recorded.length} bytes`, b: `${replayed.length} bytes` };
  const { a: left, b: right, ...place } = found;
  return { seq: a.seq, command: name, ...place, recorded: show(left), replayed: show(right) };
}

function first(a: ReturnType<typeof decodeFrame>, b: ReturnType<typeof decodeFrame>): Found | undefined {
  if (a.type !== "command" || b.type !== "command") return inObject({ part: "frame" }, "", a, b);
  for (const part of ["outcome", "code"] as const)
    if (!same(a[part], b[part])) return { part, a: a[part], b: b[part] };
  const detail = inObject({ part: "detail" }, "", a.detail, b.detail);
  if (detail !== undefined) return detail;
  for (let i = 0; i < Math.max(a.deltas.length, b.deltas.length); i++) {
    const found = inDelta(i, a.deltas[i], b.deltas[i]);
    if (found !== undefined) return found;
  }
  for (let i = 0; i < Math.max(a.events.length, b.events.length); i++) {
    const part = `event ${i + 1}`;
    const left = a.events[i];
    const right = b.events[i];
    if (left?.name !== right?.name) return { part, a: left?.name, b: right?.name };
    const found = inObject({ part: `${part} ${left!.name}` }, "", left!.values, right!.values);
    if (found !== undefined) return found;
  }
  return inObject({ part: "header" }, "", { ...a, bytes: 0, digest: 0 }, { ...b, bytes: 0, digest: 0 });
}
