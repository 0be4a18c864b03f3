/**
 * Definitions from a model: how a history is read without its domain.
 *
 * Responsible for: turning a model, as a descriptor holds it, back into a schema of ordinary definitions, so that
 * views, lookups and index reads work on it as on a declared one.
 * Not responsible for: texts, which a model does not have: a code gets its name as its text.
 *
 * Invariant: I1 the schema has the model that it was made from, and so the same fingerprint.
 */
import { defineSchema, type Schema } from "./define-schema.ts";
import * as dsl from "./fields.ts";
import { conserve, type InvariantCode, invariant } from "./invariants.ts";
import { command, event, reject } from "./messages.ts";
import {
  type FieldModel,
  type InvariantModel,
  isNumberType,
  type KindModel,
  type MessageModel,
  type PathModel,
  type SchemaModel,
} from "./model.ts";
import { type AnyRecord, record } from "./records.ts";
import { OPERATORS } from "./validate-invariants.ts";

const OPERATOR_WORDS: ReadonlyMap<number, string> = new Map(
  [...OPERATORS].map(([word, number]) => [number, word]),
);

/** The integer functions by type. */
const INTEGERS = {
  u8: dsl.u8,
  u16: dsl.u16,
  u32: dsl.u32,
  u64: dsl.u64,
  u128: dsl.u128,
  i8: dsl.i8,
  i16: dsl.i16,
  i32: dsl.i32,
  i64: dsl.i64,
  i128: dsl.i128,
  timestamp: dsl.timestamp,
} as const;

type AnyField = dsl.Field<any, dsl.Access, dsl.Presence>;

/** Makes a schema of definitions. @throws SchemaError if the model is not one that definitions can have */
export function schemaOfModel(model: SchemaModel): Schema {
  const kindNames = new Map(model.kinds.map((kind) => [kind.number, kind.name]));
  const fields = (owner: { readonly fields: readonly FieldModel[] }) => fieldsOf(owner.fields, kindNames);
  const records = named(model.kinds, (kind) => recordOf(kind, fields(kind) as dsl.Fields));
  return defineSchema(model.name, {
    records,
    commands: named(model.commands, (one) => command(one.name, one.number, fields(one))),
    events: named(model.events, (one) => event(one.name, one.number, fields(one))),
    rejects: named(model.rejects, (one) => reject(one.number, one.name, fields(one) as dsl.Fields)),
    invariants: named(model.invariants, (one) => invariantOf(one, model.kinds, records)),
  });
}

function named<M extends { readonly name: string }, D>(
  models: readonly M[],
  make: (model: M) => D,
): Record<string, D> {
  return Object.fromEntries(models.map((model) => [model.name, make(model)]));
}

function fieldsOf(fields: MessageModel["fields"], kindNames: ReadonlyMap<number, string>): dsl.MessageFields {
  return named(fields, (field) => {
    let made = scalarOf(field, kindNames);
    if (field.immutable) made = made.immutable();
    if (field.nullable) made = made.nullable();
    return field.repeated ? dsl.repeated(made as dsl.Field<unknown>, { maxItems: field.maxItems }) : made;
  });
}

function scalarOf(field: FieldModel, kindNames: ReadonlyMap<number, string>): AnyField {
  const { number, maxBytes, notEmpty } = field;
  switch (field.type) {
    case "bool":
      return dsl.bool(number);
    case "text":
      return dsl.text(number, { maxBytes, notEmpty });
    case "bytes":
      return dsl.bytes(number, { maxBytes, notEmpty });
    case "decimal":
      return dsl.decimal(number, { precision: field.precision, scale: field.scale });
    case "ref":
      return dsl.ref(number, kindNames.get(field.targetKind) ?? "");
    case "enum": {
      const { name, entries } = field.enumeration!;
      return dsl.enumOf(
        number,
        dsl.enumeration(name, Object.fromEntries(entries.map((one) => [one.name, one.value]))),
      );
    }
    default: {
      const bound = (value: bigint) => (isNumberType(field.type) ? Number(value) : value);
      const check = {
        ...(field.min === null ? {} : { min: bound(field.min) }),
        ...(field.max === null ? {} : { max: bound(field.max) }),
      };
      return INTEGERS[field.type](number, check as dsl.Bounds<never>);
    }
  }
}

function recordOf(kind: KindModel, fields: dsl.Fields): AnyRecord {
  const unique = named(kind.unique, (path) =>
    path.segments.map((segment) => kind.fields[segment.field]!.name),
  );
  const indexes = named(kind.indexes, (path) => indexOf(path, kind.fields));
  // What the types of `record` check is checked by `defineSchema` again.
  return record(kind.name, kind.number, fields, { unique, indexes } as never) as AnyRecord;
}

function indexOf(path: PathModel, fields: readonly FieldModel[]): unknown {
  const on = path.segments.map(({ field, descending, when }) => {
    const name = fields[field]!.name;
    if (when === null) return descending ? { desc: name } : name;
    const condition = { [fields[when.field]!.name]: selectedOf(fields[when.field]!, when.value) };
    return descending ? { desc: name, when: condition } : { asc: name, when: condition };
  });
  if (path.where.length === 0) return on;
  const where = path.where.map(({ field, values }) => {
    return [fields[field]!.name, values.map((value) => selectedOf(fields[field]!, value))];
  });
  return { on, where: Object.fromEntries(where) };
}

/** The value of an enum or bool field, as handlers know it. */
function selectedOf(field: FieldModel, value: number): string | boolean | undefined {
  return field.type === "bool" ? value === 1 : field.enumeration?.nameOf.get(value);
}

function invariantOf(
  one: InvariantModel,
  kinds: readonly KindModel[],
  records: Readonly<Record<string, AnyRecord>>,
): InvariantCode {
  if (one.form === "sum") {
    const terms = one.terms.map((term) => {
      const { name, fields } = kinds[term.kind]!;
      const by = term.by.map((position) => fields[position]!.name);
      return { of: records[name]!, field: fields[term.field]!.name, by };
    });
    return conserve(one.number, one.name, terms);
  }
  const { name, fields } = kinds[one.kind]!;
  const holds: Record<string, Record<string, unknown>> = {};
  for (const { field, operator, other, value } of one.comparisons) {
    const operand = other === null ? constantOf(fields[field]!, value!) : { field: fields[other]!.name };
    const word = OPERATOR_WORDS.get(operator) ?? "";
    const tested = fields[field]!.name;
    holds[tested] = { ...holds[tested], [word]: operand };
  }
  return invariant(one.number, records[name]!, one.name, holds);
}

function constantOf(field: FieldModel, value: bigint): unknown {
  if (field.type === "bool" || field.type === "enum") return selectedOf(field, Number(value));
  return isNumberType(field.type) ? Number(value) : value;
}
