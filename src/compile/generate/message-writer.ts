/**
 * Messages written field by field: events and reject details in their canonical bytes (docs/reference/values.md).
 *
 * Responsible for: the statements that write `values` behind one another, and find the first flaw among them. Up to the
 * first text, bytes or list every field has a fixed place; from there on `at` is the address behind the last of those.
 */
import { TYPE_BOOL } from "../../../assembly/abi.ts";
import { presenceBytes } from "../../schema/layout.ts";
import type { FieldModel } from "../../schema/model.ts";
import { type Context, fieldComment } from "./context.ts";
import type { FieldCode } from "./field-code.ts";
import { plus } from "./field-code.ts";
import { type MemberNames, memberNames } from "./names.ts";
import { comment } from "./text.ts";

/** The call that ends a message, given its size and the flaw found. */
export type Finish = (bytes: string, flaw: string) => string;

/** Whether a field's encoding varies in length. */
function isVariable(code: FieldCode, field: FieldModel): boolean {
  return field.repeated || code.isLengthed(field);
}

/** Writes the messages of one event or reject code. */
export class MessageWriter {
  private readonly context: Context;
  private readonly fields: readonly FieldModel[];
  private readonly members: readonly MemberNames[];
  /** The constant address at which it stands. */
  private readonly start: string;
  // Where the next field stands: `base + offset`.
  private base: string;
  private offset: number;

  constructor(context: Context, fields: readonly FieldModel[], start: string) {
    this.context = context;
    this.fields = fields;
    this.members = memberNames(fields);
    this.start = start;
    this.base = start;
    this.offset = presenceBytes(fields);
  }

  /** The members of the class that holds the values; `owner` is what comments know them by. */
  memberLines(owner: string): string[] {
    return this.fields.flatMap((field, position) => {
      const { value, has } = this.members[position]!;
      const type = `${this.context.code.type(field)}${field.repeated ? "[]" : ""}`;
      return [
        ...comment(1, fieldComment(this.context, owner, field)),
        ...(field.nullable ? [`${has}: bool;`] : []),
        `${value}: ${type};`,
      ];
    });
  }

  /** The statements. `placeOf` is what a flaw calls a field: its position, or its number. */
  lines(placeOf: (position: number) => number, finish: Finish): string[] {
    const none = this.context.names.sdk("NO_FLAW");
    const flaws = this.flawLines(placeOf);
    const varies = this.fields.some((field) => isVariable(this.context.code, field));
    const flaw = flaws.length > 0 ? "flaw" : none;
    // What has no fixed size is not written with a flaw: it might not fit.
    const guard = varies ? [`if (flaw != ${none}) return ${finish("0", "flaw")}`] : [];
    const writes = [...this.presence(), ...this.fields.flatMap((_, position) => this.write(position))];
    const bytes = varies ? `<u32>(${plus("at", this.offset)} - ${this.start})` : String(this.offset);
    return [...flaws, ...guard, ...writes, finish(bytes, varies ? none : flaw)];
  }

  private flawLines(placeOf: (position: number) => number): string[] {
    const { code, names } = this.context;
    const lines: string[] = [];
    this.fields.forEach((field, position) => {
      const { value, has } = this.members[position]!;
      const flaw = code.flaw(field, placeOf(position), `values.${value}`);
      if (flaw === undefined) return;
      const judge = `flaw = min(flaw, ${flaw});`;
      lines.push(field.nullable ? `if (values.${has}) ${judge}` : judge);
    });
    return lines.length === 0 ? [] : [`let flaw = ${names.sdk("NO_FLAW")};`, ...lines];
  }

  /** One byte for each eight nullable fields. */
  private presence(): string[] {
    const has = this.members.filter((_, position) => this.fields[position]!.nullable);
    const lines: string[] = [];
    for (let byte = 0; byte * 8 < has.length; byte++) {
      const bits = has.slice(byte * 8, byte * 8 + 8).map((member, bit) => {
        return bit === 0 ? `<u8>values.${member.has}` : `((<u8>values.${member.has}) << ${bit})`;
      });
      lines.push(`store<u8>(${this.start}, ${bits.join(" | ")}${byte === 0 ? "" : `, ${byte}`});`);
    }
    return lines;
  }

  private write(position: number): string[] {
    const { code } = this.context;
    const field = this.fields[position]!;
    if (isVariable(code, field)) return [this.append(field, position)];
    const { value, has } = this.members[position]!;
    const at = this.offset;
    this.offset += field.width;
    if (!field.nullable) return [code.store(field, this.base, at, `values.${value}`)];
    if (code.form(field) === "plain") {
      const none = field.code === TYPE_BOOL ? "false" : "0";
      return [code.store(field, this.base, at, `values.${has} ? values.${value} : ${none}`)];
    }
    const absent = `${this.context.names.sdk("putAbsentWide")}(${plus(this.base, at)});`;
    return [`if (values.${has}) ${code.store(field, this.base, at, `values.${value}`)}`, `else ${absent}`];
  }

  /** Writes a text, bytes or list, and moves `at` behind it. */
  private append(field: FieldModel, position: number): string {
    const { code, names } = this.context;
    const { value, has } = this.members[position]!;
    const place = plus(this.base, this.offset);
    const isFirst = this.base === this.start;
    this.base = "at";
    this.offset = 0;
    const target = isFirst ? "let at: usize =" : "at =";
    if (field.repeated)
      return `${target} ${names.sdk(listWriter(code, field))}${typeArguments(code, field)}(${place}, values.${value});`;
    const there = `${names.sdk("appendLengthed")}(${place}, changetype<usize>(values.${value}))`;
    if (!field.nullable) return `${target} ${there};`;
    return `${target} values.${has} ? ${there} : ${names.sdk("appendAbsent")}(${place});`;
  }
}

function listWriter(code: FieldCode, field: FieldModel): string {
  switch (code.form(field)) {
    case "u128":
      return "appendU128Items";
    case "i128":
      return "appendI128Items";
    case "text":
      return "appendTexts";
    case "bytes":
      return "appendBytesList";
    case "plain":
      return "appendItems";
  }
}

function typeArguments(code: FieldCode, field: FieldModel): string {
  return code.form(field) === "plain" ? `<${code.type(field)}, ${code.stored(field)}>` : "";
}
