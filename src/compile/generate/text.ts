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

/**
 * `head(part, part)tail` in one line if it fits, else a line for each part.
 * @param depth how far in it stands, in steps of two columns
 */
export function listed(depth: number, head: string, parts: readonly string[], tail: string): string[] {
  const line = `${head}(${parts.join(", ")})${tail}`;
  if (parts.length === 0 || 2 * depth + line.length <= COLUMNS) return [line];
  return [`${head}(`, ...parts.map((part) => `  ${part},`), `)${tail}`];
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
