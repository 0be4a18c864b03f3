/**
 * What is wrong with the sources of a sealed domain, and how it is shown.
 *
 * Responsible for: one form for the findings of every step; the source line with a mark under the place.
 * Not responsible for: finding anything.
 */

/** One thing that keeps a domain from being built. */
export interface Problem {
  /** Who found it: `TS2345`, `AS100`, the name of a rule; absent for the rest. */
  readonly code?: string | undefined;
  readonly message: string;
  /** Where: a source by its path from the domain's folder, with the place in it. */
  readonly at?: Place | undefined;
}

export interface Place {
  /** `assembly/index.ts`; forward slashes on every platform. */
  readonly file: string;
  /** From 1; 0 if only the file is known. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The line, as it stands in the source, and how much of it is meant. */
  readonly text: string;
  readonly length: number;
}

/** @param start offset of the first character, @param end offset behind the last */
export function placeOf(file: string, text: string, start: number, end: number): Place {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const nextLine = text.indexOf("\n", start);
  const lineEnd = nextLine < 0 ? text.length : nextLine;
  return {
    file,
    line: text.slice(0, lineStart).split("\n").length,
    column: start - lineStart + 1,
    text: text.slice(lineStart, lineEnd).trimEnd(),
    length: Math.max(1, Math.min(end, lineEnd) - start),
  };
}

/**
 * A problem as lines for people:
 *
 *     assembly/index.ts:12:9 TS2345: Argument of type ...
 *        12 |   total(order);
 *           |         ^^^^^
 */
export function problemText({ code, message, at }: Problem): string {
  const head = [at && (at.line > 0 ? `${at.file}:${at.line}:${at.column}` : at.file), code]
    .filter((part) => part !== undefined)
    .join(" ");
  const first = head === "" ? message : `${head}: ${message}`;
  if (at === undefined || at.text.trim() === "") return first;
  const number = String(at.line).padStart(6);
  // Tabs stay tabs under the line, so that the mark stands where the place is.
  const indent = at.text.slice(0, at.column - 1).replace(/[^\t]/g, " ");
  const mark = "^".repeat(Math.max(1, Math.min(at.length, at.text.length - at.column + 1)));
  return `${first}\n${number} | ${at.text}\n${" ".repeat(6)} | ${indent}${mark}`;
}

/** The same problem may be met twice, by a loop that is compiled twice for instance. */
export function withoutRepeats(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const text = problemText(problem);
    return !seen.has(text) && seen.add(text);
  });
}
