/**
 * `statevec init`: what it makes works from its first command to its last, on a machine that has the package and npm; what it
 * refuses is not there.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BINARY, temporaryDirectory } from "./run-cli.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Installing takes seconds, on a busy machine more. */
const SLOW = 240_000;
/** The settings of the npm that runs these tests are not those of a user. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const options = { cwd, env: { ...ENVIRONMENT, ...env }, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, stdout, stderr };
}

const init = (cwd: string, ...args: string[]) => run(process.execPath, [BINARY, "init", ...args], cwd);

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("a project from the packed package", () => {
  let project: string;
  let tarball: string;
  const npm = (...args: string[]) => run("npm", args, project);
  const npx = (...args: string[]) => run("npx", ["--no", ...args], project);

  beforeAll(() => {
    const packed = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", directory], ROOT);
    tarball = JSON.parse(packed.stdout)[0].filename;
    mkdirSync(join(directory, "installer"));
    const installer = join(directory, "installer");
    writeFileSync(join(installer, "package.json"), "{}\n");
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `../${tarball}`], installer);
    project = join(directory, "corner-bank");

    const made = run("npx", ["--no", "statevec", "init", "../corner-bank"], installer);
    expect(made).toMatchObject({ status: 0, stderr: "" });
    expect(made.stdout).toMatch(
      /^\.\.\/corner-bank: 9 files, statevec file:\.\.\/statevec-\S+\.tgz\n\n {2}cd /,
    );
    const installed = npm("install", "--prefer-offline", "--no-audit", "--no-fund");
    expect(installed.status, installed.stderr).toBe(0);
  }, SLOW);

  test("every file has the new name; no place has the old one", () => {
    expect(tree(project).sort()).toEqual([
      ".gitignore",
      "README.md",
      "package.json",
      "src/client.ts",
      "src/corner_bank.handlers.ts",
      "src/corner_bank.schema.ts",
      "src/service.ts",
      "test/corner_bank.test.ts",
      "tsconfig.json",
    ]);
    const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "corner-bank", dependencies: { statevec: `file:../${tarball}` } });
    expect(readFileSync(join(project, "src/corner_bank.schema.ts"), "utf8")).toContain(
      'defineSchema("corner_bank"',
    );
    for (const file of tree(project)) {
      expect(readFileSync(join(project, file), "utf8"), file).not.toContain("starter");
    }
    expect(readdirSync(directory).sort()).toEqual(["corner-bank", "installer", tarball]);
  });

  test("npm test, npm run check", () => {
    const tests = npm("test");
    expect(tests.status, tests.stdout).toBe(0);
    const check = npm("run", "check");
    expect(check.status, check.stdout).toBe(0);
    expect(check.stdout).toContain("2 files read: no findings\n");
  }, 120_000);

  test("the service and the client; a restart goes on where it was; the history proves itself", async () => {
    const token = "a token of 22 letters".replaceAll(" ", "-");
    const first = await start(project, token);
    expect(client(first.url, token)).toEqual([
      "frame 2  committed",
      "frame 3  committed",
      "frame 4  committed",
      "frame 5  committed",
      "frame 6  rejected: INSUFFICIENT_FUNDS",
      "ada has 7000n",
      "richest first, at frame 6:",
      "  ada     7000",
      "  bob     3000",
    ]);
    const stranger = await fetch(`${first.url}/v1/frontier`);
    expect(stranger.status).toBe(401);
    expect(await stop(first.process)).toMatch(/^drained: 6 frames, digest [0-9a-f]{64}\n$/);
    expect(npx("statevec", "verify", "data")).toMatchObject({ status: 0, stderr: "" });

    const second = await start(project, token);
    expect(second.line).toContain("history in data, 6 frames");
    expect(client(second.url, token)).toContain("ada has 14000n");
    await stop(second.process);
    const audit = npx("statevec", "audit", "data", "--domain", "src/corner_bank.handlers.ts");
    expect(audit.stdout, audit.stderr).toContain("run again and compared: the replay is identical\n");
  }, 120_000);

  test("without a token it serves this machine alone", () => {
    const args = ["--import", "tsx", "src/service.ts"];
    const { status, stderr } = run(process.execPath, args, project, { HOST: "0.0.0.0", DATA: "other" });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        "HOST is 0.0.0.0 and there is no TOKEN: everybody could submit. Set TOKEN, or leave HOST out.\n",
    });
    expect(existsSync(join(project, "other"))).toBe(false);
  });

  function client(url: string, token: string): string[] {
    const args = ["--import", "tsx", "src/client.ts"];
    const { status, stdout, stderr } = run(process.execPath, args, project, { URL: url, TOKEN: token });
    expect(status, stderr).toBe(0);
    return stdout.trimEnd().split("\n");
  }
});

/** Files of a project but those that npm puts there. */
function tree(project: string): string[] {
  const entries = readdirSync(project, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
  return paths.filter((path) => !/^(node_modules|data)\/|^package-lock\.json$/.test(path));
}

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

async function start(project: string, token: string) {
  const env = { ...ENVIRONMENT, PORT: "0", TOKEN: token };
  const child = spawn(process.execPath, ["--import", "tsx", "src/service.ts"], {
    cwd: project,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  return { process: child, line: line as string, url: (line as string).split(" ")[0]! };
}

/** @returns what it still said */
async function stop(child: ChildProcess): Promise<string> {
  let said = "";
  child.stdout!.on("data", (text: string) => {
    said += text;
  });
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  return said;
}

describe("which package the project asks for", () => {
  const dependency = (project: string) =>
    JSON.parse(readFileSync(join(directory, project, "package.json"), "utf8")).dependencies.statevec;

  test("of a checkout: the checkout", () => {
    expect(init(directory, "from-checkout").status).toBe(0);
    const spec: string = dependency("from-checkout");
    expect(spec).toMatch(/^file:\.\.\//);
    expect(join(directory, "from-checkout", spec.slice("file:".length), "/")).toBe(ROOT);
  });

  test.each([
    ["a version", "0.3.0", "0.3.0"],
    ["a version before a release", "1.0.0-beta.1", "1.0.0-beta.1"],
    ["an address", "https://example.org/statevec.tgz", "https://example.org/statevec.tgz"],
    ["a file", "here.tgz", "file:../here.tgz"],
    ["a file by its address", "file:./here.tgz", "file:../here.tgz"],
  ])("%s", (_, spec, expected) => {
    writeFileSync(join(directory, "here.tgz"), "");
    rmSync(join(directory, "asks"), { recursive: true, force: true });
    const { status, stdout } = init(directory, "asks", "--package", spec, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "asks", schema: "asks", statevec: expected });
    expect(dependency("asks")).toBe(expected);
  });

  test("the template is of this release", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const template = JSON.parse(readFileSync(join(ROOT, "examples/starter/package.json"), "utf8"));
    expect(template.dependencies.statevec).toBe(version);
  });
});

describe("refused, and nothing is written", () => {
  let empty: string;
  beforeAll(() => {
    empty = temporaryDirectory();
    mkdirSync(join(empty, "full"));
    writeFileSync(join(empty, "full/kept.txt"), "kept");
    writeFileSync(join(empty, "file"), "kept");
  });
  afterAll(() => rmSync(empty, { recursive: true, force: true }));

  test.each([
    ["no name", [], "missing required argument 'name'"],
    ["two names", ["one", "two"], "too many arguments"],
    ["an unknown option", ["bank", "--lane"], "unknown option '--lane'"],
    ["a capital letter", ["Bank"], 'NAME: found "Bank", expected a small letter'],
    ["a space", ["my bank"], 'NAME: found "my bank", expected a small letter'],
    ["a digit first", ["1bank"], "expected a small letter"],
    ["a dot first", [".bank"], "expected a small letter"],
    ["this directory", ["."], "expected a small letter"],
    ["nothing", [""], "expected a small letter"],
    ["64 letters", ["a".repeat(64)], "expected a small letter"],
    ["this package", ["statevec"], "expected a name that no package of the project"],
    ["a package it uses", ["vitest"], "expected a name that no package of the project"],
    ["a module of Node", ["http"], "expected a name that no package of the project"],
    ["a directory that is not empty", ["full"], "this one is not empty, and nothing in it was changed"],
    ["a file", ["file"], "there is a file of this name"],
    ["a place that is not there", ["not/there"], "one that is there"],
    ["no such package", ["bank", "--package", "no.tgz"], '--package: found "no.tgz", expected a version'],
  ])("%s", (_, args, message) => {
    const { status, stdout, stderr } = init(empty, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(tree(empty).sort()).toEqual(["file", "full/kept.txt"]);
  });

  test.runIf(process.platform === "linux")("where nothing can be written", () => {
    const { status, stderr } = init(empty, "/proc/bank");
    expect(status).toBe(5);
    expect(stderr).toContain("/proc/bank can not be written, and is not there: ");
  });

  test("an empty directory is taken", () => {
    mkdirSync(join(empty, "bare"));
    expect(init(empty, "bare").status).toBe(0);
    expect(readdirSync(join(empty, "bare"))).toContain("package.json");
  });
});

await import("../../examples/starter/test/starter.test.ts");
