/**
 * Histories that more than one sealed module has made: audit runs each epoch again under the module that it names.
 *
 * `slow` and `fast` are versions of one domain: what one commits, the other commits otherwise.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { defineDomain, memoryHistory, sealedDomain } from "statevec";
import { historyFromFiles } from "statevec/browser";
import { auditHistory, fileHistory, type History, open } from "statevec/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { appendCustomSections } from "../../src/compile/custom-sections.ts";
import type { SealedLimits } from "../../src/engine/domain.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { MODULE_SECTION, SCHEMA_SECTION } from "../../src/engine/sealed-domain.ts";
import { customSection } from "../../src/engine/wasm-sections.ts";
import { statevec, statevecJson } from "../cli/run-cli.ts";
import { forge } from "../history/forger.ts";
import { buildFolder, folderOf, temporaryDirectory } from "./building.ts";
import { exampleModule } from "./examples.ts";
import { Added, schema, Tally } from "./tally/tally.schema.ts";

let slow: Uint8Array;
let fast: Uint8Array;
/** A good history: slow, fast, slow. Tests work on copies. */
let made: string;
let directory: string;

const sealed = (module: Uint8Array, limits?: SealedLimits) => sealedDomain(module, { schema, limits });
type Domain = ReturnType<typeof sealed>;
const hashOf = (module: Uint8Array) => bytesToHex(sha256(module));
const keptFile = (module: Uint8Array) => join(directory, "modules", `${hashOf(module)}.wasm`);
const audited = (domain: Domain, history: History = fileHistory(directory)) =>
  auditHistory({ domain, history });

const openAt = (domain: Domain, history: History) =>
  open({ domain, history, clock: { nowNs: () => 1_000n }, historyId: new Uint8Array(16).fill(3) });

const SOURCE = { client: 9n, stream: 1 };
/** Three additions, of which one has a source; with the epoch frame that is due, four frames. */
async function addThree(domain: Domain, history: History, sourceSeq: bigint): Promise<void> {
  const engine = await openAt(domain, history);
  await engine.submit("Add", { id: 1, amount: 10n });
  await engine.submit("Add", { id: 2, amount: 7n }, { source: { ...SOURCE, seq: sourceSeq } });
  await engine.submit("Add", { id: 1, amount: 1n });
  await engine.close();
}

/** Frames 1 to 4 slow, 5 to 8 fast, 9 to 12 slow. */
async function makeThree(history: History): Promise<History> {
  await addThree(sealed(slow), history, 1n);
  await addThree(sealed(fast), history, 2n);
  await addThree(sealed(slow), history, 3n);
  return history;
}

beforeAll(async () => {
  slow = await buildFolder(folderOf("tally"));
  fast = await buildFolder(folderOf("tally"), { "assembly/rate.ts": "export const RATE: u64 = 2;\n" });
  made = temporaryDirectory();
  await makeThree(fileHistory(made));
}, 240_000);
afterAll(() => rmSync(made, { recursive: true, force: true }));
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const copy = () => cpSync(made, directory, { recursive: true });

/** A copy in which one frame is another, and the chain made anew. The forger wants segments of one writer alone. */
async function copyForged(seq: bigint, edit: (body: Uint8Array) => void): Promise<void> {
  copy();
  const { segments } = await fileHistory(directory).inspect();
  for (const { name, superseded } of segments) if (superseded) rmSync(join(directory, name));
  forge(directory, { seq, edit });
}

const modules = () => [
  { module: hashOf(slow), frames: 6n },
  { module: hashOf(fast), frames: 3n },
];

describe("a history that goes from one module to another and back", () => {
  test("is run again whole, whichever of them audits, from wherever it is read", async () => {
    copy();
    const whole = { identical: true, frames: 12n, applied: 0n, modules: modules() };
    expect(await audited(sealed(slow))).toMatchObject(whole);
    expect(await audited(sealed(fast))).toMatchObject(whole);
    expect(await audited(sealed(slow), await makeThree(memoryHistory()))).toMatchObject(whole);
    const names = readdirSync(directory, { recursive: true }) as string[];
    const files = names
      .filter((name) => name.includes("."))
      .map((name) => ({ name: basename(name), bytes: new Uint8Array(readFileSync(join(directory, name))) }));
    expect(await audited(sealed(fast), historyFromFiles(files))).toMatchObject(whole);
  });

  test("is run again by an engine, which replays it too", async () => {
    copy();
    const engine = await openAt(sealed(slow), fileHistory(directory));
    const { identical, ...report } = await engine.audit();
    expect(report).toMatchObject({ frames: 12n, applied: 0n, modules: modules() });
    expect(identical).toBe(true);
    expect(await engine.replay()).toEqual(report);
    const values = (id: number) => engine.read((view) => view.get(Tally.byId, id).value);
    expect([await values(1), await values(2)]).toEqual([44n, 28n]);
    await engine.close();
  });

  test("goes through epochs of the open lane, which are applied where the domain is not theirs", async () => {
    const opened = defineDomain(schema, {
      revision: 1,
      handlers: {
        Add(tx, { id, amount }) {
          const tally = tx.find(Tally.byId, id) ?? tx.create(Tally, { id, value: 0n });
          tx.update(tally, { value: tally.value + 5n * amount });
          const [highest] = tx.list(Tally.byValue, []);
          tx.emit(Added, { value: tally.value, highest: highest!.value });
        },
        Turn() {},
      },
    });
    const history = fileHistory(directory);
    await addThree(sealed(slow), history, 1n);
    await addThree(opened, history, 2n);
    await addThree(sealed(fast), history, 3n);
    await addThree(opened, history, 4n);
    await addThree(sealed(slow), history, 5n);
    const report = { identical: true, frames: 20n, modules: modules() };
    expect(await audited(opened)).toMatchObject({ ...report, applied: 0n });
    expect(await audited(sealed(slow))).toMatchObject({ ...report, applied: 6n });
  });
});

describe("each epoch under its own module", () => {
  test("a frame of the second that was falsified is the one that differs", async () => {
    await copyForged(7n, (body) => void body.fill(99, body.length - 8, body.length - 7));
    const difference = { seq: 7n, command: "Add", part: "event 1 Added", field: "highest", replayed: "31" };
    expect(await audited(sealed(slow))).toMatchObject({
      identical: false,
      frames: 7n,
      modules: [
        { module: hashOf(slow), frames: 3n },
        { module: hashOf(fast), frames: 2n },
      ],
      difference,
    });
    const { status, stdout } = statevec("audit", directory);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^frame 7 differs: Add, event 1/)]);
  });

  test("an epoch that is said to be of another module differs at its first command", async () => {
    await copyForged(5n, (body) => renameModule(body, hashOf(slow)));
    const report = await audited(sealed(slow));
    expect(report).toMatchObject({ identical: false, difference: { seq: 6n, part: "delta 1" } });
  });

  test("and under its own limits", async () => {
    const history = fileHistory(directory);
    const outcomes: string[] = [];
    for (const limits of [undefined, { fuel: 2_000 }, undefined]) {
      const engine = await openAt(sealed(slow, limits), history);
      outcomes.push((await engine.submit("Turn", { id: 1, turns: 1_000 })).outcome);
      await engine.close();
    }
    expect(outcomes).toEqual(["committed", "faulted", "committed"]);
    const report = { identical: true, frames: 6n, applied: 0n };
    const run = [{ module: hashOf(slow), frames: 3n }];
    for (const limits of [undefined, { fuel: 2_000 }, { fuel: 7 }]) {
      expect(await audited(sealed(slow, limits))).toMatchObject({ ...report, modules: run });
    }
    expect(await audited(sealed(fast))).toMatchObject({ ...report, modules: run });
  });
});

describe("a module that the epoch names", () => {
  test("and nobody kept: its frames are applied and counted", async () => {
    copy();
    rmSync(keptFile(fast));
    const [run] = modules();
    const report = await audited(sealed(slow));
    expect(report).toMatchObject({ identical: true, frames: 12n, applied: 3n, modules: [run] });
    expect(await audited(sealed(fast))).toMatchObject({ applied: 0n, modules: modules() });
    const { status, stdout } = statevec("audit", directory);
    expect(status).toBe(0);
    expect(stdout).toContain("9 frames run again and compared: the replay is identical (3 more,");
  });

  test("and that was changed is damage", async () => {
    copy();
    writeFileSync(keptFile(fast), readFileSync(keptFile(fast)).fill(7, 100, 101));
    const damage = { code: "DAMAGED", segment: `modules/${hashOf(fast)}.wasm`, expected: hashOf(fast) };
    await expect(audited(sealed(slow))).rejects.toMatchObject(damage);
    const engine = await openAt(sealed(slow), fileHistory(directory));
    await expect(engine.replay()).rejects.toMatchObject(damage);
    await engine.close();
    const said = statevec("audit", directory);
    expect(said).toMatchObject({ status: 1, stderr: expect.stringMatching(/^DAMAGED: /) });
  });

  test("is not taken from an adapter that hands over another", async () => {
    copy();
    const history = { ...fileHistory(directory), module: async () => slow };
    await expect(audited(sealed(slow), history)).rejects.toMatchObject({ code: "DAMAGED" });
  });

  /** Everything that bytes of the right hash can be but a module to run. */
  const strangers: [string, () => Uint8Array, RegExp][] = [
    ["no module", () => new TextEncoder().encode("text"), /no section statevec.schema/],
    ["a module of another schema", () => exampleModule("transfers"), /another schema/],
    ["what a module says of itself, and no code", () => withSections(EMPTY), /./],
    ["a module that imports a function", () => withSections(IMPORTING), /[Ii]mport/],
    ["code that is none", () => withSections(slow.subarray(0, 40_000)), /./],
  ];
  test.each(strangers)("and that is %s", async (_, bytesOf, actual) => {
    const bytes = bytesOf();
    await copyForged(5n, (body) => renameModule(body, hashOf(bytes)));
    writeFileSync(keptFile(bytes), bytes);
    await expect(audited(sealed(slow))).rejects.toMatchObject({
      name: "HistoryError",
      code: "DIVERGED",
      seq: 5n,
      segment: `modules/${hashOf(bytes)}.wasm`,
      actual: expect.stringMatching(actual),
    });
  });

  test.each([
    [strangers[0]!, 1, /^DIVERGED: .*no section statevec.schema/],
    [strangers[1]!, 1, /^DIVERGED: .*another schema/],
    [strangers[2]!, 2, /^module: it can not be run: [^\n]*\n$/],
  ] as const)("and the last one is %s: the command line says so", async ([, bytesOf], code, said) => {
    const bytes = bytesOf();
    await copyForged(9n, (body) => renameModule(body, hashOf(bytes)));
    writeFileSync(keptFile(bytes), bytes);
    const { status, stderr } = statevec("audit", directory);
    expect([status, stderr]).toEqual([code, expect.stringMatching(said)]);
  });

  test("and a domain of another schema: refused", async () => {
    copy();
    const other = sealedDomain(exampleModule("transfers"));
    const refusal = auditHistory({ domain: other, history: fileHistory(directory) });
    await expect(refusal).rejects.toMatchObject({ code: "SCHEMA_CHANGED", seq: 1n });
  });
});

/** `\0asm`, version 1. */
const EMPTY = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
/** And a function type, and an import of that type: `a` of `a`. */
const IMPORTING = Uint8Array.of(...EMPTY, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x61, 0, 0);

function withSections(bytes: Uint8Array): Uint8Array {
  const names = [SCHEMA_SECTION, MODULE_SECTION];
  return appendCustomSections(
    bytes,
    names.map((name) => [name, customSection(slow, name)!]),
  );
}

/** Writes another module into the body of an epoch frame. */
function renameModule(body: Uint8Array, hash: string): void {
  const bytes = Buffer.from(hash, "hex");
  const program = abi.FRAME_HEADER + 8;
  expect(body.length).toBeGreaterThan(program + bytes.length);
  body.set(bytes, program);
}

describe("digests that are checked in a second thread", () => {
  /** So many records take more than one chunk of a snapshot. */
  const PART = 40_000;
  let history: History;
  beforeAll(async () => {
    history = memoryHistory();
    for (const module of [slow, fast, slow]) {
      const engine = await openAt(sealed(module), history);
      const commands = Array.from({ length: PART }, (_, index) => ({
        name: "Add" as const,
        payload: { id: index, amount: BigInt(index) },
      }));
      await engine.submitMany(commands);
      await engine.close();
    }
  });

  /** The history with one byte other, and modules that are long in coming: those kept, or one that is none of them. */
  function changed(seq: bigint, instead?: Uint8Array): History {
    const read: History["read"] = async function* (range) {
      for await (const batch of history.read(range)) {
        const bytes = batch.bytes.slice();
        for (const frame of framesOf({ ...batch, bytes })) if (frame.seq === seq) frame.digest[0]! ^= 1;
        yield { ...batch, bytes };
      }
    };
    const module: History["module"] = async (hash) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return instead ?? history.module(hash);
    };
    const startVerifying = fileHistory(directory).startVerifying!;
    return { ...history, read, module, startVerifying };
  }

  test("go on beside every module", async () => {
    const report = await audited(sealed(slow), changed(0n));
    const run = [
      { module: hashOf(slow), frames: BigInt(2 * PART) },
      { module: hashOf(fast), frames: BigInt(PART) },
    ];
    expect(report).toMatchObject({
      identical: true,
      frames: BigInt(3 * PART + 3),
      applied: 0n,
      modules: run,
    });
  });

  test.each([PART + 1, PART + 2, PART + 3])("and damage at frame %s goes before all", async (seq) => {
    const damage = { code: "DAMAGED", seq: BigInt(seq) };
    await expect(audited(sealed(slow), changed(BigInt(seq)))).rejects.toMatchObject(damage);
    await expect(audited(sealed(slow), changed(BigInt(seq), EMPTY))).rejects.toMatchObject(damage);
  });
});

describe("statevec audit", () => {
  test("says what ran under which module", () => {
    copy();
    const { status, stdout, stderr } = statevec("audit", directory);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      "12 frames run again and compared: the replay is identical",
      "9 of them are commands, run under the 2 modules that their epochs name:",
      `  6 under ${hashOf(slow)}`,
      `  3 under ${hashOf(fast)}`,
    ]);
    const [json] = statevecJson("audit", directory, "--domain", keptFile(fast));
    expect(json).toMatchObject({
      identical: true,
      frames: "12",
      applied: "0",
      modules: modules().map(({ module, frames }) => ({ module, frames: String(frames) })),
    });
  });
});
