/**
 * Costs of the same operations on absl::btree_map and absl::flat_hash_map: a program (bench/absl/key-costs.cpp), run anew each
 * turn, which measures itself and prints ns by operation.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { OPERATIONS } from "./key-costs.ts";
import { type Figures, requireSame, type Side, type SideOptions } from "./side.ts";

const runProgram = promisify(execFile);

/**
 * Figures of what the program prints: lines of a name and a number.
 *
 * @throws {Error} a line is something else, or the lines are not one for each operation and size
 */
export function readCosts(text: string, entries: readonly number[]): Figures {
  const lines = text.trimEnd().split("\n");
  const figures = lines.map((line): [string, number] => {
    const [, name, ns] = /^([a-z-]+-\d+) (\d+\.\d+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`"${line}" is no cost: expected a name and ns`);
    return [name, Number(ns)];
  });
  const expected = entries.flatMap((size) => OPERATIONS.map((operation) => `${operation}-${size}`));
  requireSame(
    "costs",
    figures.map(([name]) => name),
    expected,
  );
  return Object.fromEntries(figures);
}

export async function startAbslCosts({ module, entries }: SideOptions): Promise<Side> {
  return {
    async turn() {
      const { stdout } = await runProgram(module, entries.map(String));
      return readCosts(stdout, entries);
    },
    finish: () => ({}),
  };
}
