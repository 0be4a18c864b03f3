/** A whole build: what it makes, that it runs, and that nothing of the machine is in it. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customSection } from "../../src/engine/wasm-sections.ts";
import { compile, statevec, temporaryDirectory, tillIn } from "./folders.ts";

/** A build takes seconds, on a busy machine more. */
const SLOW = 400_000;

type Built = Extract<Awaited<ReturnType<typeof compile.buildDomain>>, { readonly built: true }>;

let directory: string;
let folder: string;
let built: Built;

async function buildIn(place: string, options = {}): Promise<Built> {
  const result = await compile.buildDomain(place, options);
  if (!result.built) throw new Error(result.problems.map(compile.problemText).join("\n"));
  return result;
}

beforeAll(async () => {
  directory = temporaryDirectory();
  folder = tillIn(join(directory, "till"));
  built = await buildIn(folder);
}, SLOW);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (name: string) => readFileSync(join(folder, "build", name));

test("module, declaration, checksum and generated sources stand in build/", () => {
  expect(readdirSync(join(folder, "build")).sort()).toEqual([
    "entry.ts",
    "till.d.ts",
    "till.schema.ts",
    "till.wasm",
    "till.wasm.sha256",
  ]);
  expect(read("till.wasm").equals(built.bytes)).toBe(true);
  const digest = createHash("sha256").update(read("till.wasm")).digest("hex");
  expect(built.sha256).toBe(digest);
  // The form that `sha256sum -c` reads.
  expect(read("till.wasm.sha256").toString()).toBe(`${digest}  till.wasm\n`);
});

test("the module imports nothing and says what it is", () => {
  const { WebAssembly } = globalThis as any;
  expect(WebAssembly.Module.imports(new WebAssembly.Module(built.bytes))).toEqual([]);
  const about = JSON.parse(new TextDecoder().decode(customSection(built.bytes, "statevec.module")));
  expect(about).toEqual({ format: 1, semantics: 1, dataEnd: expect.any(Number) });
  const schema = Buffer.from(customSection(built.bytes, "statevec.schema")!);
  expect(createHash("sha256").update(schema).digest("hex")).toBe(
    statevec.sealedDomain(built.bytes).fingerprint,
  );
});

/** Runs the till's commands. @returns what came of each, and the digest of the last frame */
async function outcomes(bytes: Uint8Array) {
  let timeNs = 0n;
  const clock = { nowNs: () => ++timeNs };
  const historyId = new Uint8Array(16).fill(3);
  const domain = statevec.sealedDomain(bytes);
  const engine = await statevec.open({
    domain,
    history: statevec.memoryHistory(),
    clock,
    historyId,
  } as never);
  const commands = [
    ["Deposit", { owner: "ada", amount: 100n }],
    ["Withdraw", { owner: "ada", amount: 30n }],
    ["Withdraw", { owner: "ada", amount: 71n }],
    ["Withdraw", { owner: "bob", amount: 1n }],
    ["Deposit", { owner: "ada", amount: 0xffff_ffff_ffff_ffffn }],
    ["Deposit", { owner: "ada", amount: 1n }],
  ] as const;
  const results: unknown[] = [];
  for (const [name, payload] of commands) {
    const receipt = (await engine.submit(name as never, payload as never)) as any;
    results.push([receipt.outcome, receipt.code ?? receipt.events?.[0]?.values.balance, receipt.detail]);
  }
  await engine.close();
  return results;
}

const EXPECTED = [
  ["committed", 100n, undefined],
  ["committed", 70n, undefined],
  ["rejected", "NO_FUNDS", { balance: 70n }],
  ["rejected", "NO_ACCOUNT", expect.anything()],
  // 70 + the greatest u64: recorded where it is added, not where it is stored.
  ["faulted", "OVERFLOW", expect.anything()],
  ["committed", 71n, undefined],
];

test("the engine runs it", async () => {
  const results = await outcomes(built.bytes);
  expect(results.map((one: any) => one.slice(0, 2))).toEqual(EXPECTED.map((one) => one.slice(0, 2)));
  expect((results as any)[2][2]).toEqual({ balance: 70n });
});

describe("the same input makes the same bytes", () => {
  test(
    "in another folder, from another working directory, with a configuration of the compiler in it",
    async () => {
      const other = tillIn(join(directory, "a/much/longer/place for a till"));
      const elsewhere = join(directory, "elsewhere");
      mkdirSync(elsewhere);
      const options = { options: { optimizeLevel: 0, runtime: "incremental", exportRuntime: true } };
      writeFileSync(join(elsewhere, "asconfig.json"), JSON.stringify(options));
      writeFileSync(join(other, "asconfig.json"), JSON.stringify(options));
      const before = process.cwd();
      // A worker of the test runner may not change its directory; the process of this pool may.
      process.chdir(elsewhere);
      try {
        const again = await buildIn(other);
        expect(again.sha256).toBe(built.sha256);
        expect(Buffer.from(again.bytes).equals(built.bytes)).toBe(true);
      } finally {
        process.chdir(before);
      }
      for (const name of ["till.d.ts", "till.schema.ts", "entry.ts"]) {
        expect(readFileSync(join(other, "build", name)).equals(read(name))).toBe(true);
      }
    },
    SLOW,
  );

  test("no path of this machine is in the module", () => {
    const text = Buffer.from(built.bytes).toString("latin1");
    for (const part of [directory, process.cwd(), "node_modules", "/tmp"]) expect(text).not.toContain(part);
  });

  test("functions keep their names, which profiles and findings say", () => {
    expect(Buffer.from(built.bytes).toString("latin1")).toContain("~lib/statevec/assembly/sdk/");
  });
});

describe("building again", () => {
  test(
    "a builder keeps what it knows, and sees what changed",
    async () => {
      const place = tillIn(join(directory, "again"));
      const builder = new compile.DomainBuilder(place, { optimize: false });
      const first = await builder.build();
      const second = await builder.build();
      expect(second).toMatchObject({ built: true, sha256: (first as Built).sha256 });

      tillIn(place, { "assembly/index.ts": (text) => text.replace("NO_ACCOUNT()", "NO_ACCOUNTS()") });
      const broken = await builder.build();
      expect(broken).toMatchObject({ built: false, step: "types" });
      // The last good module stays.
      expect(readFileSync(join(place, "build/till.wasm")).equals((first as Built).bytes)).toBe(true);

      tillIn(place, {
        "till.schema.ts": (text) => text.replace("NO_ACCOUNT: reject(1", "NO_ACCOUNTS: reject(1"),
        "assembly/index.ts": (text) => text.replace("NO_ACCOUNT()", "NO_ACCOUNTS()"),
      });
      const third = await builder.build();
      expect(third.built).toBe(true);
      expect((third as Built).sha256).not.toBe((first as Built).sha256);
    },
    SLOW,
  );

  test(
    "unoptimised, it does the same",
    async () => {
      const place = tillIn(join(directory, "plain"));
      const plain = await buildIn(place, { optimize: false });
      expect(plain.sha256).not.toBe(built.sha256);
      expect(await outcomes(plain.bytes)).toEqual(await outcomes(built.bytes));
    },
    SLOW,
  );
});

test(
  "a package of the user's is found in node_modules, by its own name",
  async () => {
    const place = tillIn(join(directory, "packages/till"), {
      "assembly/index.ts": (text) =>
        `import { half } from "fractions";\n${text.replace("+= cmd.amount", "+= half(cmd.amount)")}`,
    });
    const home = join(directory, "packages/node_modules/fractions");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "index.ts"), "export function half(value: u64): u64 { return value / 2; }\n");
    const result = await buildIn(place, { optimize: false });
    const [first] = (await outcomes(result.bytes)) as any;
    expect(first.slice(0, 2)).toEqual(["committed", 50n]);
  },
  SLOW,
);
