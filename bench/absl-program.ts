/**
 * The program that measures Abseil's containers: bench/absl/key-costs.cpp, compiled where g++ and libabsl-dev are at hand.
 *
 * Responsible for: finding Abseil, compiling. Nothing is ever installed.
 * Not responsible for: running the program (sides/absl-costs.ts).
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./places.ts";

const COMPILER = "g++";
const SOURCE = "bench/absl/key-costs.cpp";
const OPTIONS = ["-std=c++17", "-O3", "-march=native", "-Wall", "-Wextra"];
/** What tells the version of Abseil, one macro a line; the preprocessor fails where the header is missing. */
const VERSION_SOURCE = "#include <absl/base/config.h>\nABSL_LTS_RELEASE_VERSION\n";

/** The version of Abseil for which programs can be compiled here; null where that can not be done. */
export function abslVersion(): string | null {
  const options = ["-E", "-P", "-x", "c++", "-"];
  const { status, stdout } = spawnSync(COMPILER, options, { input: VERSION_SOURCE, encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n").at(-1)!.trim() : null;
}

/** Archives of all of Abseil: which of them the containers need changes with its version. */
function archives(): string[] {
  const { stdout } = spawnSync(COMPILER, ["-print-file-name=libabsl_hash.a"], { encoding: "utf8" });
  const folder = dirname(stdout.trim());
  const names = readdirSync(folder).filter((name) => /^libabsl_.*\.a$/.test(name));
  return names.map((name) => join(folder, name));
}

/**
 * Compiles the program into a file. Abseil is linked into it, so that no call goes through a table of a shared library.
 *
 * @throws {Error} with what the compiler said
 */
export function compileAbslCosts(file: string): void {
  const group = ["-Wl,--start-group", ...archives(), "-Wl,--end-group", "-pthread"];
  const source = join(root, SOURCE);
  const { status, stderr } = spawnSync(COMPILER, [...OPTIONS, source, "-o", file, ...group], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${SOURCE} did not compile:\n${stderr}`);
}
