/**
 * Loading a domain, or its schema, from a module that the user names.
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
import type { SchemaModel } from "../schema/model.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

/** TypeScript that is bundled first; everything else is imported as it is. */
const TYPESCRIPT = new Set([".ts", ".mts", ".cts"]);

function refuse(path: string, problem: string): never {
  throw new CliError(EXIT_USAGE, `${path}: ${problem}`);
}

/**
 * The one domain that a module exports, whatever its name.
 * @param path a .js, .mjs, .cjs, .ts, .mts or .cts file, or the .wasm of a sealed domain
 */
export async function loadDomain(path: string): Promise<Domain> {
  return named("--domain ", async () => {
    const file = existing(path);
    if (extname(file) === ".wasm") return loadSealed(path, file);
    const domains = new Set((await exportsOf(path, file)).filter(isDomain));
    if (domains.size !== 1)
      refuse(path, `found ${domains.size} exported domains, expected one (made by defineDomain)`);
    return [...domains][0]!;
  });
}

/**
 * The model of the one schema that a module exports, as it is or with its domain.
 * @param path as of `loadDomain`
 */
export async function loadSchema(path: string): Promise<SchemaModel> {
  const file = existing(path);
  if (extname(file) === ".wasm") return modelOf(loadSealed(path, file).schema);
  const values = await exportsOf(path, file);
  const models = values.map((value) => modelOf(isDomain(value) ? (value.schema as unknown) : value));
  const schemas = new Set(models.filter((model) => model !== undefined));
  if (schemas.size !== 1)
    refuse(
      path,
      `found ${schemas.size} exported schemas, expected one (made by defineSchema or defineDomain)`,
    );
  return [...schemas][0]!;
}

/** Runs a loader whose path was named by an option, which the error says. */
async function named<T>(option: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof CliError) throw new CliError(error.exitCode, `${option}${error.message}`);
    throw error;
  }
}

function existing(path: string): string {
  const file = resolve(path);
  if (!existsSync(file) || !statSync(file).isFile()) refuse(path, "there is no such file");
  return file;
}

/** All values that a module exports. */
async function exportsOf(path: string, file: string): Promise<unknown[]> {
  const esbuild = TYPESCRIPT.has(extname(file)) ? await loadEsbuild(path) : undefined;
  try {
    const module: Record<string, unknown> = esbuild
      ? await importBundle(await bundleTypeScript(esbuild, file))
      : await import(pathToFileURL(file).href);
    return Object.values(module);
  } catch (error) {
    return refuse(path, `it can not be loaded: ${(error as Error).message}`);
  }
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
