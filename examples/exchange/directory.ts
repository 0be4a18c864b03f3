/** Where the programs of the example put a history, and the error whose message is for the person who started them. */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Something the person who started us can mend; its message stands alone, without a stack. */
export class PlainError extends Error {}

/**
 * A directory that holds nothing yet: the one asked for, or the next free data/NAME-N.
 * @throws {PlainError} the one asked for holds something
 */
export function newDirectory(out: string | undefined, name: string): string {
  if (out !== undefined) {
    if (existsSync(out) && !statSync(out).isDirectory())
      throw new PlainError(`--out ${out} is not a directory`);
    if (existsSync(out) && readdirSync(out).length > 0) {
      throw new PlainError(
        `--out ${out} is not empty: name a new or empty directory, a history is never overwritten`,
      );
    }
    mkdirSync(out, { recursive: true });
    return out;
  }
  mkdirSync("data", { recursive: true });
  for (let number = 1; ; number++) {
    const directory = join("data", `${name}-${number}`);
    try {
      mkdirSync(directory);
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
