/**
 * Commands: views on their canonical payloads.
 *
 * Responsible for: where each field stands. Up to the first text, bytes or list it has a fixed place; behind one of those
 * a function of the module finds the place, walking from the one before.
 */
import { presenceBytes } from "../../schema/layout.ts";
import type { FieldModel, MessageModel } from "../../schema/model.ts";
import { type Context, fieldComment } from "./context.ts";
import { plus } from "./field-code.ts";
import { memberNames } from "./names.ts";
import { banner, block, capital, comment, small } from "./text.ts";

/** The classes of the commands. */
export function commandLines(context: Context): string[] {
  const { commands } = context.model;
  return ["", banner("commands"), ...commands.flatMap((command) => ["", ...commandClass(context, command)])];
}

/** Where fields stand: the address of the payload, or what a function finds, and an offset from there. */
interface Place {
  readonly base: string;
  readonly offset: number;
}

function commandClass(context: Context, command: MessageModel): string[] {
  const { names, comments } = context;
  const walks: string[] = [];
  const members = memberNames(command.fields);
  const presence = new Map<string, number>();
  for (const field of command.fields) if (field.nullable) presence.set(field.name, presence.size);
  let place: Place = { base: "", offset: presenceBytes(command.fields) };
  const body = command.fields.flatMap((field, position) => {
    const { value, has } = members[position]!;
    const lines = reader(context, command.name, field, place, value);
    const isLast = position === command.fields.length - 1;
    if (isLast) return field.nullable ? [...presenceReader(presence, field, has, value), ...lines] : lines;
    const isVariable = field.repeated || context.code.isLengthed(field);
    if (isVariable) {
      const name = names.derived(`${small(command.name)}Behind${capital(field.name)}`);
      walks.push(...walk(context, field, place, name, value));
      place = { base: name, offset: 0 };
    } else place = { base: place.base, offset: place.offset + field.width };
    return field.nullable ? [...presenceReader(presence, field, has, value), ...lines] : lines;
  });
  const head = `export abstract class ${command.name} extends ${names.sdk("Payload")}`;
  return [
    ...walks,
    ...comment(0, comments.get(command.name)),
    "@unmanaged",
    ...(body.length === 0 ? [`${head} {}`] : block(head, body)),
  ];
}

/** The address of a place, from an expression for that of the payload. */
function addressOf(place: Place, payload: string): string {
  return place.base === "" ? payload : `${place.base}(${payload})`;
}

function reader(context: Context, owner: string, field: FieldModel, place: Place, name: string): string[] {
  const { code } = context;
  const base = addressOf(place, "changetype<usize>(this)");
  const text = comment(1, fieldComment(context, owner, field));
  if (field.repeated) {
    const type = code.itemsType(field);
    return [
      ...text,
      ...block(`get ${name}(): ${type}`, [`return changetype<${type}>(${plus(base, place.offset)});`]),
    ];
  }
  const value = code.read(field, base, place.offset, false);
  return [...text, ...block(`get ${name}(): ${code.type(field)}`, [`return ${value};`])];
}

function presenceReader(
  presence: ReadonlyMap<string, number>,
  field: FieldModel,
  has: string,
  value: string,
): string[] {
  const bit = presence.get(field.name)!;
  const byte = bit >> 3 === 0 ? "" : `, ${bit >> 3}`;
  return [
    ...comment(1, `Whether \`${value}\` is there; if not, it reads as nothing: zero, or empty.`),
    ...block(`get ${has}(): bool`, [
      `return (load<u8>(changetype<usize>(this)${byte}) & ${1 << (bit & 7)}) != 0;`,
    ]),
  ];
}

/** The function that finds what stands behind a text, bytes or list. */
function walk(context: Context, field: FieldModel, place: Place, name: string, member: string): string[] {
  const { names, code } = context;
  const at = plus(addressOf(place, "payload"), place.offset);
  let found = `${names.sdk("behind")}(${at})`;
  if (field.repeated) {
    found = code.isLengthed(field)
      ? `${names.sdk("behindLengthedItems")}(${at})`
      : `${names.sdk("behindItems")}(${at}, ${field.width})`;
  }
  return [
    ...comment(0, `Where the fields behind \`${member}\` stand.`),
    ...block(`function ${name}(payload: usize): usize`, [`return ${found};`]),
    "",
  ];
}
