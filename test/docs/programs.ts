/**
 * The programs in README.md and docs/: what a page shows as TypeScript, made runnable.
 *
 * Responsible for: finding the code of a page, writing it where it can run, and what it is said to print.
 * Not responsible for: running it (programs.test.ts, which says the convention).
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { textOf } from "./reading.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where the programs are written: not in git, inside the package, so that they import it by its name. */
export const PROGRAMS = join(ROOT, "build/docs-programs");

/** One line that says what it prints. */
export interface Printed {
  /** Names the `console.log` in the running program. */
  readonly id: string;
  readonly page: string;
  readonly line: number;
  readonly expected: string;
}

export interface Program {
  readonly page: string;
  /** Name of its folder below PROGRAMS. */
  readonly name: string;
  /** Text by file name; the last one is what runs, the others are imported by it. */
  readonly files: ReadonlyMap<string, string>;
  /** Comments behind a `console.log`. */
  readonly printed: readonly Printed[];
  /** Blocks of output behind a block of code: the ids of its `console.log`s, and the text. */
  readonly outputs: readonly {
    readonly ids: readonly string[];
    readonly line: number;
    readonly expected: string;
  }[];
}

interface Block {
  readonly language: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
  /** The file that the heading above names. */
  readonly file: string | undefined;
  /** No heading stands between it and the block before. */
  readonly follows: boolean;
}

const MAIN = "page.ts";

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[]; follows: boolean } | undefined;
  let file: string | undefined;
  let isAdjacent = false;
  text.split("\n").forEach((line, index) => {
    if (line.startsWith("```")) {
      if (open === undefined) {
        open = { language: line.slice(3).trim(), line: index + 2, lines: [], follows: isAdjacent };
        return;
      }
      blocks.push({ ...open, file });
      open = undefined;
      isAdjacent = true;
      return;
    }
    if (open !== undefined) {
      open.lines.push(line);
      return;
    }
    if (!line.startsWith("#")) return;
    isAdjacent = false;
    file = /`([\w.-]+\.ts)`$/.exec(line)?.[1];
  });
  return blocks;
}

/** Pages with TypeScript, as paths from the root. */
export function pagesWithCode(): string[] {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  const docs = below
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path.replaceAll("\\", "/")}`);
  return ["README.md", ...docs.sort()].filter((page) => /^```ts$/m.test(textOf(page)));
}

/** The program of a page. Every `console.log` is replaced by one that says where it stands. */
export function programOf(page: string, text = textOf(page)): Program {
  const files = new Map<string, string[]>();
  const printed: Printed[] = [];
  const outputs: { ids: string[]; line: number; expected: string }[] = [];
  let ids: string[] = [];
  for (const block of blocksOf(text)) {
    if (block.language === "" && block.follows && ids.length > 0) {
      outputs.push({ ids, line: block.line, expected: block.lines.join("\n").trim() });
    }
    ids = [];
    if (block.language !== "ts") continue;
    const file = block.file ?? MAIN;
    const lines = files.get(file) ?? [];
    files.set(file, lines);
    block.lines.forEach((line, index) => {
      const id = `${page}:${block.line + index}`;
      lines.push(line.replaceAll("console.log(", `globalThis.__printed(${JSON.stringify(id)}, `));
      if (!line.includes("console.log(")) return;
      ids.push(id);
      const expected = /;.*? \/\/ (.*)$/.exec(line.slice(line.lastIndexOf("console.log(")))?.[1];
      if (expected !== undefined) printed.push({ id, page, line: block.line + index, expected });
    });
  }
  const name = page.replace(/\.md$/, "").replaceAll("/", "-");
  const texts = [...files].map(
    ([file, lines]) => [file, `${HEAD}${lines.join("\n")}\n\nexport {};\n`] as const,
  );
  return { page, name, files: new Map(texts), printed, outputs };
}

/** Types for the replaced `console.log`; it returns nothing, as the original. */
const HEAD = "declare global { var __printed: (id: string, ...values: unknown[]) => void }\n";

/** Writes a program and answers the path of the file that runs. */
export function writeProgram({ name, files }: Program): string {
  const folder = join(PROGRAMS, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  return join(folder, [...files.keys()].at(-1)!);
}
