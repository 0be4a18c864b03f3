/**
 * The client in a page, against the service that the page was served beside: what it submits and reads is what a client on
 * Node gets from the same engine, also where the page may make no code from text.
 */
import { type Engine, memoryHistory, open } from "statevec";
import { createService, type Service } from "statevec/service";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findBrowser } from "../../scripts/browsers.mjs";
import { shop } from "../cli/shop.ts";
import { openChromium, openFirefox, type TestBrowser } from "./browsers.ts";
import { bundleForBrowser } from "./bundle.ts";
import { PageServer } from "./page-server.ts";

let engine: Engine;
let service: Service;
let server: PageServer;

beforeAll(async () => {
  engine = (await open({ domain: shop, history: memoryHistory() })) as unknown as Engine;
  service = createService(engine);
  const { text } = await bundleForBrowser("test/browser/client-page.ts");
  server = new PageServer(text, new Map(), service);
  await server.start();
});
afterAll(async () => {
  await server?.close();
  await engine?.close();
});

test("the client brings no module of Node and no core into a page", async () => {
  const { imports, inputs } = await bundleForBrowser("src/client/index.ts");
  expect(imports).toEqual([]);
  expect(inputs.filter((path) => /core-bytes|\/node\/|src\/(service|cli)\//.test(path))).toEqual([]);
});

/** What the page reports, checked against the frames of the engine behind the service. */
async function visit(browser: TestBrowser, client: bigint, policy: string): Promise<void> {
  const from = engine.frontier.seq + 1n;
  const query = { client: String(client), policy };
  const { text, codeFromText } = await server.answer(query, (url) => browser.visit(url));
  expect(codeFromText).toBe(policy === "strict" ? "refused" : "allowed");
  expect(browser.problems).toEqual([]);
  const found = JSON.parse(text);
  const outcomes = found.receipts.map(({ outcome }: { readonly outcome: string }) => outcome);
  expect(outcomes).toEqual([
    "committed",
    "rejected",
    "committed",
    "committed",
    "committed",
    "committed",
    "faulted",
  ]);
  expect(found.refused).toEqual({ code: "MALFORMED", field: "login" });
  expect(found.customer).toMatchObject({ login: `visitor ${from - 1n}`, badge: "00ff", revision: 1 });
  expect(found.order).toMatchObject({ number: 1, amount: "100", status: "Open" });
  const digests: string[] = [];
  for await (const { digest } of engine.frames({ from })) digests.push(digest);
  expect(found.frames.map((frame: { readonly digest: string }) => frame.digest)).toEqual(digests);
  expect(found.receipts.map((receipt: { readonly digest: string }) => receipt.digest)).toEqual(digests);
  expect(found.last).toEqual({ ...found.receipts.at(-1), duplicate: true });
}

test.each(["none", "strict"])("Chromium, content security policy: %s", async (policy) => {
  const found = findBrowser("chromium");
  if ("missing" in found) throw new Error(found.missing);
  const browser = await openChromium(found.path);
  try {
    await visit(browser, policy === "strict" ? 1n : 2n, policy);
  } finally {
    await browser.close();
  }
});

test("Firefox, under the strict policy", { timeout: 120_000 }, async (context) => {
  const found = findBrowser("firefox");
  if ("missing" in found) return context.skip(found.missing);
  const browser = openFirefox(found.path);
  try {
    await visit(browser, 3n, "strict");
  } finally {
    await browser.close();
  }
});
