/**
 * `statevec init NAME`: a new directory with a working project.
 *
 * Responsible for: the name, which package the project asks for, the files of the template (examples/starter) under the
 * new name, and that there is a whole project or none.
 * Not responsible for: installing; what the files say.
 *
 * Invariant: I1 the directory appears complete, by one rename, or not at all; one that holds anything is never touched.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { isBuiltin } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CliError, EXIT_FAILED, EXIT_USAGE } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export interface InitCommandOptions {
  /** A version, tarball, folder or address of this package for the new project; left out: where this one comes from. */
  readonly package: string | undefined;
  readonly json: boolean;
}

/** Stands in the template for the name. */
const PLACEHOLDER = /starter/g;
/** Files of the template. `.gitignore` has another name there: npm packs no file of that name. */
const FILES: readonly (readonly [template: string, file?: string])[] = [
  ["README.md"],
  ["package.json"],
  ["tsconfig.json"],
  ["gitignore", ".gitignore"],
  ["src/starter.schema.ts"],
  ["src/starter.handlers.ts"],
  ["src/service.ts"],
  ["src/client.ts"],
  ["test/starter.test.ts"],
];
/** Of a package and, its `-` and `.` replaced, of a schema. */
const NAME = /^[a-z][a-z0-9._-]{0,62}$/;
/** Names that npm does not give, and those that would hide a package which the project imports or runs. */
const TAKEN = ["node_modules", "statevec", "tsx", "vitest", "typescript", "esbuild"];
const VERSION = /^\d+\.\d+\.\d+(-[\w.-]+)?$/;
const ADDRESS = /^(https?:|git\+|npm:)/;

/**
 * @param directory of the new project; its last part is the project's name
 * @param packageRoot where this package is
 * @returns the exit code
 */
export async function init(
  directory: string,
  options: InitCommandOptions,
  packageRoot: string,
  output: Output,
): Promise<number> {
  const target = resolve(directory);
  const name = basename(directory);
  const template = join(packageRoot, "examples/starter");
  checkName(directory, name);
  checkTarget(directory, target);
  const source = options.package ?? ownSource(packageRoot);
  const statevec = dependencyOn(source, target, options.package !== undefined);
  const schema = name.replaceAll(/[.-]/g, "_");

  const files = new Map<string, string>();
  for (const [from, to = from] of FILES) {
    const text = readFileSync(join(template, from), "utf8").replaceAll(PLACEHOLDER, schema);
    files.set(to.replaceAll(PLACEHOLDER, schema), text);
  }
  const manifest = JSON.parse(files.get("package.json")!);
  manifest.name = name;
  manifest.dependencies.statevec = statevec;
  files.set("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  write(target, files);

  const paths = [...files.keys()];
  if (options.json) await output.json({ directory: target, name, schema, statevec, files: paths });
  else await output.line(nextSteps(directory, paths.length, statevec));
  return 0;
}

// ---- what is asked for -----------------------------------------------------------------------------------

function refuse(argument: string, found: string, expected: string): never {
  throw new CliError(EXIT_USAGE, `${argument}: found "${found}", expected ${expected}`);
}

function checkName(directory: string, name: string): void {
  if (!NAME.test(name)) {
    refuse(
      "NAME",
      directory,
      "a small letter, then small letters, digits, - _ . (63 at most) as its last part",
    );
  }
  if (TAKEN.includes(name) || isBuiltin(name))
    refuse("NAME", name, "a name that no package of the project and no module of Node has");
}

function checkTarget(directory: string, target: string): void {
  const parent = dirname(target);
  if (!existsSync(parent) || !statSync(parent).isDirectory()) {
    refuse("NAME", directory, `a directory that is to be made in one that is there; ${parent} is none`);
  }
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory())
    refuse("NAME", directory, "a new directory; there is a file of this name");
  if (readdirSync(target).length > 0) {
    refuse(
      "NAME",
      directory,
      "a new or empty directory; this one is not empty, and nothing in it was changed",
    );
  }
}

// ---- which package ---------------------------------------------------------------------------------------

/**
 * Where this package was installed from: its version if a registry has it, else the same tarball or folder, because no
 * registry may know that version.
 */
function ownSource(packageRoot: string): string {
  const modules = dirname(packageRoot);
  if (basename(modules) !== "node_modules") return packageRoot;
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const lock = join(modules, ".package-lock.json");
  if (!existsSync(lock)) return version;
  const entry = JSON.parse(readFileSync(lock, "utf8")).packages?.["node_modules/statevec"];
  if (typeof entry?.resolved !== "string" || !entry.resolved.startsWith("file:")) return version;
  return resolve(dirname(modules), entry.resolved.slice("file:".length));
}

/** @returns as package.json has it: a file is named from the project */
function dependencyOn(source: string, target: string, isGiven: boolean): string {
  if (VERSION.test(source) || ADDRESS.test(source)) return source;
  const path = resolve(source.replace(/^file:/, ""));
  if (existsSync(path)) return `file:${relative(target, path).replaceAll("\\", "/")}`;
  if (isGiven)
    refuse("--package", source, "a version (1.2.3), an address, or a tarball or folder that is there");
  throw new CliError(
    EXIT_USAGE,
    `found no ${path}, from which this package was installed: name a version, tarball or folder with --package`,
  );
}

// ---- writing ---------------------------------------------------------------------------------------------

function write(target: string, files: ReadonlyMap<string, string>): void {
  let making: string | undefined;
  try {
    making = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
    const project = join(making, basename(target));
    for (const [path, text] of files) {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    }
    // Fails if somebody has put something there meanwhile; without it a rename onto a directory depends on the system.
    if (existsSync(target)) rmdirSync(target);
    renameSync(project, target);
  } catch (error) {
    const { message } = error as Error;
    throw new CliError(EXIT_FAILED, `${target} can not be written, and is not there: ${message}`);
  } finally {
    if (making !== undefined) rmSync(making, { recursive: true, force: true });
  }
}

function nextSteps(directory: string, files: number, statevec: string): string {
  return `${directory}: ${files} files, statevec ${statevec}

  cd ${directory}
  npm install
  npm test
  npm start          # the service; Ctrl-C ends it
  npm run client     # in a second terminal: commands, and what came of them`;
}
