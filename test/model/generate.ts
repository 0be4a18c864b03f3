/**
 * Random schemas: plain specs that fast-check makes and shrinks, and the DSL calls that turn one into a schema.
 *
 * Responsible for: covering every field type, key and index form, event, reject, check and invariant.
 * Not responsible for: programs (generate-program.ts).
 *
 * I1  every spec is a schema without mistakes: numbers choose among what is allowed.
 */
import fc from "fast-check";
import { defineSchema, type Schema } from "../../src/schema/define-schema.ts";
import * as dsl from "../../src/schema/fields.ts";
import { conserve, invariant } from "../../src/schema/invariants.ts";
import { command, event, reject } from "../../src/schema/messages.ts";
import { record } from "../../src/schema/records.ts";
import { TYPES } from "./coverage.ts";
import { pick } from "./pools.ts";

export interface FieldSpec {
  readonly type: string;
  /** Bytes, digits or elements, whatever the type has. */
  readonly size: number;
  readonly nullable: boolean;
  readonly immutable: boolean;
  readonly repeated: boolean;
  readonly checked: boolean;
}
export interface SegmentSpec {
  readonly field: number;
  readonly desc: boolean;
  readonly when: number;
}
export interface KindSpec {
  readonly fields: readonly FieldSpec[];
  readonly unique: readonly (readonly number[])[];
  readonly indexes: readonly { readonly on: readonly SegmentSpec[]; readonly where: number }[];
}
export interface SchemaSpec {
  readonly kinds: readonly KindSpec[];
  readonly events: readonly (readonly FieldSpec[])[];
  readonly rejects: readonly (readonly FieldSpec[])[];
  readonly feed: readonly FieldSpec[];
  readonly comparisons: readonly (readonly [number, number, number])[];
  readonly conserves: boolean;
}

// ---- specs -----------------------------------------------------------------------------------------------

function fieldSpec(): fc.Arbitrary<FieldSpec> {
  return fc.record({
    // Half of the refs of records become nullable, so there are more of them.
    type: fc.constantFrom(...TYPES, "ref"),
    size: fc.nat(30),
    nullable: fc.boolean(),
    immutable: fc.nat(2).map((draw) => draw === 2),
    repeated: fc.boolean(),
    checked: fc.nat(5).map((draw) => draw === 5),
  });
}
const segmentSpec = fc.record({
  field: fc.nat(40),
  desc: fc.boolean(),
  when: fc.constantFrom(0, 0, 0, 1, 2),
});
const kindSpec: fc.Arbitrary<KindSpec> = fc.record({
  fields: fc.array(fieldSpec(), { minLength: 10, maxLength: 20, size: "max" }),
  unique: fc.array(fc.array(fc.nat(40), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
    size: "max",
  }),
  indexes: fc.array(
    fc.record({ on: fc.array(segmentSpec, { minLength: 1, maxLength: 5, size: "max" }), where: fc.nat(5) }),
    { minLength: 2, maxLength: 5, size: "max" },
  ),
});
export const schemaSpec: fc.Arbitrary<SchemaSpec> = fc.record({
  kinds: fc.array(kindSpec, { minLength: 1, maxLength: 3, size: "max" }),
  events: fc.array(fc.array(fieldSpec(), { minLength: 3, maxLength: 14, size: "max" }), {
    minLength: 1,
    maxLength: 2,
  }),
  rejects: fc.array(fc.array(fieldSpec(), { maxLength: 3, size: "max" }), { minLength: 1, maxLength: 3 }),
  feed: fc.array(fieldSpec(), { maxLength: 14, size: "max" }),
  comparisons: fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)), { maxLength: 2 }),
  conserves: fc.nat(9).map((draw) => draw === 9),
});

// ---- from a spec to a schema -----------------------------------------------------------------------------

const SMALL_ENUM = dsl.enumeration("Colour", { Red: 3, Green: 1, Blue: 255 });
const WIDE_ENUM = dsl.enumeration("Country", { Peru: 300, Chad: 2, Oman: 65_535, Fiji: 255 });

interface Named extends FieldSpec {
  readonly name: string;
  readonly number: number;
}
interface NamedKind {
  readonly name: string;
  readonly number: number;
  readonly fields: readonly Named[];
}

function name(fields: readonly FieldSpec[]): Named[] {
  // 67 is prime: numbers are distinct and in another order than the fields.
  return fields.map((field, at) => ({
    ...field,
    name: `${field.type}x${at}`,
    number: ((at * 29 + 11) % 67) + 1,
  }));
}

function bytesOfKey(field: Named): number {
  const wide = ["text", "bytes"].includes(field.type) ? 3 + field.size : 16;
  return wide + (field.nullable ? 1 : 0);
}

function baseField(field: Named, targets: readonly string[], checks: any): any {
  const { type, number, size } = field;
  switch (type) {
    case "decimal64":
      return dsl.decimal(number, { precision: 1 + (size % 18), scale: size % 2 });
    case "decimal128":
      return dsl.decimal(number, { precision: 19 + (size % 20), scale: 2 });
    case "enum8":
      return dsl.enumOf(number, SMALL_ENUM);
    case "enum16":
      return dsl.enumOf(number, WIDE_ENUM);
    case "text":
      return dsl.text(number, { maxBytes: 1 + size, ...(checks && { notEmpty: true }) });
    case "bytes":
      return dsl.bytes(number, { maxBytes: 1 + size, ...(checks && { notEmpty: true }) });
    case "ref":
      return dsl.ref(number, pick(targets, size));
    case "bool":
      return dsl.bool(number);
    default:
      return (dsl as any)[type](number, checks);
  }
}

function recordField(field: Named, kinds: readonly NamedKind[], at: number): any {
  // A required ref points to an earlier kind: else the first record of a kind could never be made.
  const names = kinds.map((kind) => kind.name);
  const targets = field.nullable ? names : names.slice(0, at);
  let made = baseField(field, targets, undefined);
  if (field.immutable) made = made.immutable();
  return field.nullable ? made.nullable() : made;
}

function messageField(
  field: Named,
  kinds: readonly NamedKind[],
  isCommand: boolean,
  mayRepeat: boolean,
): any {
  const isNumber = /^[ui]\d+$|timestamp/.test(field.type);
  const small = /^[ui](8|16|32)$/.test(field.type);
  const bounds = small ? { min: 1, max: 100 } : { min: 1n, max: 100n };
  const isChecked = isCommand && field.checked && (isNumber || ["text", "bytes"].includes(field.type));
  const targets = kinds.map((kind) => kind.name);
  const made = baseField(field, targets, isChecked ? bounds : undefined);
  if (field.repeated && mayRepeat) return dsl.repeated(made, { maxItems: 1 + (field.size % 4) });
  return field.nullable ? made.nullable() : made;
}

function withoutRequiredRefs(fields: readonly FieldSpec[], isFirst: boolean): FieldSpec[] {
  return fields.map((field) => (isFirst && field.type === "ref" ? { ...field, nullable: true } : field));
}

function uniqueOf(kind: KindSpec, fields: readonly Named[]): Record<string, string[]> {
  const able = fields.filter((field) => field.immutable && !field.nullable);
  if (able.length === 0) return {};
  const keys = kind.unique.map((picks, at) => {
    const chosen = [...new Set(picks.map((choice) => pick(able, choice)))];
    return [`by${at}`, fitting(chosen).map((field) => field.name)] as const;
  });
  return Object.fromEntries(keys);
}

/** As many of these fields, from the first on, as fit into a key. */
function fitting<F extends Named>(fields: readonly F[]): F[] {
  let bytes = 0;
  return fields.filter((field) => {
    bytes += bytesOfKey(field);
    return bytes <= 128;
  });
}

function indexesOf(kind: KindSpec, fields: readonly Named[]): Record<string, any> {
  const selectors = fields.filter(
    (field) => ["bool", "enum8", "enum16"].includes(field.type) && !field.nullable,
  );
  const entries = kind.indexes.map(({ on, where }, at) => {
    const wanted = on.map((segment) => ({ ...segment, field: pick(fields, segment.field) }));
    // A conditional segment needs an earlier one to depend on.
    if (wanted.some((segment) => segment.when > 0)) {
      wanted.unshift({ field: pick(selectors, on[0]!.field), desc: on[0]!.desc, when: 0 });
    }
    const distinct = wanted.filter(
      ({ field }, index) => wanted.findIndex((one) => one.field === field) === index,
    );
    const kept = fitting(distinct.map(({ field }) => field));
    const segments = kept.map((field, index) => {
      const { desc, when } = distinct.find((segment) => segment.field === field)!;
      const earlier = kept.slice(0, index).filter((one) => selectors.includes(one));
      const other = when > 0 && earlier.length > 0 ? pick(earlier, when) : undefined;
      const condition = other && { when: { [other.name]: selectorValues(other)[when % 2] } };
      if (other === undefined && !desc) return field.name;
      return { [desc ? "desc" : "asc"]: field.name, ...condition };
    });
    const isPartial = at > 0 && where > 2;
    const chosen = pick(selectors, where);
    const values = selectorValues(chosen).slice(0, 1 + (where % 2));
    return [`index${at}`, isPartial ? { on: segments, where: { [chosen.name]: values } } : segments] as const;
  });
  return Object.fromEntries(entries);
}

function selectorValues(field: Named): unknown[] {
  return field.type === "bool" ? [true, false] : field.type === "enum8" ? ["Red", "Blue"] : ["Peru", "Fiji"];
}

function invariantsOf(spec: SchemaSpec, kinds: readonly NamedKind[], definitions: Record<string, any>): any {
  const invariants: Record<string, any> = {};
  spec.comparisons.forEach(([which, choice, operand], at) => {
    const kind = pick(kinds, which);
    const numeric = kind.fields.filter((field) => /^[ui]\d+$|timestamp|decimal/.test(field.type));
    if (numeric.length === 0) return;
    const field = pick(numeric, choice);
    const twins = numeric.filter(
      (one) => one.type === field.type && one.size === field.size && one !== field,
    );
    const three = /^[ui](8|16|32)$/.test(field.type) ? 3 : 3n;
    const test = twins.length > 0 ? { lte: { field: pick(twins, operand).name } } : { ne: three };
    const holds = pick(
      [test, { ne: three }, field.type.startsWith("decimal") ? test : { lte: maximum(field) }],
      operand,
    );
    invariants[`holds${at}`] = invariant(20 - at, definitions[kind.name], "generated", {
      [field.name]: holds,
    } as any);
  });
  const able = kinds[0]!.fields.find((field) => /^[ui]\d+$/.test(field.type) && !field.nullable);
  if (spec.conserves && able !== undefined) {
    const by = kinds[0]!.fields.filter((field) => !field.nullable && field !== able).slice(0, 1);
    const term = { of: definitions[kinds[0]!.name], field: able.name, by: by.map((field) => field.name) };
    invariants.conserved = conserve(7, "generated", [term]);
  }
  return invariants;
}

function maximum(field: Named): number | bigint {
  if (field.type === "timestamp") return 2n ** 63n;
  const bits = BigInt(field.type.slice(1)) - 1n;
  return bits < 32n ? Number(2n ** bits - 2n) : 2n ** bits - 2n;
}

/** @returns the schema of a spec, with the commands that programHandlers answers */
export function schemaOf(spec: SchemaSpec): Schema {
  const kinds = spec.kinds.map((kind, at): NamedKind & { spec: KindSpec } => {
    const selector: FieldSpec = { type: pick(["bool", "enum8", "enum16"], kind.fields.length), ...SELECTOR };
    const fields = name(withoutRequiredRefs([selector, ...kind.fields], at === 0));
    return { name: `Kind${at}`, number: ((at * 7 + 5) % 11) + 1, fields, spec: kind };
  });
  const records: Record<string, any> = {};
  kinds.forEach(({ name: kindName, number, fields, spec: kind }, at) => {
    const made = fields.map((field) => [field.name, recordField(field, kinds, at)] as const);
    const paths = { unique: uniqueOf(kind, fields), indexes: indexesOf(kind, fields) };
    records[kindName] = record(kindName, number, Object.fromEntries(made), paths as any);
  });
  const message = (specs: readonly FieldSpec[], isCommand: boolean, mayRepeat: boolean) =>
    Object.fromEntries(
      name(specs).map((field) => [field.name, messageField(field, kinds, isCommand, mayRepeat)] as const),
    );
  const events: Record<string, any> = { Seen: event("Seen", 1, { hash: dsl.u32(1) }) };
  spec.events.forEach((fields, at) => {
    events[`Event${at}`] = event(`Event${at}`, 9 - at, message(fields, false, true));
  });
  events.Echo = event("Echo", 40, message(spec.feed, false, true));
  const rejects: Record<string, any> = {};
  spec.rejects.forEach((fields, at) => {
    const detail = { ...message(fields, false, false), seen: dsl.u32(100) };
    rejects[`Refused${at}`] = reject(300 - at, "generated", detail);
  });
  const commands = {
    Run: command("Run", 3, { program: dsl.text(1, { maxBytes: 4096 }) }),
    Feed: command("Feed", 2, { mode: dsl.u8(100, { max: 2 }), ...message(spec.feed, true, true) } as any),
  };
  const invariants = invariantsOf(spec, kinds, records);
  return defineSchema("generated", { records, commands, events, rejects, invariants }) as Schema;
}

const SELECTOR = { size: 0, nullable: false, immutable: false, repeated: false, checked: false };
