/**
 * The schema of a sealed domain, out of its `NAME.schema.ts`.
 *
 * Responsible for: running the module and finding the one schema it exports; its mistakes as problems.
 * Not responsible for: what is generated from it (generate/).
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SchemaError } from "../errors.ts";
import { modelOf, type Schema } from "../schema/define-schema.ts";
import type { Problem } from "./problem.ts";
import { loadTool } from "./tools.ts";
import { bundleTypeScript, importBundle } from "./typescript-module.ts";

export interface LoadedSchema {
  readonly schema: Schema;
  /** Text of the file, for its comments. */
  readonly source: string;
}

/** What esbuild says where the module does not parse. */
interface BundleMessage {
  readonly text: string;
  readonly location: {
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly lineText: string;
  } | null;
}

/** Loads the schema of one file again and again; a file that did not change is not run again. */
export class SchemaFile {
  readonly #path: string;
  #code = "";
  #loaded: LoadedSchema | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {UsageError} esbuild is not installed */
  async load(): Promise<LoadedSchema | readonly Problem[]> {
    const esbuild = await loadTool("esbuild");
    try {
      const source = readFileSync(this.#path, "utf8");
      const code = await bundleTypeScript(esbuild, this.#path);
      if (this.#loaded === undefined || code !== this.#code || source !== this.#loaded.source) {
        this.#loaded = { schema: onlySchema(await importBundle(code)), source };
        this.#code = code;
      }
      return this.#loaded;
    } catch (error) {
      return this.#problemsOf(error);
    }
  }

  #problemsOf(error: unknown): Problem[] {
    const file = basename(this.#path);
    const { errors } = error as { readonly errors?: readonly BundleMessage[] };
    if (Array.isArray(errors)) {
      return (errors as readonly BundleMessage[]).map(({ text, location }) => ({
        message: text,
        at: location
          ? {
              file,
              line: location.line,
              column: location.column + 1,
              text: location.lineText,
              length: location.length,
            }
          : wholeFile(file),
      }));
    }
    const message = error instanceof SchemaError ? error.message : `it can not be loaded: ${String(error)}`;
    return [{ message, at: wholeFile(file) }];
  }
}

function wholeFile(file: string) {
  return { file, line: 0, column: 0, text: "", length: 0 };
}

function onlySchema(module: Record<string, unknown>): Schema {
  const schemas = new Set(Object.values(module).filter((value) => modelOf(value) !== undefined));
  if (schemas.size === 1) return [...schemas][0] as Schema;
  throw new SchemaCountError(schemas.size);
}

class SchemaCountError extends Error {
  constructor(count: number) {
    super(`found ${count} exported schemas, expected one (made by defineSchema)`);
  }

  override toString(): string {
    return this.message;
  }
}
