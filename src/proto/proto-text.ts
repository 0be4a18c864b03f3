/**
 * The text of a domain's `.proto` file.
 *
 * Responsible for: one text for one schema, formatted, with what protobuf can not say in comments.
 * Not responsible for: names (domain-file.ts), types (field-types.ts).
 */
import type { FieldModel, SchemaModel } from "../schema/model.ts";
import {
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoUnion,
  protoFileOf,
} from "./domain-file.ts";
import { scalarOf } from "./field-types.ts";

/**
 * The `.proto` file of a schema: a message for each command, event and record, and for each reject code with details.
 * @throws {SchemaError} MISTAKES: names that are different in the schema are the same in protobuf
 */
export function protoText(model: SchemaModel): string {
  const file = protoFileOf(model);
  const sections: string[] = [
    head(file),
    ...section("commands", file.commands, (one) => messageText(file, one)),
    ...section("events", file.events, (one) => messageText(file, one)),
    ...section("records", file.records, (one) => messageText(file, one)),
    ...section("details of reject codes", file.details, (one) => messageText(file, one)),
    ...section("enums", file.enums, enumText),
    ...section("any command, event, record", file.unions, (one) => unionText(file, one)),
  ];
  return `${sections.join("\n\n")}\n`;
}

function head(file: ProtoFile): string {
  return `// The messages of the schema "${file.schema}", written by \`npx statevec proto\`.
//
// Every scalar has explicit presence, and is required unless it says that it may be absent. A required field that is
// missing, a value out of its range, an enum value of 0: all of them are refused, never read as a default. Numbers as text
// have one form: no plus sign, no needless zeros, no minus zero, a decimal all the digits of its scale.
syntax = "proto3";

package ${file.package};`;
}

const RULE_WIDTH = 110;

function section<T>(title: string, items: readonly T[], text: (item: T) => string): string[] {
  if (items.length === 0) return [];
  return [`// ---- ${title} `.padEnd(RULE_WIDTH, "-"), ...items.map(text)];
}

function block(comment: string, head: string, lines: readonly string[]): string {
  const body = lines.length === 0 ? `${head} {}` : `${head} {\n${lines.join("\n")}\n}`;
  return `${comment}${body}`;
}

function messageText(file: ProtoFile, { name, role, owner, fields }: ProtoMessage): string {
  const renamed = role === "reject" || name !== owner.name ? ` ${owner.name}` : "";
  const comment = `// ${role === "reject" ? "Reject code" : capital(role)} ${owner.number}:${renamed}`;
  return block(
    `${comment.replace(/:$/, ".")}\n`,
    `message ${name}`,
    fields.map((field) => `  ${fieldText(file, field)}`),
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function fieldText(file: ProtoFile, { name, jsonName, field }: ProtoField): string {
  const scalar = scalarOf(field);
  const type = scalar === "enum" ? reference(file, file.enumName(field)) : scalar;
  const options = jsonName === undefined ? "" : ` [json_name = "${jsonName}"]`;
  const label = field.repeated ? "repeated" : "optional";
  const comment = [
    typeText(field),
    field.repeated ? `at most ${field.maxItems} items` : "",
    presenceText(field),
  ];
  const said = comment.filter((part) => part !== "").join(", ");
  return `${label} ${type} ${name} = ${field.number}${options};${said === "" ? "" : ` // ${said}`}`;
}

function presenceText({ nullable }: FieldModel): string {
  return nullable ? "may be absent" : "";
}

/** What the type in protobuf does not say. */
function typeText(field: FieldModel): string {
  switch (field.type) {
    case "decimal":
      return `decimal of at most ${field.precision} digits, ${field.scale} behind the point`;
    case "text":
    case "bytes":
      return `at most ${field.maxBytes} bytes`;
    case "timestamp":
      return "since the Unix epoch";
    case "ref":
      return "SysId";
    case "bool":
    case "enum":
    case "u32":
    case "u64":
    case "i32":
    case "i64":
      return "";
    default:
      return field.type;
  }
}

/** A type by its name; from the root where a relative name could be taken for a scalar, a keyword or a field. */
function reference(file: ProtoFile, name: string): string {
  return /^[A-Z]/.test(name) ? name : `.${file.package}.${name}`;
}

function enumText({ name, values }: ProtoEnum): string {
  return block(
    "",
    `enum ${name}`,
    values.map((value) => `  ${value.name} = ${value.number};`),
  );
}

function unionText(file: ProtoFile, { name, oneof, members }: ProtoUnion): string {
  const lines = members.map(
    (member) => `    ${reference(file, member.type)} ${member.name} = ${member.number};`,
  );
  return block("", `message ${name}`, [`  oneof ${oneof} {`, ...lines, "  }"]);
}
