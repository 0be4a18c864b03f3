/**
 * `NAME.d.ts`: the types of a sealed domain, for those who have the module and not its sources.
 *
 *     import type { Parts } from "./build/exchange";
 *     const exchange = sealedDomain<Parts>(await readFile("build/exchange.wasm"));
 *
 * Responsible for: TypeScript types of every record, command, event and reject code, as the schema's own definitions
 * have them.
 * Not responsible for: handlers, and the AssemblyScript classes (generate/).
 *
 * I1. The text is a function of the schema's model alone.
 */
import {
  type FieldModel,
  isNumberType,
  type KindModel,
  type MessageModel,
  type SchemaModel,
} from "../schema/model.ts";

/** Names that the text takes from the package, each only if it is used. */
const IMPORTS = [
  "CanonicalIndex",
  "CommandKind",
  "Decimal",
  "EventKind",
  "InvariantCode",
  "RecordKind",
  "RecordView",
  "RejectCode",
  "SysId",
  "UniqueKey",
];

/** @param name of the file: `exchange` for exchange.wasm @param invariants their names, in any order */
export function declarationOf(model: SchemaModel, name: string, invariants: readonly string[]): string {
  const kindNames = new Map(model.kinds.map((kind) => [kind.number, kind.name]));
  const records = model.kinds.map((kind) => viewText(kind, kindNames));
  const body = [
    ...records,
    "/** The parts of the schema; the types of records, keys, commands and events follow from them. */",
    "export interface Parts {",
    section(
      "records",
      model.kinds.map((kind) => recordText(kind, kindNames)),
    ),
    section(
      "commands",
      model.commands.map((one) => messageText("CommandKind", one, kindNames)),
    ),
    section(
      "events",
      model.events.map((one) => messageText("EventKind", one, kindNames)),
    ),
    section(
      "rejects",
      model.rejects.map((one) => rejectText(one, kindNames)),
    ),
    section(
      "invariants",
      [...invariants].sort().map((one) => `readonly ${one}: InvariantCode;`),
    ),
    "}",
  ].join("\n");
  const used = IMPORTS.filter((one) => new RegExp(`\\b${one}\\b`).test(body));
  const imports = `import type {\n${used.map((one) => `  ${one},`).join("\n")}\n} from "statevec/schema";`;
  return `${head(model, name)}\n${imports}\n\n${body}\n`;
}

function head(model: SchemaModel, name: string): string {
  return `/**
 * ${name}.wasm: the sealed domain "${model.name}". Schema, handlers and core stand in that one file, which imports nothing.
 * Made by \`statevec build\`; do not edit.
 *
 *     import { readFile } from "node:fs/promises";
 *     import { sealedDomain } from "statevec";
 *     import type { Parts } from "./build/${name}";
 *
 *     const ${identifierOf(name)} = sealedDomain<Parts>(await readFile("build/${name}.wasm"));
 */`;
}

function identifierOf(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const camel = words
    .map((word, index) => (index === 0 ? word : word[0]!.toUpperCase() + word.slice(1)))
    .join("");
  return /^[A-Za-z]/.test(camel) ? camel : "domain";
}

function section(name: string, entries: readonly string[]): string {
  if (entries.length === 0) return `  readonly ${name}: {};`;
  return `  readonly ${name}: {\n${indented(entries.join("\n"), 4)}\n  };`;
}

function indented(text: string, spaces: number): string {
  return text
    .split("\n")
    .map((line) => " ".repeat(spaces) + line)
    .join("\n");
}

// ---- records ---------------------------------------------------------------------------------------------

/** The values of a record, and the record as a handler or a read sees it. */
function viewText(kind: KindModel, kindNames: ReadonlyMap<number, string>): string {
  const { name } = kind;
  return `export type ${name}Values = ${valuesText(kind.fields, kindNames)};
export type ${name}View = RecordView<"${name}", ${name}Values, ${mutableOf(kind)}>;
`;
}

function recordText(kind: KindModel, kindNames: ReadonlyMap<number, string>): string {
  const { name } = kind;
  const path = (type: string) => (one: KindModel["unique"][number]) => {
    const key = one.segments.map(({ field }) => {
      const model = kind.fields[field]!;
      return `${model.name}: ${typeOf(model, kindNames)}`;
    });
    return `readonly ${one.name}: ${type}<${name}View, readonly [${key.join(", ")}]>;`;
  };
  const paths = [...kind.unique.map(path("UniqueKey")), ...kind.indexes.map(path("CanonicalIndex"))];
  const own = `RecordKind<"${name}", ${name}Values, ${mutableOf(kind)}, ${optionalOf(kind.fields)}>`;
  if (paths.length === 0) return `readonly ${name}: ${own};`;
  return `readonly ${name}: ${own} & {\n${indented(paths.join("\n"), 2)}\n};`;
}

function mutableOf(kind: KindModel): string {
  return unionOf(kind.fields.filter(({ immutable }) => !immutable).map(({ name }) => name));
}

// ---- commands, events, reject codes ----------------------------------------------------------------------

function messageText(type: string, one: MessageModel, kindNames: ReadonlyMap<number, string>): string {
  const values = valuesText(one.fields, kindNames);
  return `readonly ${one.name}: ${type}<"${one.name}", ${values}, ${optionalOf(one.fields)}>;`;
}

function rejectText(one: MessageModel, kindNames: ReadonlyMap<number, string>): string {
  return `readonly ${one.name}: RejectCode<${valuesText(one.fields, kindNames)}>;`;
}

// ---- fields ----------------------------------------------------------------------------------------------

function valuesText(fields: readonly FieldModel[], kindNames: ReadonlyMap<number, string>): string {
  if (fields.length === 0) return "{}";
  const lines = fields.map((field) => `  readonly ${field.name}: ${typeOf(field, kindNames)};`);
  return `{\n${lines.join("\n")}\n}`;
}

function typeOf(field: FieldModel, kindNames: ReadonlyMap<number, string>): string {
  const one = scalarOf(field, kindNames);
  const value = field.repeated ? `readonly ${one.includes("|") ? `(${one})` : one}[]` : one;
  return field.nullable ? `${value} | null` : value;
}

function scalarOf(field: FieldModel, kindNames: ReadonlyMap<number, string>): string {
  if (field.type === "bool") return "boolean";
  if (field.type === "text") return "string";
  if (field.type === "bytes") return "Uint8Array";
  if (field.type === "enum") return unionOf(field.enumeration!.entries.map(({ name }) => name));
  if (field.type === "ref") return `SysId<"${kindNames.get(field.targetKind)}">`;
  if (field.type === "decimal") return `Decimal<${field.scale}>`;
  return isNumberType(field.type) ? "number" : "bigint";
}

function optionalOf(fields: readonly FieldModel[]): string {
  return unionOf(fields.filter(({ nullable }) => nullable).map(({ name }) => name));
}

function unionOf(names: readonly string[]): string {
  return names.length === 0 ? "never" : names.map((name) => `"${name}"`).join(" | ");
}
