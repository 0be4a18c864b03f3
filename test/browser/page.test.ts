/**
 * A page in a browser without a window audits histories through `statevec/browser`, and lets a module explain them: the
 * same reports, the same digests, the same errors and the same texts as on Node, also where the page may make no code from
 * text.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Domain } from "statevec";
import { fileHistory } from "statevec/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { exchangeIn, sealedModuleFile } from "../../examples/exchange/lane.ts";
import { findBrowser } from "../../scripts/browsers.mjs";
import { countingSegments, parseNames } from "../../src/history/segments/directory.ts";
import { openChromium, openFirefox, type TestBrowser } from "./browsers.ts";
import { bundleForBrowser } from "./bundle.ts";
import { filesIn, forgetfulExchange, makeHistory } from "./histories.ts";
import { type FilesByName, PageServer } from "./page-server.ts";
import { auditAsText, inspectionAsText, programsAsText } from "./report.ts";

/** What a page is shown, and what Node says to it. */
interface Case {
  /** Name of the domain in the page. */
  readonly domain: string;
  readonly files: FilesByName;
  readonly expected: string;
}

const NAMES = ["whole", "changed handler", "flipped byte", "lost segment", "sealed"] as const;
type Name = (typeof NAMES)[number];

let directory: string;
let server: PageServer;
const cases = new Map<Name, Case>();
/** What the programs of test/engines make on Node. */
let programs: string;
/** What the module of the sealed history says of it on Node. */
let inspection: string;

/** Puts the files into a directory and lets Node audit it there. */
async function addCase(
  name: Name,
  domain: Domain<any>,
  files: FilesByName,
  inPage = "exchange",
): Promise<void> {
  const place = join(directory, name);
  mkdirSync(place);
  for (const [file, bytes] of files) writeFileSync(join(place, file), bytes);
  const expected = await auditAsText(domain, () => fileHistory(place));
  cases.set(name, { domain: inPage, files, expected });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "statevec-page-"));
  const [made, forgetful] = [join(directory, "made"), join(directory, "forgetful")];
  await makeHistory(made);
  await makeHistory(forgetful, forgetfulExchange());
  const files = filesIn(made);
  const inner = countingSegments(parseNames([...files.keys()]).segments)[1]!.file;
  const flipped = files.get(inner)!.slice();
  flipped[700]! ^= 1;
  await addCase("whole", exchange, files);
  await addCase("changed handler", exchange, filesIn(forgetful));
  await addCase("flipped byte", exchange, new Map(files).set(inner, flipped));
  await addCase("lost segment", exchange, new Map([...files].filter(([name]) => name !== inner)));
  const sealed = exchangeIn("sealed").domain;
  await makeHistory(join(directory, "sealed-made"), sealed);
  await addCase("sealed", sealed, filesIn(join(directory, "sealed-made")), "sealed");
  const module = readFileSync(sealedModuleFile()!);
  programs = await programsAsText(module);
  inspection = await inspectionAsText(module, fileHistory(join(directory, "sealed")));
  const { text } = await bundleForBrowser("test/browser/page.ts");
  server = new PageServer(text, new Map([...cases].map(([name, one]) => [name as string, one.files])));
  await server.start();
});
afterAll(async () => {
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
});

test("the cases are what they are called: a good audit, a difference, two kinds of damage", () => {
  const [whole, changed, flipped, lost, sealed] = NAMES.map((name) => JSON.parse(cases.get(name)!.expected));
  expect(sealed).toMatchObject({ identical: true, applied: "0n", frames: whole.frames });
  expect(sealed.frontier.digest).not.toBe(whole.frontier.digest);
  expect(whole).toMatchObject({ identical: true, applied: "0n", frontier: { seq: whole.frames } });
  expect(Number.parseInt(whole.frames, 10)).toBeGreaterThan(1_900);
  expect(changed).toMatchObject({ identical: false, difference: { part: expect.any(String) } });
  expect(flipped).toMatchObject({ name: "HistoryError", code: "DAMAGED", offset: expect.any(Number) });
  expect(lost).toMatchObject({ name: "HistoryError", code: "DAMAGED", seq: expect.any(String) });
  const { segments } = parseNames([...cases.get("whole")!.files.keys()]);
  const counting = countingSegments(segments);
  expect(counting.length, "segments that count").toBeGreaterThan(2);
  expect(segments.length, "and one that was copied").toBe(counting.length + 1);
});

test("what the module says has a sentence for each frame", () => {
  expect(inspection).toMatch(/exchange/);
  for (const seq of [1, 2, 200]) expect(inspection).toMatch(new RegExp(`^frame ${seq}\\b`, "im"));
});

const POLICIES = ["none", "strict"] as const;

/** Runs one page and answers what it found. */
async function show(browser: TestBrowser, query: Record<string, string>, policy: string): Promise<string> {
  const answer = await server.answer({ ...query, policy }, (url) => browser.visit(url));
  expect(answer.codeFromText).toBe(policy === "strict" ? "refused" : "allowed");
  expect(browser.problems).toEqual([]);
  return answer.text;
}

function showCase(browser: TestBrowser, name: Name, policy: string): Promise<string> {
  return show(browser, { history: name, domain: cases.get(name)!.domain }, policy);
}

function showInspection(browser: TestBrowser, policy: string): Promise<string> {
  return show(browser, { history: "sealed", domain: "sealed", inspect: "module" }, policy);
}

describe("Chromium (V8)", () => {
  let browser: TestBrowser;
  beforeAll(async () => {
    const found = findBrowser("chromium");
    if ("missing" in found) throw new Error(found.missing);
    browser = await openChromium(found.path);
  });
  afterAll(() => browser?.close());

  describe.each(POLICIES)("content security policy: %s", (policy) => {
    test.each(NAMES)("%s", async (name) => {
      expect(await showCase(browser, name, policy)).toBe(cases.get(name)!.expected);
    });

    test("the module in the page says what it says on Node", async () => {
      expect(await showInspection(browser, policy)).toBe(inspection);
    });

    test("the engine in the page makes the frames that it makes on Node", async () => {
      expect(await show(browser, { programs: "all" }, policy)).toBe(programs);
    });
  });
});

/** A new profile takes its time on a busy machine. */
const FIREFOX_MILLISECONDS = 120_000;

describe("Firefox (SpiderMonkey), under the strict policy", { timeout: FIREFOX_MILLISECONDS }, () => {
  const found = findBrowser("firefox");
  let browser: TestBrowser;
  beforeAll(() => {
    if ("path" in found) browser = openFirefox(found.path);
  });
  afterAll(() => browser?.close());

  test("whole", async (context) => {
    if ("missing" in found) return context.skip(found.missing);
    expect(await showCase(browser, "whole", "strict")).toBe(cases.get("whole")!.expected);
  });

  test("sealed", async (context) => {
    if ("missing" in found) return context.skip(found.missing);
    expect(await showCase(browser, "sealed", "strict")).toBe(cases.get("sealed")!.expected);
  });

  test("the module in the page says what it says on Node", async (context) => {
    if ("missing" in found) return context.skip(found.missing);
    expect(await showInspection(browser, "strict")).toBe(inspection);
  });

  test("the engine in the page makes the frames that it makes on Node", async (context) => {
    if ("missing" in found) return context.skip(found.missing);
    expect(await show(browser, { programs: "all" }, "strict")).toBe(programs);
  });
});
