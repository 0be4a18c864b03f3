/** What the browser entry drags in: no module of Node, no native package, four small libraries. */
import { expect, test } from "vitest";
import { bundleForBrowser } from "./bundle.ts";

const packageOf = (input: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];

test("src/browser.ts bundles for browsers, and nothing is left to import", async () => {
  const { inputs, imports, text } = await bundleForBrowser("src/browser.ts");
  expect(imports).toEqual([]);
  const packages = new Set(inputs.map(packageOf).filter((name) => name !== undefined));
  expect([...packages].sort()).toEqual(["@noble/hashes", "crc-32", "long", "protobufjs"]);
  expect(inputs.filter((input) => /\/node\/|src\/(node|cli|compile|service)/.test(input))).toEqual([]);
  expect(inputs).toContain("build/core-bytes.js");
  expect(inputs).toContain("build/as-bind.js");
  expect(text).not.toMatch(/\bfrom ?["']node:|\brequire\(["'](node:)?fs["']\)/);
});

test("the entry for Node does not", async () => {
  await expect(bundleForBrowser("src/node.ts")).rejects.toThrow(/Could not resolve "node:/);
});
