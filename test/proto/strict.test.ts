/** Where no code is made from text, as under a strict content security policy, everything works. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { staticModule } from "./peers.ts";
import { types } from "./schemas.ts";

const BUILD = fileURLToPath(new URL("../../build/test-proto/", import.meta.url));
const FLAG = "--disallow-code-generation-from-strings";
let directory: string;

beforeAll(() => {
  mkdirSync(BUILD, { recursive: true });
  directory = mkdtempSync(join(BUILD, "strict-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("static code of a peer and ours, and an engine, under a strict policy", async () => {
  const peer = join(directory, "peer.cjs");
  writeFileSync(peer, await staticModule(protoText(modelOf(types))));
  const program = join(directory, "runner.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./strict-runner.ts", import.meta.url))],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    alias: {
      statevec: fileURLToPath(new URL("../../src/index.ts", import.meta.url)),
      "statevec/schema": fileURLToPath(new URL("../../src/schema/index.ts", import.meta.url)),
      "#core-bytes": fileURLToPath(new URL("../../build/core-bytes.js", import.meta.url)),
    },
    logLevel: "error",
  });
  const run = (...flags: string[]) =>
    JSON.parse(execFileSync(process.execPath, [...flags, program, peer], { encoding: "utf8" }));
  const strict = run(FLAG);
  expect(strict).toEqual({
    refused: true,
    frames: ["epoch", "command"],
    values: {
      first: 4_000_000_000,
      second: "é",
      third: [1, 65_535],
      fourth: String(-(2n ** 63n)),
      fifth: ["a", ""],
      sixth: String(2n ** 64n - 1n),
    },
  });
  expect(run()).toEqual({ ...strict, refused: false });
});
