/** `statevec proto`: the text of a module's schema, of a sealed module, of a history, and of StateVec itself. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { DOMAIN, openShop, statevec, statevecJson, temporaryDirectory } from "./run-cli.ts";
import { shop } from "./shop.ts";

const text = protoText(modelOf(shop.schema));
const EXCHANGE = fileURLToPath(new URL("../../examples/exchange/exchange.schema.ts", import.meta.url));
let directory: string;

beforeAll(async () => {
  directory = temporaryDirectory();
  await (await openShop(join(directory, "history"))).close();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("of a module with a domain, of its history, and of a module with a schema alone", () => {
  expect(statevec("proto", DOMAIN)).toEqual({ status: 0, stdout: text, stderr: "" });
  expect(statevec("proto", join(directory, "history"))).toEqual({ status: 0, stdout: text, stderr: "" });
  expect(statevec("proto", EXCHANGE).stdout).toContain("message PlaceOrder {");
});

test("into a file, and as JSON", () => {
  const file = join(directory, "shop.proto");
  expect(statevec("proto", DOMAIN, "--out", file)).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(statevecJson("proto", DOMAIN)).toEqual([{ proto: text }]);
  expect(statevecJson("proto", DOMAIN, "-o", file)).toEqual([{ proto: text, file }]);
});

test("--statevec prints the file of the package", () => {
  const file = fileURLToPath(new URL("../../src/proto/statevec-v1.proto", import.meta.url));
  expect(statevec("proto", "--statevec")).toEqual({
    status: 0,
    stdout: readFileSync(file, "utf8"),
    stderr: "",
  });
});

test.each([
  [[], "name either a module"],
  [[DOMAIN, "--statevec"], "name either a module"],
  [["nothing.ts"], "nothing.ts: there is no such file"],
  [[fileURLToPath(import.meta.url)], "it can not be loaded"],
  [[DOMAIN, "--out", "/nowhere/at/all.proto"], "--out /nowhere/at/all.proto: it can not be written"],
])("%j is refused", (args, problem) => {
  const { status, stderr } = statevec("proto", ...args);
  expect(status).toBe(2);
  expect(stderr).toContain(problem);
});
