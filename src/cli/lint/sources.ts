/**
 * The sources that lint reads: a module and everything that it imports relatively, with a type checker.
 *
 * Responsible for: the program, which files belong to the domain, and one clear line where a file can not be read.
 * Not responsible for: what packages do. They are seen through their types only.
 */
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type ts from "typescript";
import { CliError, EXIT_USAGE } from "../exit-codes.ts";

/** The package `typescript`, loaded when it is needed. */
export type TypeScript = typeof ts;

export interface Sources {
  readonly ts: TypeScript;
  readonly checker: ts.TypeChecker;
  /** The module first. */
  readonly files: readonly ts.SourceFile[];
  /** Whether a file is one of `files`. */
  has(file: ts.SourceFile): boolean;
  /** Whether a file declares what the language and its platforms have. */
  isPlatform(file: ts.SourceFile): boolean;
}

/** Texts that stand in for files, by absolute path: for tests. */
export type Overlay = ReadonlyMap<string, string>;

/**
 * @throws CliError if there is no such module, it can not be parsed, or a relative import leads nowhere
 */
export function readSources(ts: TypeScript, path: string, overlay: Overlay = new Map()): Sources {
  const module = resolve(path);
  if (!overlay.has(module) && !(existsSync(module) && statSync(module).isFile())) {
    throw new CliError(EXIT_USAGE, `${path}: there is no such file`);
  }
  const options = compilerOptions(ts, module);
  const host = hostOf(ts, options, overlay);
  const program = ts.createProgram({ rootNames: [module], options, host });
  const files = relativeClosure(ts, program, module);
  for (const file of files) refuseSyntaxErrors(ts, program, file);
  const known = new Set(files);
  return {
    ts,
    checker: program.getTypeChecker(),
    files,
    has: (file) => known.has(file),
    isPlatform: (file) =>
      program.isSourceFileDefaultLibrary(file) || /\/node_modules\/@types\/node\//.test(file.fileName),
  };
}

/** What the nearest tsconfig.json says, as far as it is about types; else what a new project would have. */
function compilerOptions(ts: TypeScript, module: string): ts.CompilerOptions {
  const fixed: ts.CompilerOptions = {
    noEmit: true,
    skipLibCheck: true,
    allowJs: true,
    checkJs: false,
    composite: false,
    incremental: false,
    allowImportingTsExtensions: true,
  };
  const file = ts.findConfigFile(dirname(module), ts.sys.fileExists);
  if (file === undefined) {
    const { ES2022 } = ts.ScriptTarget;
    const { NodeNext } = ts.ModuleKind;
    return { target: ES2022, module: NodeNext, strict: true, ...fixed };
  }
  const { config, error } = ts.readConfigFile(file, ts.sys.readFile);
  if (error)
    throw new CliError(EXIT_USAGE, `${file}: ${ts.flattenDiagnosticMessageText(error.messageText, " ")}`);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [module] }, ts.sys, dirname(file));
  const { tsBuildInfoFile: _, ...kept } = options;
  return { ...kept, ...fixed };
}

function hostOf(ts: TypeScript, options: ts.CompilerOptions, overlay: Overlay): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  if (overlay.size === 0) return host;
  return {
    ...host,
    fileExists: (name) => overlay.has(name) || host.fileExists(name),
    directoryExists: (name) => isFolderOf(overlay, name) || ts.sys.directoryExists(name),
    readFile: (name) => overlay.get(name) ?? host.readFile(name),
    getSourceFile: (name, languageVersion, ...more) => {
      const text = overlay.get(name);
      if (text === undefined) return host.getSourceFile(name, languageVersion, ...more);
      return ts.createSourceFile(name, text, languageVersion, true);
    },
  };
}

function isFolderOf(overlay: Overlay, folder: string): boolean {
  return [...overlay.keys()].some((name) => name.startsWith(`${folder}/`));
}

/** The module and what it imports by a path of its own, one after the other. */
function relativeClosure(ts: TypeScript, program: ts.Program, module: string): ts.SourceFile[] {
  const root = program.getSourceFile(module);
  if (root === undefined) {
    throw new CliError(
      EXIT_USAGE,
      `${module}: found no JavaScript or TypeScript, expected a module of handlers`,
    );
  }
  const found = [root];
  for (const file of found) {
    for (const specifier of relativeImports(ts, file)) {
      const target = resolveImport(ts, program, file, specifier);
      if (target !== undefined && !target.isDeclarationFile && !found.includes(target)) found.push(target);
    }
  }
  return found;
}

function resolveImport(
  ts: TypeScript,
  program: ts.Program,
  file: ts.SourceFile,
  specifier: ts.StringLiteralLike,
): ts.SourceFile | undefined {
  const symbol = program.getTypeChecker().getSymbolAtLocation(specifier);
  const target = symbol?.declarations?.find(ts.isSourceFile);
  if (target !== undefined) return target;
  const options = program.getCompilerOptions();
  const { resolvedModule } = ts.resolveModuleName(specifier.text, file.fileName, options, ts.sys);
  // A file that exports nothing is no module to the checker, and a .json is none of ours.
  if (resolvedModule !== undefined) return program.getSourceFile(resolvedModule.resolvedFileName);
  const { line } = file.getLineAndCharacterOfPosition(specifier.getStart(file));
  throw new CliError(
    EXIT_USAGE,
    `${file.fileName}:${line + 1} imports ${specifier.text}: there is no such file`,
  );
}

/** The specifiers that begin with a dot, of imports, exports, `import()` and `require()`. */
function relativeImports(ts: TypeScript, file: ts.SourceFile): ts.StringLiteralLike[] {
  const found: ts.StringLiteralLike[] = [];
  const add = (node: ts.Node | undefined) => {
    if (node !== undefined && ts.isStringLiteralLike(node) && /^\.{1,2}(\/|$)/.test(node.text))
      found.push(node);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly) add(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && !node.isTypeOnly) add(node.moduleSpecifier);
    else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      if (isImport || isRequire) add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function refuseSyntaxErrors(ts: TypeScript, program: ts.Program, file: ts.SourceFile): void {
  const [first] = program.getSyntacticDiagnostics(file);
  if (first === undefined) return;
  const { line, character } = file.getLineAndCharacterOfPosition(first.start);
  const text = ts.flattenDiagnosticMessageText(first.messageText, " ");
  throw new CliError(EXIT_USAGE, `${file.fileName}:${line + 1}:${character + 1} can not be parsed: ${text}`);
}
