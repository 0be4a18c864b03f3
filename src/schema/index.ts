/**
 * `statevec/schema`: the DSL that declares records, commands, events, reject codes and invariants.
 *
 * Responsible for: the public surface of this folder. What the engine takes from it (model, layout, descriptor, core
 * table, codec) is imported from the files themselves.
 */
export { SchemaError, type SchemaMistake } from "../errors.ts";
export {
  defineSchema,
  type Infer,
  type Part,
  type Schema,
  type SchemaParts,
} from "./define-schema.ts";
export {
  type Access,
  type Bounds,
  type BytesSize,
  bool,
  bytes,
  type Decimal,
  decimal,
  type Enumeration,
  enumeration,
  enumOf,
  type Field,
  type Fields,
  i8,
  i16,
  i32,
  i64,
  i128,
  type MessageFields,
  type Presence,
  type RepeatedField,
  ref,
  repeated,
  type SysId,
  text,
  timestamp,
  u8,
  u16,
  u32,
  u64,
  u128,
} from "./fields.ts";
export { type Comparisons, conserve, type InvariantCode, invariant, type SumTerm } from "./invariants.ts";
export {
  type CommandKind,
  command,
  type EventKind,
  event,
  type Message,
  type RejectCode,
  reject,
} from "./messages.ts";
export {
  type AnyRecord,
  type CanonicalIndex,
  type Condition,
  type IndexSpec,
  type Lookup,
  type Membership,
  type RecordHeader,
  type RecordKind,
  type RecordView,
  record,
  type Segment,
  type Takes,
  type UniqueKey,
} from "./records.ts";
