/**
 * `statevec build`: a folder with a schema and handlers becomes one module.
 *
 *     NAME.schema.ts -> generated classes -> tsc -> source check -> asc -> gate -> fuel -> merge -> sections -> NAME.wasm
 *
 * Responsible for: the order of the steps, what each hands to the next, and the files in build/.
 * Not responsible for: the steps themselves, each of which has its file; printing (src/cli/build.ts).
 *
 * I1. The module is a function of the sources, the options and the versions of this package and its tools; no path,
 *     time or environment of this machine reaches it.
 * I2. Nothing is written over the last good module unless every step has passed.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { CORE_SEMANTICS } from "../../assembly/abi.ts";
import { MODULE_FORMAT, MODULE_SECTION, SCHEMA_SECTION } from "../engine/sealed-domain.ts";
import { UsageError } from "../errors.ts";
import {
  COMPILER_VERSION,
  checkHandlerModule,
  checkSources,
  type Finding,
  injectFuel,
  staticDataEnd,
} from "../gate/index.ts";
import { modelOf } from "../schema/define-schema.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import { type Compiler, compileHandlers } from "./compile-handlers.ts";
import { appendCustomSections } from "./custom-sections.ts";
import { declarationOf } from "./declaration.ts";
import { BUILD_FOLDER, type DomainFolder, domainFolder, writeBuilt } from "./folder.ts";
import { generateDomain } from "./generate/index.ts";
import { handlerProblems } from "./handler-functions.ts";
import { type OwnFiles, ownFiles } from "./own-files.ts";
import type { Problem } from "./problem.ts";
import { type LoadedSchema, SchemaFile } from "./schema-file.ts";
import { SealedSources } from "./sealed-sources.ts";
import { loadTool } from "./tools.ts";
import { TypeChecker } from "./type-check.ts";
import { WasmMerge } from "./wasm-merge.ts";

export interface BuildOptions {
  /** Default true. Without it a build is quicker and the module slower; its frames are the same. */
  readonly optimize?: boolean | undefined;
}

/** How long a step took. */
export interface StepTime {
  readonly step: string;
  readonly milliseconds: number;
}

/** What a build came to. Problems of the sources are values; a folder that is no domain is a `UsageError`. */
export type BuildResult = BuiltDomain | FailedBuild;

export interface BuiltDomain {
  readonly built: true;
  /** `exchange` */
  readonly name: string;
  /** Path of NAME.wasm from the domain's folder; NAME.d.ts and NAME.wasm.sha256 stand beside it. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the module, hex: the program of an epoch frame. */
  readonly sha256: string;
  readonly times: readonly StepTime[];
}

export interface FailedBuild {
  readonly built: false;
  readonly name: string;
  /** The step that found them. */
  readonly step: string;
  readonly problems: readonly Problem[];
  readonly times: readonly StepTime[];
}

/**
 * Builds the sealed domain of a folder, once.
 * @param directory holds NAME.schema.ts and assembly/index.ts
 * @throws {UsageError} the folder is not one of a sealed domain, or a package that a build needs is not installed
 */
export async function buildDomain(directory: string, options: BuildOptions = {}): Promise<BuildResult> {
  return new DomainBuilder(directory, options).build();
}

/** Builds one folder again and again; what a build has loaded and checked is kept for the next. */
export class DomainBuilder {
  readonly folder: DomainFolder;
  readonly #options: BuildOptions;
  readonly #own: OwnFiles;
  readonly #schemaFile: SchemaFile;
  readonly #merge = new WasmMerge();
  #types: TypeChecker | undefined;

  /** @throws {UsageError} the folder is not one of a sealed domain */
  constructor(directory: string, options: BuildOptions = {}) {
    this.folder = domainFolder(directory);
    this.#options = options;
    this.#own = ownFiles();
    this.#schemaFile = new SchemaFile(this.folder.schemaFile);
  }

  /** @throws {UsageError} a package that a build needs is not installed */
  async build(): Promise<BuildResult> {
    const steps = new Steps();
    try {
      return await this.#build(steps);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      const { step, problems } = error;
      return { built: false, name: this.folder.name, step, problems, times: steps.times };
    }
  }

  async #build(steps: Steps): Promise<BuiltDomain> {
    const { directory, name } = this.folder;
    // It is ready by the time it is needed: its code is compiled in other threads.
    this.#merge.prepare();
    const { schema, source } = await steps.run("schema", () => this.#schema());
    const model = modelOf(schema);
    const generated = await steps.run("generate", () => generateDomain(schema, source));
    for (const [file, text] of generated) writeBuilt(directory, file, text);
    await steps.run("types", () => this.#checkTypes(model));
    const handlers = await steps.run("compile", () => this.#compile(generated));
    await steps.run("gate", () => stopIf(checkHandlerModule(handlers).map((one) => problemOfFinding(one))));
    const fuelled = await steps.run("fuel", () => injectFuel(handlers));
    const merged = await steps.run("merge", () =>
      this.#merge.merge([
        { name: "env", bytes: this.#own.core },
        { name: "handlers", bytes: fuelled },
        { name: "driver", bytes: this.#own.driver },
      ]),
    );
    const about = { format: MODULE_FORMAT, semantics: CORE_SEMANTICS, dataEnd: staticDataEnd(handlers) };
    const bytes = appendCustomSections(merged, [
      [SCHEMA_SECTION, encodeDescriptor(model)],
      [MODULE_SECTION, new TextEncoder().encode(JSON.stringify(about))],
    ]);
    const digest = bytesToHex(sha256(bytes));
    await steps.run("write", () => {
      writeBuilt(directory, `${name}.d.ts`, declarationOf(model, name, Object.keys(schema.invariants ?? {})));
      writeBuilt(directory, `${name}.wasm`, bytes);
      writeBuilt(directory, `${name}.wasm.sha256`, `${digest}  ${name}.wasm\n`);
    });
    const file = `${BUILD_FOLDER}/${name}.wasm`;
    return { built: true, name, file, bytes, sha256: digest, times: steps.times };
  }

  async #schema(): Promise<LoadedSchema> {
    const loaded = await this.#schemaFile.load();
    return "schema" in loaded ? loaded : stop(loaded);
  }

  async #checkTypes(model: ReturnType<typeof modelOf> & object): Promise<void> {
    const { directory } = this.folder;
    const typescript = await loadTool("typescript");
    this.#types ??= new TypeChecker({ typescript, directory, assembly: this.#own.assembly });
    const { program, problems } = this.#types.check(`${directory}/${BUILD_FOLDER}/entry.ts`);
    // A handler that is missing or misshapen is said once, at the user's source, not as a complaint about generated code.
    const handlers = handlerProblems(typescript, program, directory, model);
    const users = problems.filter(({ at }) => !at?.file.startsWith(`${BUILD_FOLDER}/`));
    stopIf(handlers.length + users.length > 0 ? [...handlers, ...users] : problems);
  }

  async #compile(generated: ReadonlyMap<string, string>): Promise<Uint8Array> {
    const compiler = await loadCompiler();
    const { libraryFiles } = compiler.command;
    const named = new Map([...generated].map(([file, text]) => [`${BUILD_FOLDER}/${file}`, text]));
    const sources = new SealedSources({
      directory: this.folder.directory,
      generated: named,
      assembly: this.#own.assembly,
      standard: libraryFiles,
    });
    const owners = { generated: new Set(named.keys()), standard: Object.keys(libraryFiles) };
    const result = await compileHandlers(compiler, sources, {
      optimize: this.#options.optimize ?? true,
      onParsed: (parser) => checkSources(parser.sources, owners).map((one) => problemOfFinding(one, sources)),
    });
    return result.compiled ? result.bytes : stop(result.problems);
  }
}

// ---- steps -----------------------------------------------------------------------------------------------

/** Ends a build whose sources have problems. */
class Stopped extends Error {
  readonly problems: readonly Problem[];
  step = "";

  constructor(problems: readonly Problem[]) {
    super("the sources have problems");
    this.problems = problems;
  }
}

function stop(problems: readonly Problem[]): never {
  throw new Stopped(problems);
}

function stopIf(problems: readonly Problem[]): void {
  if (problems.length > 0) stop(problems);
}

/** Written by a call that leaves a parameter out, if its default value is computed. */
const ARGUMENTS_GLOBAL = "~argumentsLength";
const DEFAULT_VALUE_TEXT =
  "a default value of a parameter is computed, which needs a global that changes; " +
  "make it a literal, or pass the argument at every call";

/** A finding of the gate. One about a source says `file:line:column`, and is shown there. */
function problemOfFinding({ rule, place, message }: Finding, sources?: SealedSources): Problem {
  if (place.includes(ARGUMENTS_GLOBAL)) return { code: rule, message: DEFAULT_VALUE_TEXT };
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(place) ?? [];
  if (sources === undefined || file === undefined) return { code: rule, message: `${place}: ${message}` };
  const text = sources.textOf(file)?.split("\n")[Number(line) - 1] ?? "";
  return { code: rule, message, at: { file, line: Number(line), column: Number(column), text, length: 1 } };
}

/** The passes reach into the compiler; another release may keep its promises and not its insides. */
async function loadCompiler(): Promise<Compiler> {
  const command = await loadTool("assemblyscript/asc");
  if (command.version !== COMPILER_VERSION) {
    const wanted = `assemblyscript@${COMPILER_VERSION}`;
    const message = `version ${command.version} is installed, expected ${COMPILER_VERSION}: npm install --save-dev --save-exact ${wanted}`;
    throw new UsageError("assemblyscript", message);
  }
  return { command, syntax: await loadTool("assemblyscript") };
}

class Steps {
  readonly times: StepTime[] = [];

  async run<T>(step: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } catch (error) {
      if (error instanceof Stopped) error.step = step;
      throw error;
    } finally {
      this.times.push({ step, milliseconds: performance.now() - start });
    }
  }
}
