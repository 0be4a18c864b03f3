/**
 * Builds what is stale: assembly/ -> build/statevec.wasm, build/statevec-driver.wasm and build/core-bytes.js, the runtime
 * half of as-bind -> build/as-bind.js, src/ and examples/ -> build/, the sealed domains of examples/ -> their own build/.
 *
 * Stale means: the SHA-256 over the inputs differs from the one noted beside the output. The note is written last,
 * so a failed build is never taken for a good one.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { install, root, runTool, say } from "./project.mjs";

const build = join(root, "build");
const wasmFile = join(build, "statevec.wasm");
const driverFile = join(build, "statevec-driver.wasm");
const coreBytesFile = join(build, "core-bytes.js");
const asBindFile = join(build, "as-bind.js");
const bindingsTransform = "scripts/bindings-transform.mjs";

/** Every .ts file below a folder, sorted, as paths from the root. */
function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

/** What an output was made from: `hash` over the paths and bytes of `files`. */
function stateOf(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const bytes = readFileSync(join(root, file));
    hash.update(`${file}\n${bytes.length}\n`).update(bytes);
  }
  return { hash: hash.digest("hex"), files };
}

function readNote(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { hash: "", files: [] };
}

/** Compiles the core and the driver, checks that the core imports nothing, and embeds it for every runtime and bundler. */
function buildCore(step) {
  const noteFile = join(build, "statevec.wasm.inputs.json");
  const state = stateOf([...sources("assembly"), "asconfig.json", bindingsTransform, "package-lock.json"]);
  const outputs = [wasmFile, driverFile, coreBytesFile];
  if (readNote(noteFile).hash === state.hash && outputs.every((file) => existsSync(file))) return true;
  step("assembly/ -> build/statevec.wasm");
  const compile = (entry, target, ...more) =>
    runTool("asc", [entry, "--config", "asconfig.json", "--target", target, ...more]);
  if (!compile("assembly/index.ts", "release", "--transform", join(root, bindingsTransform))) return false;
  if (!compile("assembly/driver.ts", "driver")) return false;
  const bytes = readFileSync(wasmFile);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length > 0) {
    const names = imports.map(({ module, name }) => `${module}.${name}`).join(", ");
    say(`build/statevec.wasm imports ${names}; the core imports nothing: remove what needs it.`);
    rmSync(wasmFile);
    return false;
  }
  writeFileSync(coreBytesFile, `export const coreBytes = "${bytes.toString("base64")}";\n`);
  writeFileSync(
    join(build, "core-bytes.d.ts"),
    "/** The core module (statevec.wasm), base64. */\nexport declare const coreBytes: string;\n",
  );
  writeFileSync(noteFile, JSON.stringify(state));
  return true;
}

/**
 * Copies the half of as-bind that is used, under its license. As a dependency it would bring its peer, an older compiler,
 * which npm can not install beside ours: no other package could be added to a project that has this one.
 */
function copyAsBind() {
  const from = join(root, "node_modules/as-bind");
  const license = readFileSync(join(from, "LICENSE"), "utf8").trimEnd();
  const { version } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const code = readFileSync(join(from, "dist/as-bind.esm.js"), "utf8");
  const text = `/*!\nas-bind ${version}\n\n${license}\n*/\n${code}`;
  if (!existsSync(asBindFile) || readFileSync(asBindFile, "utf8") !== text) writeFileSync(asBindFile, text);
  return true;
}

/** Compiles the host. Output of sources that are gone is removed with everything else made from TypeScript. */
function buildHost(step) {
  const noteFile = join(build, "host.inputs.json");
  const isSealed = (file) => /^examples\/[^/]+\/(assembly|build)\//.test(file);
  const examples = sources("examples").filter((file) => !isSealed(file));
  const files = [...sources("src"), ...examples, "assembly/abi.ts"];
  const state = stateOf([
    ...files,
    "tsconfig.json",
    "tsconfig.build.json",
    "package-lock.json",
    "package.json",
  ]);
  const note = readNote(noteFile);
  if (note.hash === state.hash && existsSync(join(build, "src"))) return true;
  step("src/, examples/ -> build/");
  if (note.files.some((file) => !state.files.includes(file))) {
    for (const name of ["src", "examples", "assembly", "tsconfig.build.tsbuildinfo"]) {
      rmSync(join(build, name), { recursive: true, force: true });
    }
  }
  if (!runTool("tsc", ["-p", "tsconfig.build.json"])) return false;
  writeFileSync(noteFile, JSON.stringify(state));
  return true;
}

/** Builds the sealed domains of the examples: each folder with an assembly/index.ts becomes build/NAME.wasm beside it. */
function buildSealed(step) {
  const examples = readdirSync(join(root, "examples")).filter((name) =>
    existsSync(join(root, "examples", name, "assembly/index.ts")),
  );
  return examples.every((name) => buildSealedDomain(join("examples", name), step));
}

/**
 * Builds the sealed domain of one folder where it is stale, by the command line in build/.
 * @param {string} folder path from the root
 * @param {(text: string) => unknown} [step] told what is being built
 * @returns {boolean} whether it is built
 */
export function buildSealedDomain(folder, step = () => {}) {
  const tools = ["src/compile", "src/gate", "src/schema", "assembly"].flatMap(sources);
  const noteFile = join(root, folder, "build/sealed.inputs.json");
  const schema = readdirSync(join(root, folder)).filter((file) => file.endsWith(".schema.ts"));
  const own = [...schema.map((file) => join(folder, file)), ...sources(join(folder, "assembly"))];
  const state = stateOf([...own, ...tools, "package-lock.json"]);
  const built = existsSync(join(root, folder, "build")) ? readdirSync(join(root, folder, "build")) : [];
  if (readNote(noteFile).hash === state.hash && built.some((file) => file.endsWith(".wasm"))) return true;
  step(`${folder} -> ${folder}/build`);
  const { status } = spawnSync(process.execPath, [join(build, "src/cli/main.js"), "build", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", 2],
  });
  if (status !== 0) return false;
  writeFileSync(noteFile, JSON.stringify(state));
  return true;
}

/**
 * Brings build/ up to date; messages go to stderr.
 * @param {{ quiet?: boolean }} [options] quiet: says nothing unless something fails
 * @returns {boolean} whether everything is built
 */
export function buildAll({ quiet = false } = {}) {
  const step = (text) => quiet || say(`Building ${text}`);
  mkdirSync(build, { recursive: true });
  const core = buildCore(step);
  return core && copyAsBind() && buildHost(step) && buildSealed(step);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  install();
  process.exitCode = buildAll() ? 0 : 1;
}
