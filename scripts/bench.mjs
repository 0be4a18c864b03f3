/** `npm run bench`: builds the project, installs the package in bench/ (the peers), runs it with the arguments given. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { buildAll } from "./build.mjs";
import { fail, install, root } from "./project.mjs";

const sources = join(root, "bench");
const output = join(root, "build/bench");

/** TypeScript of bench/ to JavaScript, file by file; `npm test` checks its types. */
async function transpileBench() {
  const { default: ts } = await import("typescript");
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  };
  rmSync(output, { recursive: true, force: true });
  for (const entry of readdirSync(sources, { recursive: true, withFileTypes: true })) {
    const path = relative(sources, join(entry.parentPath, entry.name));
    if (!path.endsWith(".ts") || /^(node_modules|assembly)[\\/]/.test(path)) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(sources, path), "utf8"), { compilerOptions });
    const target = join(output, path.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}

install();
if (!buildAll()) fail("The build failed: its message stands above.");
// The peers compile native code when they are installed, so their install scripts run.
install(sources, []);
await transpileBench();
await import("../build/bench/main.js");
