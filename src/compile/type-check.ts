/**
 * TypeScript over the sealed sources, before the AssemblyScript compiler sees them.
 *
 * Responsible for: a program over the entry and whatever it imports, with AssemblyScript's own typings; its complaints
 * about the user's sources as problems. It finds what the other compiler takes in silence: a field left out of a
 * literal, two enums mixed, a number where a record is meant.
 * Not responsible for: whether each command has its handler (handler-functions.ts).
 *
 * I1. A checker that is asked again reads and checks only what changed since.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type typescript from "typescript";
import { type Place, type Problem, placeOf } from "./problem.ts";
import { toolFile } from "./tools.ts";

type TypeScript = typeof typescript;

export interface TypeCheckerParts {
  readonly typescript: TypeScript;
  /** The domain's folder, absolute. */
  readonly directory: string;
  /** The folder assembly/ of this package. */
  readonly assembly: string;
}

/** What a check gave: a program to ask further, and what is wrong. */
export interface CheckedTypes {
  readonly program: typescript.Program;
  readonly problems: readonly Problem[];
}

/** Checks one domain, as often as its sources change. */
export class TypeChecker {
  readonly #parts: TypeCheckerParts;
  readonly #options: typescript.CompilerOptions;
  readonly #sources = new Map<string, { readonly text: string; readonly file: typescript.SourceFile }>();
  readonly #host: typescript.CompilerHost;
  #program: typescript.Program | undefined;

  constructor(parts: TypeCheckerParts) {
    this.#parts = parts;
    this.#options = optionsOf(parts);
    this.#host = parts.typescript.createCompilerHost(this.#options, true);
    this.#host.getSourceFile = (path, target) => this.#sourceFile(path, target);
  }

  /** @param entry path of the generated entry, which imports the handlers */
  check(entry: string): CheckedTypes {
    const { typescript: ts, directory } = this.#parts;
    const program = ts.createProgram({
      rootNames: [entry],
      options: this.#options,
      host: this.#host,
      ...(this.#program && { oldProgram: this.#program }),
    });
    this.#program = program;
    const diagnostics = program
      .getSourceFiles()
      .filter((file) => isUserSource(file, directory))
      .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]);
    return { program, problems: diagnostics.map((diagnostic) => this.#problemOf(diagnostic)) };
  }

  #sourceFile(path: string, target: typescript.ScriptTarget | typescript.CreateSourceFileOptions) {
    const text = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (text === undefined) return undefined;
    const known = this.#sources.get(path);
    if (known?.text === text) return known.file;
    const file = this.#parts.typescript.createSourceFile(path, text, target, true);
    this.#sources.set(path, { text, file });
    return file;
  }

  #problemOf({ code, messageText, file, start, length }: typescript.Diagnostic): Problem {
    const message = this.#parts.typescript.flattenDiagnosticMessageText(messageText, "\n");
    if (file === undefined || start === undefined) return { code: `TS${code}`, message };
    const at = placeInFile(this.#parts.directory, file, start, start + (length ?? 1));
    return { code: `TS${code}`, message, at };
  }
}

/** A place in a file of a program, by the file's path from the domain's folder. */
export function placeInFile(
  directory: string,
  file: typescript.SourceFile,
  start: number,
  end: number,
): Place {
  return placeOf(file.fileName.slice(directory.length + 1), file.text, start, end);
}

/** Below the domain's folder, and not a package. What we generate is there too, since it imports the handlers. */
export function isUserSource(file: typescript.SourceFile, directory: string): boolean {
  return file.fileName.startsWith(`${directory}/`) && !file.fileName.includes("/node_modules/");
}

function optionsOf({ typescript: ts, assembly }: TypeCheckerParts): typescript.CompilerOptions {
  const standard = dirname(toolFile("assemblyscript/std/assembly.json"));
  return {
    noEmit: true,
    noLib: true,
    strict: true,
    // Fields of AssemblyScript classes start as zeros.
    strictPropertyInitialization: false,
    noImplicitReturns: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    typeRoots: [join(standard, "types")],
    types: ["assembly"],
    paths: {
      "statevec/assembly": [join(assembly, "sdk/index.ts")],
      "statevec/assembly/*": [join(assembly, "*")],
      "*": [join(standard, "assembly/*")],
    },
  };
}
