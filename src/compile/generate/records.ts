/**
 * Records: a class for what `create` takes, and the class of the record itself.
 *
 * Responsible for: creation, lookups by SysId, reading and assigning fields. Offsets are those of slotOf.
 * Not responsible for: unique keys (unique-keys.ts) and canonical indexes (prefixes.ts); here they are named only.
 */
import { SLOT_FIELDS, SLOT_PRESENCE } from "../../../assembly/abi.ts";
import { slotOf } from "../../schema/layout.ts";
import type { FieldModel, KindModel, PathModel } from "../../schema/model.ts";
import { type Context, fieldComment } from "./context.ts";
import { type MemberNames, memberNames, Scope } from "./names.ts";
import { prefixLines } from "./prefixes.ts";
import { banner, block, capital, comment } from "./text.ts";
import { uniqueKeyLines } from "./unique-keys.ts";

/** A kind, and what its classes share. */
export interface RecordPlan {
  readonly kind: KindModel;
  /** In the model. */
  readonly position: number;
  /** Of the fields in a slot, by position. */
  readonly offsets: readonly number[];
  readonly members: readonly MemberNames[];
}

/** What every record class has, and what any class has in the eyes of TypeScript, which looks at handlers first. */
const OWN_STATICS = ["create", "exists", "find", "get", "arguments", "caller", "length", "name", "prototype"];

const ROW = "changetype<usize>(this)";

/** The classes of a kind. */
export function recordLines(context: Context, kind: KindModel, position: number): string[] {
  const { offsets } = slotOf(kind.fields);
  const plan: RecordPlan = { kind, position, offsets, members: memberNames(kind.fields) };
  const values = context.names.derived(`${kind.name}Values`);
  const paths = new PathClasses(context, plan);
  const body = [...paths.getters, ...lookups(context, plan), ...creation(context, plan, values)];
  const own = kind.fields.flatMap((field, at) => ["", ...accessors(context, plan, field, at)]);
  return [
    "",
    banner(`${kind.name} (record ${kind.number})`),
    "",
    ...comment(0, `What \`${kind.name}.create\` takes.`),
    ...block(`export class ${values}`, valueMembers(context, plan.members, kind.fields)),
    "",
    ...comment(0, context.comments.get(kind.name)),
    "@unmanaged",
    ...block(`export abstract class ${kind.name} extends ${context.names.sdk("Row")}`, [...body, ...own]),
    ...paths.classes,
  ];
}

/** The classes of a kind's unique keys and indexes, and the getters by which the record class names them. */
class PathClasses {
  readonly getters: string[] = [];
  readonly classes: string[] = [];
  private readonly statics = new Scope(OWN_STATICS);

  constructor(context: Context, plan: RecordPlan) {
    const { kind, position } = plan;
    kind.unique.forEach((path, index) => {
      const name = this.named(context, kind, path, "0");
      this.classes.push("", ...uniqueKeyLines(context, plan, path, index, name));
    });
    kind.indexes.forEach((path, index) => {
      const name = this.named(context, kind, path, `${context.names.sdk("startOf")}(${position}, ${index})`);
      this.classes.push("", ...prefixLines(context, plan, path, name));
    });
  }

  private named(context: Context, kind: KindModel, path: PathModel, value: string): string {
    const name = context.names.derived(kind.name + capital(path.name));
    const head = `static get ${this.statics.take(path.name)}(): ${name}`;
    this.getters.push(...block(head, [`return changetype<${name}>(${value});`]));
    return name;
  }
}

/** A member for each field, and before a nullable one whether it is there. */
export function valueMembers(
  context: Context,
  members: readonly MemberNames[],
  fields: readonly FieldModel[],
): string[] {
  return fields.flatMap((field, position) => {
    const { value, has } = members[position]!;
    const type = `${context.code.type(field)}${field.repeated ? "[]" : ""}`;
    return field.nullable ? [`${has}: bool;`, `${value}: ${type};`] : [`${value}: ${type};`];
  });
}

// ---- lookups by SysId, creation ----------------------------------------------------------------------------

function lookups(context: Context, { kind, position }: RecordPlan): string[] {
  const { names } = context;
  const { name } = kind;
  const parameter = `sysId: ${names.sdk("SysId")}`;
  const find = `${names.sdk("opFind")}(${position}, sysId)`;
  return [
    ...comment(1, "The record; a missing one faults the command with RECORD_MISSING."),
    ...block(`static get(${parameter}): ${name}`, [
      `return changetype<${name}>(${names.sdk("opGet")}(${position}, sysId));`,
    ]),
    ...block(`static find(${parameter}): ${name} | null`, [`return changetype<${name} | null>(${find});`]),
    ...block(`static exists(${parameter}): bool`, [`return ${find} != 0;`]),
  ];
}

/** Presence bits of the required fields. */
function requiredBits(kind: KindModel): bigint {
  return kind.fields.reduce((bits, field, at) => (field.nullable ? bits : bits | (1n << BigInt(at))), 0n);
}

function bit(position: number): string {
  return `0x${(1n << BigInt(position)).toString(16)}`;
}

function creation(context: Context, plan: RecordPlan, values: string): string[] {
  const { names } = context;
  const { kind, position } = plan;
  const writes = kind.fields.flatMap((field, at) => creationOfField(context, plan, field, at));
  const isFlawed = kind.fields.some((field, at) => context.code.flaw(field, at, "") !== undefined);
  const isNullable = kind.fields.some((field) => field.nullable);
  const required = `0x${requiredBits(kind).toString(16)}`;
  const body = [
    ...(isFlawed ? [`let flaw = ${names.sdk("NO_FLAW")};`] : []),
    ...(isNullable ? [`let presence: u64 = ${required};`] : []),
    ...paddedWords(plan).map((word) => `store<u64>(${names.sdk("SCRATCH_A_AT")}, 0, ${word});`),
    ...writes,
  ];
  const parts = [position, isNullable ? "presence" : required, isFlawed ? "flaw" : names.sdk("NO_FLAW")];
  const row = `${names.sdk("createRow")}(${parts.join(", ")})`;
  return [
    ...comment(1, "Adds a record. A taken unique key rejects the command with UNIQUE_KEY_TAKEN."),
    ...block(`static create(values: ${values}): ${kind.name}`, [
      ...body,
      `return changetype<${kind.name}>(${row});`,
    ]),
  ];
}

/**
 * Offsets of the words of a slot in which some byte is of no field. They are zeroed before fields are written: the slot
 * holds what other kinds left there, and a record is made of all of it.
 */
function paddedWords({ kind, offsets }: RecordPlan): number[] {
  const { bytes } = slotOf(kind.fields);
  const isUsed = new Array<boolean>(bytes).fill(false, SLOT_FIELDS);
  for (const [position, { width }] of kind.fields.entries()) {
    isUsed.fill(true, offsets[position]!, offsets[position]! + width);
  }
  const padding = isUsed.flatMap((used, at) => (used === false ? [at - (at % 8)] : []));
  return [...new Set(padding)];
}

function creationOfField(context: Context, plan: RecordPlan, field: FieldModel, position: number): string[] {
  const { code } = context;
  const offset = plan.offsets[position]!;
  const { value, has } = plan.members[position]!;
  const flaw = code.flaw(field, position, `values.${value}`);
  const write = [
    ...(flaw === undefined ? [] : [`flaw = min(flaw, ${flaw});`]),
    code.put(field, offset, `values.${value}`),
  ];
  if (!field.nullable) return write;
  return [
    `if (values.${has}) {`,
    ...[`presence |= ${bit(position)};`, ...write].map((line) => `  ${line}`),
    "} else {",
    `  ${code.putAbsent(field, offset)}`,
    "}",
  ];
}

// ---- fields ------------------------------------------------------------------------------------------------

function accessors(context: Context, plan: RecordPlan, field: FieldModel, position: number): string[] {
  const { code } = context;
  const offset = plan.offsets[position]!;
  const { value, has, clear } = plan.members[position]!;
  const text = comment(1, fieldComment(context, plan.kind.name, field));
  const getter = block(`get ${value}(): ${code.type(field)}`, [
    `return ${code.read(field, ROW, offset, !field.immutable)};`,
  ]);
  const setter = field.immutable ? [] : assignment(context, field, position, offset, value);
  if (!field.nullable) return [...text, ...getter, ...setter];
  const byte = SLOT_PRESENCE + (position >> 3);
  return [
    ...comment(1, `Whether \`${value}\` is there; if not, it reads as nothing: zero, or empty.`),
    ...block(`get ${has}(): bool`, [`return (load<u8>(${ROW}, ${byte}) & ${1 << (position & 7)}) != 0;`]),
    ...text,
    ...getter,
    ...setter,
    ...(field.immutable ? [] : clearing(context, field, position, offset, clear)),
  ];
}

function assignment(
  context: Context,
  field: FieldModel,
  position: number,
  offset: number,
  name: string,
): string[] {
  const { code, names } = context;
  const flaw = code.flaw(field, position, "value");
  const call =
    flaw === undefined
      ? [`${names.sdk("assign")}(${ROW}, ${position});`]
      : [`${names.sdk("assignChecked")}(${ROW}, ${position}, ${flaw});`];
  return block(`set ${name}(value: ${code.type(field)})`, [code.put(field, offset, "value"), ...call]);
}

function clearing(
  context: Context,
  field: FieldModel,
  position: number,
  offset: number,
  name: string,
): string[] {
  return block(`${name}(): void`, [
    context.code.putAbsent(field, offset),
    `${context.names.sdk("assignAbsent")}(${ROW}, ${position});`,
  ]);
}
