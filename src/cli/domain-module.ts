/**
 * Loading a domain from a module that the user names.
 *
 * Responsible for: JavaScript as it is, TypeScript bundled in memory, and one clear line where there is no domain.
 * Not responsible for: running it.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundleTypeScript, importBundle, loadTool } from "../compile/index.ts";
import type { Domain } from "../engine/domain.ts";
import { sealedDomain } from "../engine/sealed-domain.ts";
import { modelOf } from "../schema/define-schema.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

/** TypeScript that is bundled first; everything else is imported as it is. */
const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);

function refuse(path: string, problem: string): never {
  throw new CliError(EXIT_USAGE, `--domain ${path}: ${problem}`);
}

/**
 * The one domain that a module exports, whatever its name.
 * @param path a .js, .mjs, .cjs, .ts, .mts or .cts file, or the .wasm of a sealed domain
 */
export async function loadDomain(path: string): Promise<Domain> {
  const file = resolve(path);
  if (!existsSync(file) || !statSync(file).isFile()) refuse(path, "there is no such file");
  if (extname(file) === ".wasm") return loadSealed(path, file);
  const esbuild = TYPESCRIPT.has(extname(file)) ? await loadEsbuild(path) : undefined;
  let module: Record<string, unknown>;
  try {
    module = esbuild
      ? await importBundle(await bundleTypeScript(esbuild, file))
      : await import(pathToFileURL(file).href);
  } catch (error) {
    return refuse(path, `it can not be loaded: ${(error as Error).message}`);
  }
  const domains = new Set(Object.values(module).filter(isDomain));
  if (domains.size !== 1)
    refuse(path, `found ${domains.size} exported domains, expected one (made by defineDomain)`);
  return [...domains][0]!;
}

function loadSealed(path: string, file: string): Domain {
  try {
    return sealedDomain(readFileSync(file)) as unknown as Domain;
  } catch (error) {
    return refuse(path, (error as Error).message);
  }
}

function isDomain(value: unknown): value is Domain {
  if (typeof value !== "object" || value === null || !("schema" in value)) return false;
  return modelOf(value.schema) !== undefined;
}

async function loadEsbuild(path: string) {
  return loadTool("esbuild").catch(() => {
    return refuse(
      path,
      "TypeScript needs the package esbuild: npm install esbuild, or name a compiled .js file",
    );
  });
}
