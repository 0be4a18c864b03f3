/**
 * Generated text that reads as if written by hand: lines, breaks and comments as the project's formatter has them.
 *
 * Not responsible for: what is said.
 */

/** As in the sources of this project. */
const COLUMNS = 110;

/** Lines, two columns further in; empty ones stay empty. */
export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

/** `head {`, the lines of the body further in, `}`. */
export function block(head: string, body: readonly string[]): string[] {
  return [`${head} {`, ...indented(body), "}"];
}

/** A place of `text` outside of all parentheses at which `mark` stands, or -1. */
function outside(text: string, mark: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === ")") depth--;
    if (depth === 0 && text.startsWith(mark, at)) return at;
    if (character === "(") depth++;
  }
  return -1;
}

/** `text` cut at every `mark` outside of parentheses. */
function cut(text: string, mark: string): string[] {
  const at = outside(text, mark);
  return at < 0 ? [text] : [text.slice(0, at), ...cut(text.slice(at + mark.length), mark)];
}

/** The place of the parenthesis that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text.charAt(at) === "(") depth++;
    if (text.charAt(at) === ")" && --depth === 0) return at;
  }
  return text.length;
}

/** The text within the first parentheses behind which there are no others, and what stands before and behind. */
function lastCall(text: string): { head: string; within: string; tail: string } | undefined {
  for (let open = text.indexOf("("); open >= 0; open = text.indexOf("(", open + 1)) {
    const close = closing(text, open);
    const tail = text.slice(close);
    if (!tail.includes("("))
      return { head: text.slice(0, open + 1), within: text.slice(open + 1, close), tail };
  }
  return undefined;
}

/** A line, broken as the formatter breaks it if it is too long: a statement, a signature, an argument. */
export function fitted(line: string): string[] {
  if (line.length <= COLUMNS) return [line];
  const text = line.trimStart();
  const margin = line.slice(0, line.length - text.length);
  const further = (rest: string) => fitted(`${margin}  ${rest}`);
  const branch = /^(else|if \([^()]*\)) ([^{].*)$/.exec(text);
  if (branch !== null) return [margin + branch[1], ...further(branch[2]!)];
  const comparison = /^return (.* != 0);$/.exec(text);
  if (comparison !== null) return [`${margin}return (`, ...further(comparison[1]!), `${margin});`];
  const choice = outside(text, " ? ");
  if (choice >= 0) {
    const [yes, no] = cut(text.slice(choice + 3), " : ");
    return [margin + text.slice(0, choice), ...further(`? ${yes}`), ...further(`: ${no}`)];
  }
  const [first, ...others] = cut(text, " | ");
  // A type is one of two as well, but no line of them starts with a cast.
  if (others.length > 0 && text.startsWith("<")) {
    const last = others.length - 1;
    return [`${margin}${first} |`, ...others.flatMap((one, at) => further(at < last ? `${one} |` : one))];
  }
  const call = lastCall(text);
  if (call === undefined || call.within === "") return [line];
  const parts = cut(call.within, ", ").flatMap((part) => further(`${part},`));
  return [margin + call.head, ...parts, margin + call.tail];
}

/** An import of several names, sorted. */
export function imports(names: readonly string[], from: string): string[] {
  const line = `import { ${names.join(", ")} } from "${from}";`;
  if (line.length <= COLUMNS) return [line];
  return ["import {", ...names.map((name) => `  ${name},`), `} from "${from}";`];
}

/** A line that opens a part of a file. */
export function banner(title: string): string {
  return `// ---- ${title} `.padEnd(COLUMNS - 1, "-");
}

/** `line` in lines of at most `width` columns, broken between words. */
function filled(line: string, width: number): string[] {
  const lines: string[] = [];
  let open = "";
  for (const word of line.split(" ")) {
    if (open !== "" && open.length + 1 + word.length > width) {
      lines.push(open);
      open = word;
    } else open = open === "" ? word : `${open} ${word}`;
  }
  return [...lines, open];
}

/**
 * A comment of one or more paragraphs (lines of `text`), or no lines for no text.
 * @param depth how far in it stands, in steps of two columns
 */
export function comment(depth: number, text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  const safe = text.replaceAll("*/", "* /");
  const line = `/** ${safe} */`;
  if (!safe.includes("\n") && 2 * depth + line.length <= COLUMNS) return [line];
  const width = COLUMNS - 2 * depth - 3;
  const lines = safe.split("\n").flatMap((paragraph) => filled(paragraph, width));
  return ["/**", ...lines.map((one) => (one === "" ? " *" : ` * ${one}`)), " */"];
}

/** The name with a capital letter first. */
export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The name with a small letter first. */
export function small(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
