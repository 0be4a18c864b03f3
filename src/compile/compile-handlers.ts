/**
 * AssemblyScript to WebAssembly: the handler module of a sealed domain, before the gate.
 *
 * Responsible for: running the compiler in this process, in memory; its flags; its messages as problems.
 * Not responsible for: types as TypeScript sees them (type-check.ts), the gate and what comes behind it (build.ts).
 *
 * I1. The module is a pure function of the sources, the flags and the compiler's version: no path, no time, no
 *     configuration of the folder that the program runs in.
 */
import { ARENA_START, HANDLER_DATA_START } from "../../assembly/abi.ts";
import { checkedArithmetic } from "./checked-arithmetic.ts";
import type {
  CompilerCommand,
  CompilerSyntax,
  Diagnostic,
  Parser,
  ReportedRange,
  Transform,
} from "./compiler-syntax.ts";
import { type Place, type Problem, placeOf, withoutRepeats } from "./problem.ts";
import { LIBRARY_DIRECTORY, RUNTIME, type SealedSources } from "./sealed-sources.ts";

/** The file that exports `run`, by its name without ending. */
export const ENTRY = "build/entry";
const OUTPUT = "handlers.wasm";
const PAGE_BYTES = 65_536;

const CATEGORY_ERROR = 3;
const FLAGS = [
  "--outFile",
  OUTPUT,
  "--lib",
  LIBRARY_DIRECTORY,
  "--runtime",
  RUNTIME,
  "--use",
  "abort=",
  // Memory is the core's; static data stands below the arena.
  "--importMemory",
  "--noExportMemory",
  "--memoryBase",
  String(HANDLER_DATA_START),
  "--initialMemory",
  String(Math.ceil(ARENA_START / PAGE_BYTES)),
  // Copies are loops, so that they are metered.
  "--disable",
  "bulk-memory",
  // Names of functions stay in: findings and profiles name them.
  "--debug",
  "--noColors",
];

const OPTIMIZED = ["--optimizeLevel", "3"];
/**
 * Small steps that cost nothing: a default value of a parameter otherwise needs a global that changes, which the gate
 * refuses, and whose writes nobody reads once its helper stands where it is called.
 */
const PLAIN = ["--runPasses", "inlining,simplify-globals,remove-unused-module-elements"];

export interface CompileHandlersOptions {
  readonly optimize: boolean;
  /** Called with the syntax trees before any pass changes them. */
  readonly onParsed?: (parser: Parser) => readonly Problem[];
}

export type CompiledHandlers =
  | { readonly compiled: true; readonly bytes: Uint8Array }
  | { readonly compiled: false; readonly problems: readonly Problem[] };

/** The compiler's two modules. */
export interface Compiler {
  readonly command: CompilerCommand;
  readonly syntax: CompilerSyntax;
}

/** Compiles `build/entry.ts` and whatever it imports. */
export async function compileHandlers(
  { command, syntax }: Compiler,
  sources: SealedSources,
  options: CompileHandlersOptions,
): Promise<CompiledHandlers> {
  const problems: Problem[] = [];
  let bytes: Uint8Array | undefined;
  const inspection: Transform = {
    afterParse: (parser) => void problems.push(...(options.onParsed?.(parser) ?? [])),
  };
  const arithmetic = checkedArithmetic(syntax, {
    isChecked: (path) => sources.isForeign(path),
    report: ({ range, message }) =>
      problems.push({ code: "arithmetic", message, at: placeIn(sources, range) }),
  });
  const { error, stderr } = await command.main(
    [`${ENTRY}.ts`, "--baseDir", sources.directory, ...FLAGS, ...(options.optimize ? OPTIMIZED : PLAIN)],
    {
      readFile: (name, directory) => sources.read(name, directory),
      writeFile: (name, contents) => {
        if (name.endsWith(OUTPUT) && typeof contents !== "string") bytes = contents;
      },
      listFiles: () => [],
      reportDiagnostic: (diagnostic) => {
        if (diagnostic.category === CATEGORY_ERROR) problems.push(problemOf(sources, diagnostic));
      },
      transforms: [inspection, arithmetic],
    },
  );
  if (problems.length > 0) return { compiled: false, problems: withoutRepeats(problems) };
  if (error)
    throw new Error(`the AssemblyScript compiler failed: ${stderr.toString().trim() || error.message}`, {
      cause: error,
    });
  if (bytes === undefined) throw new Error("the AssemblyScript compiler wrote no module");
  return { compiled: true, bytes };
}

function problemOf(sources: SealedSources, { code, message, range }: Diagnostic): Problem {
  return { code: `AS${code}`, message, at: range === null ? undefined : placeIn(sources, range) };
}

function placeIn(sources: SealedSources, { source, start, end }: ReportedRange): Place | undefined {
  if (source === null) return undefined;
  const file = source.normalizedPath;
  const text = sources.textOf(file);
  if (text === undefined) return { file, line: 0, column: 0, text: "", length: 0 };
  return placeOf(file, text, start, end);
}
