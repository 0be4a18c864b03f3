/**
 * Reading what a page of the docs shows: its code blocks and its drawings of bytes.
 *
 * Not responsible for: what is right; the tests compare with abi.ts and with real bytes.
 */
import { readFileSync } from "node:fs";

export function textOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

/** The code blocks of a page that are marked with a language; "" finds those without one. */
export function blocksOf(path: string, language: string): string[] {
  const blocks: string[] = [];
  let lines: string[] | undefined;
  let isWanted = false;
  for (const line of textOf(path).split("\n")) {
    if (!line.startsWith("```")) {
      lines?.push(line);
      continue;
    }
    if (lines === undefined) {
      lines = [];
      isWanted = line.slice(3) === language;
    } else {
      if (isWanted) blocks.push(lines.join("\n"));
      lines = undefined;
    }
  }
  return blocks;
}

/** One field of a drawing. */
export interface DrawnField {
  readonly name: string;
  /** Undefined where no number stands above the bar in front of it. */
  readonly at: number | undefined;
  /** As drawn below the name; "" where there is none. */
  readonly type: string;
}

/** What source files and pages have in front of a drawing. */
const MARGIN = /^(?:\/\/| \*)? {0,3}/;

/**
 * The drawings of a text: a line of offsets, a line of names between bars, and maybe a line of types. An offset stands
 * above the bar in front of its field.
 */
export function drawingsIn(text: string): DrawnField[][] {
  const lines = text.split("\n").map((line) => line.replace(MARGIN, ""));
  const drawings: DrawnField[][] = [];
  lines.forEach((names, index) => {
    const offsets = lines[index - 1] ?? "";
    if (!names.startsWith("|") || !/^0 +\d/.test(offsets)) return;
    drawings.push(readDrawing(offsets, names, lines[index + 1] ?? ""));
  });
  return drawings;
}

function readDrawing(offsets: string, names: string, types: string): DrawnField[] {
  const fields: DrawnField[] = [];
  for (let bar = names.indexOf("|"); bar >= 0; bar = names.indexOf("|", bar + 1)) {
    const name = names
      .slice(bar + 1)
      .split("|")[0]!
      .trim();
    const offset = /^\S+/.exec(offsets.slice(bar))?.[0];
    if (name === "" || name.endsWith("...")) continue;
    const at = /^\d+$/.test(offset ?? "") ? Number(offset) : undefined;
    const type =
      types[bar] === "|"
        ? types
            .slice(bar + 1)
            .split("|")[0]!
            .trim()
        : "";
    fields.push({ name, at, type });
  }
  return fields;
}
