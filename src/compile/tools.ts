/**
 * The packages that only a build needs. They are optional peers: who uses finished modules installs none of them.
 *
 * Responsible for: loading each when it is needed, and one line that says what to install.
 * Not responsible for: what is done with them.
 */
import { createRequire } from "node:module";
import { UsageError } from "../errors.ts";
import type { CompilerCommand, CompilerSyntax } from "./compiler-syntax.ts";

/** Every tool of a build, by the name it is imported by. */
interface Tools {
  readonly esbuild: typeof import("esbuild");
  readonly typescript: typeof import("typescript");
  readonly assemblyscript: CompilerSyntax;
  readonly "assemblyscript/asc": CompilerCommand;
}

/** @throws {UsageError} the package is not installed */
export async function loadTool<Name extends keyof Tools>(name: Name): Promise<Tools[Name]> {
  try {
    return await import(name);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    if (!missing) throw error;
    throw missingTool(name);
  }
}

/** What to do about a missing package. */
function missingTool(name: string): UsageError {
  const packageName = name.split("/")[0]!;
  const message = `the package ${packageName} is not installed; a build needs it: npm install --save-dev ${packageName}`;
  return new UsageError(packageName, message);
}

/**
 * A file of a package that assemblyscript brings along, or of assemblyscript itself.
 * @param path `binaryen/bin/wasm-merge`, `assemblyscript/std/assembly.json`
 * @throws {UsageError} assemblyscript is not installed
 */
export function toolFile(path: string): string {
  const ours = createRequire(import.meta.url);
  let assemblyscript: string;
  try {
    assemblyscript = ours.resolve("assemblyscript/package.json");
  } catch {
    throw missingTool("assemblyscript");
  }
  return path === "assemblyscript/package.json"
    ? assemblyscript
    : createRequire(assemblyscript).resolve(path);
}
