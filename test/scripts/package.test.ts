/** The package as it is packed: a project that installs it gets as-bind and statevec-v1.proto within it, and no compiler
 * beside it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let project = "";

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Packs, and puts the package where an installation would; its other dependencies are those of this checkout. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "statevec-package-"));
  const [{ filename }] = JSON.parse(
    run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project], root),
  );
  const modules = join(project, "node_modules");
  mkdirSync(modules);
  run("tar", ["xzf", join(project, filename), "-C", modules], project);
  run("mv", ["package", "statevec"], modules);
  for (const name of ["@noble", "@node-rs", "commander", "crc-32", "protobufjs", "wasmparser"])
    symlinkSync(join(root, "node_modules", name), join(modules, name));
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test("as-bind is inside, with what it asks for; its compiler is not", () => {
  const inside = join(project, "node_modules/statevec/node_modules");
  expect(existsSync(join(inside, "as-bind/dist/as-bind.cjs.js"))).toBe(true);
  const names = readdirSync(inside);
  expect(names).not.toContain("assemblyscript");
  expect(names.filter((name) => name.startsWith("@"))).toEqual([]);
});

test("a program of the project inspects a module", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { describeModule, openInspector } from "statevec/node";
    const bytes = readFileSync("node_modules/statevec/build/statevec.wasm");
    console.log((await describeModule(bytes)).split("\\n")[1], typeof (await openInspector()).frameText);`;
  const output = run(process.execPath, ["--input-type=module", "--eval", program], project);
  expect(output).toBe("imports nothing function\n");
});

test("the messages of statevec.v1 are inside, and the command line prints them", () => {
  const file = join(project, "node_modules/statevec/src/proto/statevec-v1.proto");
  const main = join(project, "node_modules/statevec/build/src/cli/main.js");
  expect(run(process.execPath, [main, "proto", "--statevec"], project)).toBe(readFileSync(file, "utf8"));
});
