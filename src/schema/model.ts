/**
 * The model: a checked schema as plain, normalised data.
 *
 * Responsible for: its shape, and the facts about a field that follow from its type (code, width, range).
 * Not responsible for: making one from definitions (validate.ts) or bytes (descriptor.ts); both go through
 * `fieldModel` and `enumerationModel`, so two equal schemas have deeply equal models.
 *
 * Invariants: I1 fields, kinds, messages, rejects and invariants are sorted by number, unique keys, indexes and
 * enumerations by name in code-unit order; I2 positions (kind, field, path) count from 0 in that order; I3 texts and
 * comments are not in it.
 */
import {
  DECIMAL_NARROW_MAX,
  TYPE_BOOL,
  TYPE_BYTES,
  TYPE_DECIMAL64,
  TYPE_DECIMAL128,
  TYPE_ENUM8,
  TYPE_ENUM16,
  TYPE_I8,
  TYPE_I16,
  TYPE_I32,
  TYPE_I64,
  TYPE_I128,
  TYPE_REF,
  TYPE_TEXT,
  TYPE_TIMESTAMP,
  TYPE_U8,
  TYPE_U16,
  TYPE_U32,
  TYPE_U64,
  TYPE_U128,
} from "../../assembly/abi.ts";
import type { FieldTypeName } from "./fields.ts";

/** An enumeration, with its names and values both ways. */
export interface EnumerationModel {
  readonly name: string;
  /** Sorted by value. */
  readonly entries: readonly { readonly name: string; readonly value: number }[];
  readonly valueOf: ReadonlyMap<string, number>;
  readonly nameOf: ReadonlyMap<number, string>;
}

/** A field of a record, command, event or reject detail. */
export interface FieldModel {
  readonly name: string;
  readonly number: number;
  readonly type: FieldTypeName;
  /** `TYPE_...` of the ABI. */
  readonly code: number;
  /** Encoded bytes of one value; of text and bytes `2 + maxBytes`, its upper bound. */
  readonly width: number;
  readonly nullable: boolean;
  readonly immutable: boolean;
  readonly repeated: boolean;
  /** 0 unless repeated. */
  readonly maxItems: number;
  /** Of a decimal, else 0. */
  readonly precision: number;
  /** Of a decimal, else 0. */
  readonly scale: number;
  /** Of text and bytes, else 0. */
  readonly maxBytes: number;
  readonly enumeration: EnumerationModel | null;
  /** Number of the kind that a ref points to, else 0. */
  readonly targetKind: number;
  /** Payload check: least value. */
  readonly min: bigint | null;
  /** Payload check: greatest value. */
  readonly max: bigint | null;
  /** Payload check of text and bytes. */
  readonly notEmpty: boolean;
}

/** One step of a unique key or canonical index. */
export interface SegmentModel {
  /** Position of the field in its kind. */
  readonly field: number;
  readonly descending: boolean;
  /** The direction holds where the field at this position has this value (enum value, bool 0 or 1), else the opposite. */
  readonly when: { readonly field: number; readonly value: number } | null;
}

/** A condition of a partial index: the field at this position has one of these values, sorted. */
export interface WhereModel {
  readonly field: number;
  readonly values: readonly number[];
}

/** A unique key or canonical index. Of a unique key all segments ascend and `where` is empty. */
export interface PathModel {
  readonly name: string;
  readonly segments: readonly SegmentModel[];
  /** Sorted by field. */
  readonly where: readonly WhereModel[];
}

/** A record kind. */
export interface KindModel {
  readonly name: string;
  readonly number: number;
  readonly fields: readonly FieldModel[];
  readonly unique: readonly PathModel[];
  readonly indexes: readonly PathModel[];
}

/** A command, event or reject code with its detail fields. */
export interface MessageModel {
  readonly name: string;
  readonly number: number;
  readonly fields: readonly FieldModel[];
}

/** One comparison of an invariant: with another field, or with a constant. */
export interface ComparisonModel {
  /** Position of the field. */
  readonly field: number;
  /** `OPERATOR_...` of the ABI. */
  readonly operator: number;
  /** Position of the other field. */
  readonly other: number | null;
  /** Constant: integer, mantissa, enum value, bool 0 or 1. */
  readonly value: bigint | null;
}

/** One term of a conserved sum. */
export interface TermModel {
  /** Position of the kind. */
  readonly kind: number;
  /** Position of the summed field. */
  readonly field: number;
  /** Positions of the grouping fields, paired with those of the other terms by place. */
  readonly by: readonly number[];
}

/** An invariant: comparisons (sorted by field, then operator) or a conserved sum (terms sorted by kind, field, by). */
export type InvariantModel =
  | {
      readonly form: "comparisons";
      readonly name: string;
      readonly number: number;
      /** Position of the kind. */
      readonly kind: number;
      readonly comparisons: readonly ComparisonModel[];
    }
  | {
      readonly form: "sum";
      readonly name: string;
      readonly number: number;
      readonly terms: readonly TermModel[];
    };

/** A whole schema. */
export interface SchemaModel {
  readonly name: string;
  /** Those that fields use. */
  readonly enumerations: readonly EnumerationModel[];
  readonly kinds: readonly KindModel[];
  readonly commands: readonly MessageModel[];
  readonly events: readonly MessageModel[];
  readonly rejects: readonly MessageModel[];
  readonly invariants: readonly InvariantModel[];
}

// ---- what follows from a type ----------------------------------------------------------------------------

/** Code and encoded width of the types that have one of each. */
const PLAIN_TYPES: Readonly<Partial<Record<FieldTypeName, readonly [code: number, width: number]>>> = {
  bool: [TYPE_BOOL, 1],
  u8: [TYPE_U8, 1],
  u16: [TYPE_U16, 2],
  u32: [TYPE_U32, 4],
  u64: [TYPE_U64, 8],
  u128: [TYPE_U128, 16],
  i8: [TYPE_I8, 1],
  i16: [TYPE_I16, 2],
  i32: [TYPE_I32, 4],
  i64: [TYPE_I64, 8],
  i128: [TYPE_I128, 16],
  timestamp: [TYPE_TIMESTAMP, 8],
  ref: [TYPE_REF, 8],
};

/** Least and greatest value of the integer types. */
export const INTEGER_RANGES: Readonly<Partial<Record<FieldTypeName, readonly [min: bigint, max: bigint]>>> = {
  u8: [0n, 0xffn],
  u16: [0n, 0xffffn],
  u32: [0n, 0xffff_ffffn],
  u64: [0n, (1n << 64n) - 1n],
  u128: [0n, (1n << 128n) - 1n],
  i8: [-0x80n, 0x7fn],
  i16: [-0x8000n, 0x7fffn],
  i32: [-0x8000_0000n, 0x7fff_ffffn],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  i128: [-(1n << 127n), (1n << 127n) - 1n],
  timestamp: [0n, (1n << 64n) - 1n],
};

/** Whether TypeScript holds values of this type as `number`; all other numeric types are `bigint`. */
export function isNumberType(type: FieldTypeName): boolean {
  return ["u8", "u16", "u32", "i8", "i16", "i32"].includes(type);
}

/** Least and greatest value of a field: integers, timestamps and mantissas; nothing for all others. */
export function rangeOf(
  field: Pick<FieldModel, "type" | "precision">,
): readonly [min: bigint, max: bigint] | null {
  if (field.type === "decimal") {
    const limit = 10n ** BigInt(field.precision) - 1n;
    return [-limit, limit];
  }
  return INTEGER_RANGES[field.type] ?? null;
}

/** What a field is declared with; the rest of its model follows. */
export type FieldFacts = Pick<FieldModel, "name" | "number" | "type"> & Partial<FieldModel>;

/** The model of a field whose facts are checked. */
export function fieldModel(facts: FieldFacts): FieldModel {
  const [code, width] = codeAndWidth(facts);
  return {
    name: facts.name,
    number: facts.number,
    type: facts.type,
    code,
    width,
    nullable: facts.nullable ?? false,
    immutable: facts.immutable ?? false,
    repeated: facts.repeated ?? false,
    maxItems: facts.maxItems ?? 0,
    precision: facts.precision ?? 0,
    scale: facts.scale ?? 0,
    maxBytes: facts.maxBytes ?? 0,
    enumeration: facts.enumeration ?? null,
    targetKind: facts.targetKind ?? 0,
    min: facts.min ?? null,
    max: facts.max ?? null,
    notEmpty: facts.notEmpty ?? false,
  };
}

function codeAndWidth(facts: FieldFacts): readonly [code: number, width: number] {
  const plain = PLAIN_TYPES[facts.type];
  if (plain !== undefined) return plain;
  if (facts.type === "text") return [TYPE_TEXT, 2 + (facts.maxBytes ?? 0)];
  if (facts.type === "bytes") return [TYPE_BYTES, 2 + (facts.maxBytes ?? 0)];
  if (facts.type === "decimal") {
    return (facts.precision ?? 0) <= DECIMAL_NARROW_MAX ? [TYPE_DECIMAL64, 8] : [TYPE_DECIMAL128, 16];
  }
  const narrow = facts.enumeration?.entries.every((entry) => entry.value < 256) ?? true;
  return narrow ? [TYPE_ENUM8, 1] : [TYPE_ENUM16, 2];
}

/** The model of an enumeration whose names and values are checked. */
export function enumerationModel(
  name: string,
  values: Iterable<readonly [string, number]>,
): EnumerationModel {
  const entries = [...values]
    .map(([entry, value]) => ({ name: entry, value }))
    .sort((a, b) => a.value - b.value);
  return {
    name,
    entries,
    valueOf: new Map(entries.map((entry) => [entry.name, entry.value])),
    nameOf: new Map(entries.map((entry) => [entry.value, entry.name])),
  };
}

/** Code-unit order of names. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Order of numbers. */
export function byNumber(a: { readonly number: number }, b: { readonly number: number }): number {
  return a.number - b.number;
}
