/**
 * Fields: the first argument is always the field number, every other argument is named.
 *
 * Responsible for: the field functions of the DSL, their types, and the spec each leaves for `defineSchema`.
 * Not responsible for: checking numbers, sizes and bounds (validate-fields.ts) or bytes (codec.ts, layout.ts).
 *
 * Invariant: I1 no function here throws, whatever it is given.
 */
import { define, type Spec, specOf } from "./definition.ts";
import type { BRAND, VALUE } from "./phantom.ts";

// ---- values ----------------------------------------------------------------------------------------------

/** Identity that the engine gives a record: never reused, never built by hand. `Name` keeps kinds apart. */
export type SysId<Name extends string = string> = bigint & { readonly [BRAND]: Name };

/** Exact decimal held as an integer mantissa. Only values of one scale assign to each other. */
export type Decimal<Scale extends number> = bigint & { readonly [BRAND]: Scale };

// ---- types -----------------------------------------------------------------------------------------------

export type Access = "mutable" | "immutable";
export type Presence = "required" | "optional";

/** A field of a record, command, event or reject detail. Its number is stable and never reused. */
export interface Field<Value, A extends Access = "mutable", P extends Presence = "required"> {
  readonly number: number;
  readonly type: string;
  readonly access: A;
  readonly presence: P;
  readonly [VALUE]: Value;
  /** Written by `tx.create` only. Every field of a unique key is immutable. */
  immutable(): Field<Value, "immutable", P>;
  /** May be absent: reads as `null`, may be left out on creation, sorts before every value. */
  nullable(): Field<Value | null, A, "optional">;
}

/** A bounded list of one scalar type. Allowed in commands and events. */
export interface RepeatedField<Value> {
  readonly number: number;
  readonly maxItems: number;
  readonly [VALUE]: readonly Value[];
}

export type Fields = Readonly<Record<string, Field<any, Access, Presence>>>;
export type MessageFields = Readonly<Record<string, Field<any, Access, Presence> | RepeatedField<any>>>;

/** A payload check of a command field; broken, the command is rejected with `PAYLOAD_CHECK`. */
export interface Bounds<V> {
  readonly min?: V;
  readonly max?: V;
}

/** Size of a text or bytes field, and its payload check. */
export interface BytesSize {
  /** 1..4096, of the UTF-8 form for texts. */
  readonly maxBytes: number;
  /** Payload check of a command field: an empty value is rejected with `PAYLOAD_CHECK`. */
  readonly notEmpty?: boolean;
}

// ---- the spec --------------------------------------------------------------------------------------------

/** The words of the DSL for field types, as `Field.type` and the model carry them. */
export type FieldTypeName =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "u128"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "i128"
  | "decimal"
  | "timestamp"
  | "enum"
  | "text"
  | "bytes"
  | "ref";

/** What a field was declared with, unchecked: at run time any member may be anything. */
export interface FieldSpec extends Spec {
  readonly role: "field";
  readonly number: unknown;
  readonly type: FieldTypeName;
  readonly immutable: boolean;
  readonly nullable: boolean;
  readonly min?: unknown;
  readonly max?: unknown;
  readonly precision?: unknown;
  readonly scale?: unknown;
  readonly maxBytes?: unknown;
  readonly notEmpty?: unknown;
  readonly enumeration?: unknown;
  /** Name of the record that a ref points to. */
  readonly target?: unknown;
}

export interface RepeatedSpec extends Spec {
  readonly role: "repeated";
  readonly number: unknown;
  readonly element: FieldSpec | undefined;
  readonly maxItems: unknown;
}

/** @returns the spec of a field, repeated or not; nothing for any other value */
export function fieldSpecOf(value: unknown): FieldSpec | RepeatedSpec | undefined {
  return specOf<FieldSpec>(value, "field") ?? specOf<RepeatedSpec>(value, "repeated");
}

function make<V>(spec: FieldSpec): Field<V> {
  const field = {
    number: spec.number,
    type: spec.type,
    access: spec.immutable ? "immutable" : "mutable",
    presence: spec.nullable ? "optional" : "required",
    immutable: () => make({ ...spec, immutable: true }),
    nullable: () => make({ ...spec, nullable: true }),
  };
  return define(field, spec) as unknown as Field<V>;
}

function scalar<V>(type: FieldTypeName, number: unknown, rest: object = {}): Field<V> {
  return make<V>({ role: "field", number, type, immutable: false, nullable: false, ...rest });
}

function bounded<V>(type: FieldTypeName, number: number, check: Bounds<V> | undefined): Field<V> {
  return scalar<V>(type, number, { min: check?.min, max: check?.max });
}

// ---- the functions ---------------------------------------------------------------------------------------

/** `true` or `false`. */
export function bool(number: number): Field<boolean> {
  return scalar("bool", number);
}
/** 0..255, a `number`. @param check payload check, in commands only */
export function u8(number: number, check?: Bounds<number>): Field<number> {
  return bounded("u8", number, check);
}
/** 0..65535, a `number`. @param check payload check, in commands only */
export function u16(number: number, check?: Bounds<number>): Field<number> {
  return bounded("u16", number, check);
}
/** 0..2^32-1, a `number`. @param check payload check, in commands only */
export function u32(number: number, check?: Bounds<number>): Field<number> {
  return bounded("u32", number, check);
}
/** 0..2^64-1, a `bigint`. @param check payload check, in commands only */
export function u64(number: number, check?: Bounds<bigint>): Field<bigint> {
  return bounded("u64", number, check);
}
/** 0..2^128-1, a `bigint`. @param check payload check, in commands only */
export function u128(number: number, check?: Bounds<bigint>): Field<bigint> {
  return bounded("u128", number, check);
}
/** -128..127, a `number`. @param check payload check, in commands only */
export function i8(number: number, check?: Bounds<number>): Field<number> {
  return bounded("i8", number, check);
}
/** -32768..32767, a `number`. @param check payload check, in commands only */
export function i16(number: number, check?: Bounds<number>): Field<number> {
  return bounded("i16", number, check);
}
/** -2^31..2^31-1, a `number`. @param check payload check, in commands only */
export function i32(number: number, check?: Bounds<number>): Field<number> {
  return bounded("i32", number, check);
}
/** -2^63..2^63-1, a `bigint`. @param check payload check, in commands only */
export function i64(number: number, check?: Bounds<bigint>): Field<bigint> {
  return bounded("i64", number, check);
}
/** -2^127..2^127-1, a `bigint`. @param check payload check, in commands only */
export function i128(number: number, check?: Bounds<bigint>): Field<bigint> {
  return bounded("i128", number, check);
}
/** Nanoseconds since the Unix epoch, 0..2^64-1, a `bigint`. @param check payload check, in commands only */
export function timestamp(number: number, check?: Bounds<bigint>): Field<bigint> {
  return bounded("timestamp", number, check);
}

/**
 * An exact decimal. Its value is the mantissa, a `bigint`: 12.34 of scale 2 is `1234n`.
 * @param size.precision digits of the mantissa, 1..38; up to 18 take 8 bytes, more take 16
 * @param size.scale digits behind the point, 0..precision
 */
export function decimal<const S extends number>(
  number: number,
  size: { readonly precision: number; readonly scale: S },
): Field<Decimal<S>> {
  return scalar("decimal", number, { precision: size?.precision, scale: size?.scale });
}

/** Valid UTF-8 of at most `size.maxBytes` bytes; a string with a lone surrogate is refused. */
export function text(number: number, size: BytesSize): Field<string> {
  return scalar("text", number, { maxBytes: size?.maxBytes, notEmpty: size?.notEmpty });
}

/** At most `size.maxBytes` bytes. */
export function bytes(number: number, size: BytesSize): Field<Uint8Array> {
  return scalar("bytes", number, { maxBytes: size?.maxBytes, notEmpty: size?.notEmpty });
}

/** One of the names of an enumeration. */
export function enumOf<Name extends string>(number: number, type: Enumeration<Name>): Field<Name> {
  return scalar("enum", number, { enumeration: type });
}

/** The SysId of a record. Takes the record, or its name where the record is declared later. */
export function ref<N extends string>(number: number, target: N | { readonly name: N }): Field<SysId<N>> {
  return scalar("ref", number, { target: typeof target === "object" ? target?.name : target });
}

/** A list of at most `size.maxItems` (1..4096) values of one required field type; its number is that of `field`. */
export function repeated<V>(
  field: Field<V, Access, "required">,
  size: { readonly maxItems: number },
): RepeatedField<V> {
  const element = specOf<FieldSpec>(field, "field");
  const spec: RepeatedSpec = { role: "repeated", number: element?.number, element, maxItems: size?.maxItems };
  return define({ number: spec.number, maxItems: spec.maxItems }, spec) as unknown as RepeatedField<V>;
}

// ---- enumerations ----------------------------------------------------------------------------------------

export interface Enumeration<Name extends string> {
  readonly name: string;
  readonly values: Readonly<Record<Name, number>>;
}

/**
 * Declares named values. Enumerations of one name must agree throughout a schema.
 * @param values explicit, from 1 to 65535: 0 is what protobuf readers see for "absent"
 */
export function enumeration<const Name extends string>(
  name: string,
  values: Readonly<Record<Name, number>>,
): Enumeration<Name> {
  return Object.freeze({ name, values: Object.freeze({ ...values }) });
}
