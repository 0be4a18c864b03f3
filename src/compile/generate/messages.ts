/**
 * Events and reject codes: classes of their values, with `emit` and a method for each code.
 *
 * Not responsible for: the bytes (message-writer.ts).
 */
import type { MessageModel } from "../../schema/model.ts";
import type { Context } from "./context.ts";
import { MessageWriter } from "./message-writer.ts";
import { Scope } from "./names.ts";
import { banner, block, capital, comment } from "./text.ts";

/** The classes of the events. */
export function eventLines(context: Context): string[] {
  const { events } = context.model;
  if (events.length === 0) return [];
  return ["", banner("events"), ...events.flatMap((event) => ["", ...eventClass(context, event)])];
}

function eventClass(context: Context, event: MessageModel): string[] {
  const { names, comments } = context;
  const writer = new MessageWriter(context, event.fields, names.sdk("MESSAGE_AT"));
  const members = writer.memberLines(event.name);
  const emit = writer.lines(
    (position) => position,
    (bytes, flaw) => `${names.sdk("emitEvent")}(${event.number}, ${bytes}, ${flaw});`,
  );
  return [
    ...comment(0, comments.get(event.name)),
    ...block(`export class ${event.name}`, [
      ...(members.length > 0 ? [...members, ""] : []),
      ...block(`static emit(values: ${event.name}): void`, emit),
    ]),
  ];
}

/**
 * The class of the reject codes, and the classes of their details.
 * @param texts what each code means, by its name
 */
export function rejectLines(context: Context, texts: ReadonlyMap<string, string>): string[] {
  const { rejects } = context.model;
  if (rejects.length === 0) return [];
  const statics = new Scope(["arguments", "caller", "length", "name", "prototype"]);
  const details: string[] = [];
  const methods: string[] = [];
  for (const code of rejects) {
    const detail = code.fields.length > 0 ? context.names.derived(`${wordsOf(code.name)}Detail`) : undefined;
    const [members, statements] = rejectCode(context, code);
    if (detail !== undefined) details.push("", ...block(`export class ${detail}`, members));
    const parameters = detail === undefined ? "" : `values: ${detail}`;
    if (methods.length > 0) methods.push("");
    methods.push(...comment(1, texts.get(code.name)));
    methods.push(...block(`static ${statics.take(code.name)}(${parameters}): void`, statements));
  }
  return [
    "",
    banner("reject codes, in order of precedence"),
    ...details,
    "",
    "/** A code ends the command: nothing it did remains. Write `return Reject.CODE(...)`. */",
    ...block(`export abstract class ${context.names.derived("Reject")}`, methods),
  ];
}

/** The members of a code's details, and the statements that reject with them. */
function rejectCode(context: Context, code: MessageModel): [members: string[], statements: string[]] {
  const { names } = context;
  const writer = new MessageWriter(
    context,
    code.fields,
    code.fields.length > 0 ? names.sdk("DETAILS_AT") : "",
  );
  const statements = writer.lines(
    (position) => code.fields[position]!.number,
    (bytes, flaw) => `${names.sdk("rejectWith")}(${code.number}, ${bytes}, ${flaw});`,
  );
  return [writer.memberLines(code.name), statements];
}

/** UNKNOWN_INSTRUMENT as UnknownInstrument. */
function wordsOf(code: string): string {
  const isShouted = code === code.toUpperCase();
  return code
    .split("_")
    .map((word) => capital(isShouted ? word.toLowerCase() : word))
    .join("");
}
