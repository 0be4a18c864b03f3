/** The import-direction check catches what it is there for, and lets through what the architecture allows. */
import { describe, expect, test } from "vitest";
import { checkImports } from "../../scripts/check-imports.mjs";

function problems(path: string, text: string): string[] {
  return checkImports(new Map([[path, text]]));
}

describe("allowed", () => {
  test.each([
    ["src/engine/open.ts", 'import { sha256 } from "../history/chain.ts";'],
    [
      "src/engine/open.ts",
      'import { coreBytes } from "#core-bytes";\nimport { x } from "@noble/hashes/sha2.js";',
    ],
    ["src/schema/layout.ts", 'import { TYPE_U8 } from "../../assembly/abi.ts";'],
    ["src/history/node/file.ts", 'import { openSync } from "node:fs";\nimport { chain } from "../chain.ts";'],
    ["src/history/node/file.ts", 'import { crc32c } from "@node-rs/crc32";'],
    ["src/browser.ts", 'export * from "./index.ts";\nexport { files } from "./history/segments/files.ts";'],
    ["src/node.ts", 'export * from "./index.ts";\nexport { fileHistory } from "./history/node/file.ts";'],
    ["src/cli/main.ts", 'import { open } from "../node.ts";\nimport { join } from "node:path";'],
    ["src/engine/guard.ts", "let running = 0;\nexport function enter(): void { running++; }"],
    ["src/schema/codes.ts", "export const NAMES = new Map([[1, 'a']]);\nconst K = new Uint32Array([1, 2]);"],
    ["src/schema/codes.ts", "export const NUMBERS = new Map([...NAMES].map(([a, b]) => [b, a]));"],
    ["src/engine/text.ts", "function inner(): number { let count = 0; count++; return count; }"],
    ["assembly/index.ts", 'export { frameText } from "./inspect/calls";'],
    ["src/inspect/inspector.ts", 'import { instantiate } from "#as-bind";'],
    ["assembly/state/store.ts", 'import { SLOT_KIND } from "../abi";\nimport { load } from "../base/bytes";'],
  ])("%s: %s", (path, text) => {
    expect(problems(path, text)).toEqual([]);
  });
});

describe("caught", () => {
  test.each([
    ["src/schema/layout.ts", 'import { open } from "../engine/open.ts";', '"schema" stands below "engine"'],
    [
      "assembly/engine/apply.ts",
      'import { frameText } from "../inspect/calls";',
      '"engine" stands below "inspect"',
    ],
    ["src/engine/open.ts", 'import "#as-bind";', "only src/inspect/ may"],
    ["src/inspect/inspector.ts", 'import "as-bind";', "only #as-bind"],
    ["src/wasm.ts", 'import type { History } from "./history/history.ts";', '"wasm" stands below "history"'],
    ["src/errors.ts", 'export * from "./schema/index.ts";', '"errors" stands below "schema"'],
    [
      "src/client/client.ts",
      'import "../service/service.ts";',
      '"client" and "service" do not know each other',
    ],
    [
      "src/engine/open.ts",
      'const { x } = await import("../testing/index.ts");',
      '"engine" stands below "testing"',
    ],
    ["src/engine/open.ts", 'type X = import("../node.ts").X;', '"engine" stands below "node"'],
    ["src/engine/open.ts", 'import { readFileSync } from "node:fs";', "only node.ts"],
    ["src/engine/open.ts", 'const fs = require("node:fs");', "only node.ts"],
    ["src/history/segments/scan.ts", 'import { crc32c } from "@node-rs/crc32";', "which is native"],
    ["src/browser.ts", 'import { fileHistory } from "./history/node/index.ts";', "does not know Node"],
    ["src/history/memory.ts", 'import { sync } from "./node/file.ts";', "does not know Node"],
    ["src/wasm.ts", 'import { f } from "../assembly/index.ts";', "of assembly/ only abi.ts"],
    ["src/wasm.ts", 'import { f } from "../test/model/model.ts";', "outside src/"],
    ["src/testing/index.ts", 'import { open } from "statevec";', "use relative paths"],
    ["src/helpers/text.ts", 'import "../errors.ts";', "no layer of the architecture"],
    ["src/engine/open.ts", "let count = 0;", 'mutable state "count"'],
    ["src/engine/open.ts", "export var count = 0;", 'mutable state "count"'],
    ["src/engine/open.ts", "const engines = new Map<string, number>();", 'mutable state "engines"'],
    ["src/engine/open.ts", "const scratch = new Uint8Array(64);", 'mutable state "scratch"'],
    ["src/engine/open.ts", "export const seen: string[] = [];", 'mutable state "seen"'],
    ["assembly/base/bytes.ts", 'import { x } from "../state/store";', '"base" stands below "state"'],
    ["assembly/engine/apply.ts", 'import { x } from "../index";', '"engine" stands below "index"'],
    ["assembly/base/bytes.ts", 'import { x } from "as-bignum";', "outside assembly/"],
  ])("%s: %s", (path, text, message) => {
    const found = problems(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
    expect(found[0]).toMatch(/^\S+\.ts:1 /);
  });
});
