/**
 * The reference model's engine state, its canonical order and its logical size.
 *
 * Responsible for: records, source positions, the order of an index, logical size.
 * Not responsible for: what a command may do to them (tx.ts, model.ts).
 *
 * I1  nothing is kept that can be computed: an index is sorted anew whenever it is asked.
 */
import type { KindModel, PathModel, SegmentModel } from "../../src/schema/model.ts";
import type { ModelSource } from "./frames.ts";
import { compareValues, numberOf, signOf, type Value, type Values, widthOf } from "./values.ts";

export interface ModelRecord {
  readonly sysId: bigint;
  readonly kind: KindModel;
  revision: number;
  lastFrame: bigint;
  values: Values;
}
export interface State {
  records: Map<bigint, ModelRecord>;
  nextSysId: bigint;
  lastTimeNs: bigint;
  seq: bigint;
  sources: Map<string, ModelSource & { readonly frame: bigint }>;
}

export function copyRecord(record: ModelRecord): ModelRecord {
  return { ...record, values: { ...record.values } };
}
export function copyState(state: State): State {
  const records = [...state.records.values()].map((record) => [record.sysId, copyRecord(record)] as const);
  return { ...state, records: new Map(records), sources: new Map(state.sources) };
}

/** A place in an index: a record's values, as they are or were, and its SysId. */
export type Place = Pick<ModelRecord, "values" | "sysId">;

export function isInIndex(kind: KindModel, index: PathModel, values: Values): boolean {
  return index.where.every((where) => {
    const field = kind.fields[where.field]!;
    return where.values.includes(Number(numberOf(field, values[field.name]!)));
  });
}

/** Index order of what `values` have in a segment to another value there, in the direction that `values` give. */
export function compareSegment(kind: KindModel, segment: SegmentModel, values: Values, value: Value): number {
  const field = kind.fields[segment.field]!;
  const order = compareValues(field, values[field.name]!, value);
  const other = segment.when === null ? undefined : kind.fields[segment.when.field]!;
  const holds = !other || numberOf(other, values[other.name]!) === BigInt(segment.when!.value);
  return segment.descending === holds ? -order : order;
}

export function comparePlaces(kind: KindModel, index: PathModel, left: Place, right: Place): number {
  for (const segment of index.segments) {
    const { name } = kind.fields[segment.field]!;
    const order = compareSegment(kind, segment, left.values, right.values[name]!);
    if (order !== 0) return order;
  }
  return signOf(left.sysId - right.sysId);
}

/** All records of an index in its order. */
export function entriesOf(state: State, kind: KindModel, index: PathModel): ModelRecord[] {
  return [...state.records.values()]
    .filter((record) => record.kind === kind && isInIndex(kind, index, record.values))
    .sort((left, right) => comparePlaces(kind, index, left, right));
}

/** Logical bytes of all records: what limit 9 is about. */
export function bytesOfState(state: State): number {
  return [...state.records.values()].reduce((sum, { kind, values }) => {
    const fields = kind.fields.reduce((bytes, field) => bytes + widthOf(field), 0);
    const entries = kind.indexes.filter((index) => isInIndex(kind, index, values));
    const keys = entries.flatMap(({ segments }) => segments).map(({ field }) => kind.fields[field]!);
    const keyBytes = keys.reduce((bytes, field) => bytes + widthOf(field) + Number(field.nullable), 0);
    return sum + 64 + fields + 32 * kind.unique.length + 32 * entries.length + 2 * keyBytes;
  }, 0);
}
