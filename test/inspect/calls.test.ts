/** The inspection calls beyond frames: schema, records, keys, codes, modules; refusals; memory. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { converters, instantiate } from "#as-bind";
import * as abi from "../../assembly/abi.ts";
import { valuesText } from "../../src/cli/values-text.ts";
import { HistoryError, UsageError } from "../../src/errors.ts";
import { replaceConverters } from "../../src/inspect/converters.ts";
import { describeModule, openInspector } from "../../src/inspect/index.ts";
import { compileCodecs } from "../../src/schema/codec.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { decodeDescriptor } from "../../src/schema/descriptor-reader.ts";
import { fingerprintOf } from "../../src/schema/fingerprint.ts";
import { FRAMEWORK_CODES, LIMITS, MISUSE_NAMES } from "../../src/schema/framework-codes.ts";
import { coreModule } from "../../src/wasm.ts";
import { little } from "../history/frame-bytes.ts";
import { makeKeyCodec } from "../model/executor.ts";
import { schemaOf, schemaSpec } from "../model/generate.ts";
import { schema } from "../schema/fixture.ts";
import { encoded, fieldValue, frameOf, valuesOf } from "./arbitrary.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const model = modelOf(schema);
const descriptor = encodeDescriptor(model);
const everything = model.kinds[0]!;
const open = () => openInspector({ descriptor });

// ---- schema ----------------------------------------------------------------------------------------------

test("a schema says everything that its descriptor says", async () => {
  expect((await open()).describeSchema()).toBe(
    `schema fixture, fingerprint ${fingerprintOf(descriptor)}
enumeration Side: 1 Bid, 2 Ask
enumeration Wide: 1 Small, 40000 Large
record 2 Everything
  1 a bool
  2 b u8, immutable
  3 c u16
  4 d u32, nullable
  5 e u64
  6 f i8
  7 g i16, nullable
  8 h i32
  9 i i64
  10 j u128, nullable
  11 k i128
  12 l decimal(18, 4)
  13 m timestamp
  14 n text(8), nullable
  15 o bytes(9)
  16 p ref Account, nullable
  17 q decimal(38, 2), nullable
  18 r Side
  19 s Wide, nullable
  20 t ref Account, immutable
  unique key byB: b
  unique key byBoth: t, b
  index book: r, e descending when r=Bid, k ascending when r=Ask, n descending, a
  index plain: e
  index some: d, s where a=false|true and r=Ask
record 7 Account
  1 currency u16, immutable
  2 balance i64
  3 owner text(20), immutable
  9 limit decimal(30, 2)
  unique key byOwner: currency, owner
command 1 Nothing
command 5 Do
  1 amount u64, min 1, max 1000000
  2 delta i8, nullable, min -5
  3 note text(30), nullable, not empty
  4 legs u64, up to 5 items, max 7
  6 wide i128, min -1267650600228229401496703205376
  7 side Side
  8 raw bytes(16)
  9 names text(6), up to 3 items
  10 price decimal(20, 8), nullable
  11 who ref Account
  12 wides Wide, up to 3 items
  13 flag bool
event 3 Done
  1 amount u64
  2 when timestamp, nullable
reject 4 NEVER
reject 10 NO
  1 side Side
  2 balance i64
invariant 2 MONEY: Everything.i by c + Account.balance by currency is conserved
invariant 4 ORDERED of Everything: a = true and e > 3 and e < e and k > -4 and m >= m and r != Ask and t != p`,
  );
});

/** What the strict reader accepts the module accepts; what the module accepts it can describe. Nothing traps. */
test(`descriptors with bytes changed, seed ${SEED}`, async () => {
  const inspector = await open();
  const isRead = (read: () => void): boolean => {
    try {
      read();
      return true;
    } catch (error) {
      // A changed name is none that is asked for.
      expect([HistoryError, UsageError]).toContain((error as Error).constructor);
      return false;
    }
  };
  const frames = fc.sample(frameOf(model), { numRuns: 3, seed: SEED });
  let accepted = 0;
  const law = fc.property(fc.nat(descriptor.length - 1), fc.nat(255), fc.boolean(), (at, byte, cuts) => {
    const changed = cuts ? descriptor.slice(0, at) : descriptor.slice();
    if (!cuts) changed[at] = byte;
    if (!isRead(() => inspector.openSchema(changed))) {
      expect(isRead(() => decodeDescriptor(changed))).toBe(false);
      return;
    }
    accepted++;
    expect(inspector.describeSchema()).toMatch(/^schema /);
    for (const frame of frames) isRead(() => inspector.frameText(frame));
    isRead(() => inspector.keyText("Everything.book", new Uint8Array(56)));
  });
  fc.assert(law, { numRuns: 1_500, seed: SEED });
  expect(accepted).toBeGreaterThan(100);
});

test("every cut of a descriptor is refused, and the schema before stays open", async () => {
  const inspector = await open();
  for (let length = 0; length < descriptor.length; length++) {
    expect(() => inspector.openSchema(descriptor.slice(0, length))).toThrow(HistoryError);
  }
  expect(inspector.describeSchema()).toMatch(/^schema fixture/);
  const later = descriptor.slice();
  later[4] = 2;
  expect(() => inspector.openSchema(later)).toThrow(/^UNSUPPORTED_FORMAT.*offset 4, found 2, expected 1/);
});

// ---- records and keys ------------------------------------------------------------------------------------

test(`records of random schemas, seed ${SEED}`, async () => {
  const inspector = await openInspector();
  const cases = schemaSpec.chain((spec) => {
    const one = modelOf(schemaOf(spec));
    return fc.tuple(fc.constant(one), fc.tuple(...one.kinds.map((kind) => valuesOf(kind.fields))));
  });
  const law = fc.property(cases, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), ([one, records], large) => {
    inspector.openSchema(encodeDescriptor(one));
    const { kinds } = compileCodecs(one, false);
    one.kinds.forEach((kind, position) => {
      const values = encoded(kinds[position]!, records[position]);
      const bytes = Uint8Array.from([...little(large, 8), ...little(-1, 4), ...little(large, 8), ...values]);
      expect(inspector.recordText(kind.name, bytes)).toBe(
        `${kind.name} ${large} (revision 4294967295, frame ${large})  ${valuesText(kind.fields, records[position]!)}`,
      );
      // What is left without a first byte may be another record; a last byte less or more leaves none.
      expect(() => inspector.recordText(kind.name, bytes.subarray(0, -1))).toThrow(HistoryError);
      expect(() => inspector.recordText(kind.name, Uint8Array.from([...bytes, 0]))).toThrow(HistoryError);
    });
  });
  fc.assert(law, { numRuns: 30, seed: SEED });
});

test(`keys that the core encodes, seed ${SEED}`, async () => {
  const inspector = await open();
  const codec = makeKeyCodec(schema as never);
  const law = fc.property(
    fc.record(Object.fromEntries(everything.fields.map((field) => [field.name, fieldValue(field)]))),
    (values) => {
      everything.indexes.forEach((index, position) => {
        const fields = index.segments.map(({ field }) => everything.fields[field]!);
        const key = codec.encodeKey(0, position, fields.map(({ name }) => values[name]) as never);
        expect(inspector.keyText(`Everything.${index.name}`, key)).toBe(valuesText(fields, values));
      });
    },
  );
  fc.assert(law, { numRuns: 200, seed: SEED });
});

test("a key has one form", async () => {
  const inspector = await open();
  const key = (...bytes: number[]) => Uint8Array.from(bytes);
  const owner = (text: string) => [...new TextEncoder().encode(text.padEnd(20, "\0")), 0, text.length];
  expect(inspector.keyText("Account.byOwner", key(0, 3, ...owner("ada")))).toBe('currency=3 owner="ada"');
  expect(inspector.keyText("Everything.byB", key(7))).toBe("b=7");
  for (const [path, bytes, message] of [
    ["Account.byOwner", key(0, 3, ...owner("ada").slice(1)), "segment: is not"],
    ["Account.byOwner", key(0, 3, ...owner("ad\0a").with(21, 2)), "segment owner is not"],
    ["Account.byOwner", key(0, 3, ...owner("ada").with(21, 21)), "segment owner is not"],
    ["Account.byOwner", key(0, 3, ...owner("ada").with(0, 255)), "segment owner is not"],
    ["Everything.byB", key(7, 1), "end of the key is not"],
    ["Everything.byB", key(7, 0, 0, 0, 0, 0, 0, 0, 0), "key is not"],
    ["Everything.some", key(2, 0, 0, 0, 0, 0, 0, 0), "segment d is not"],
    ["Everything.some", key(0, 0, 0, 0, 1, 0, 0, 0), "segment d is not"],
  ] as const) {
    expect(() => inspector.keyText(path, bytes), message).toThrow(/DAMAGED.*is not canonical/);
  }
});

// ---- codes -----------------------------------------------------------------------------------------------

test("codes, limits and reasons have the names that the host has", async () => {
  const inspector = await open();
  for (const [name, code] of FRAMEWORK_CODES) {
    const outcome = code <= abi.CODE_UNIQUE_KEY_TAKEN ? "rejected" : "faulted";
    expect(inspector.explainCode(code)).toMatch(new RegExp(`^${name} \\(${code}\\), ${outcome}: \\w`));
  }
  for (const { number, name } of LIMITS) {
    const details = Uint8Array.from(little(number, 4));
    expect(inspector.detailsText(5, abi.CODE_LIMIT, details)).toBe(`LIMIT limit=${name}`);
  }
  for (const [number, name] of MISUSE_NAMES) {
    const details = Uint8Array.from(little(number, 4));
    expect(inspector.detailsText(5, abi.CODE_MISUSE, details)).toBe(`MISUSE reason=${name}`);
  }
});

test("reject codes of the schema", async () => {
  const inspector = await open();
  expect(inspector.explainCode(10)).toBe("NO (10), rejected; details: side Side, balance i64");
  expect(inspector.explainCode(4)).toBe("NEVER (4), rejected");
  expect(inspector.detailsText(5, 10, Uint8Array.from([2, ...little(-7, 8)]))).toBe("NO side=Ask balance=-7");
  expect(inspector.detailsText(5, 4, new Uint8Array(0))).toBe("NEVER");
  expect(inspector.detailsText(5, abi.CODE_PAYLOAD_CHECK, Uint8Array.from([3, 0]))).toBe(
    "PAYLOAD_CHECK field=note",
  );
  expect(inspector.detailsText(5, abi.CODE_UNIQUE_KEY_TAKEN, Uint8Array.from([2, 0, 1]))).toBe(
    "UNIQUE_KEY_TAKEN uk=Everything.byBoth",
  );
  expect(() => inspector.detailsText(5, 10, Uint8Array.from([9, ...little(-7, 8)]))).toThrow(
    "DAMAGED: field side is not canonical; restore the history from a good copy (offset 0, found 9, expected its canonical form)",
  );
});

// ---- what is asked for and is not there ------------------------------------------------------------------

test("arguments that name nothing", async () => {
  const inspector = await open();
  const refused = (call: () => unknown, message: string) => {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(message);
  };
  const none = new Uint8Array(0);
  refused(() => inspector.explainCode(11), "code: found 11, expected a code of the schema or the engine");
  refused(() => inspector.recordText("Nobody", none), "kind: found Nobody, expected one of the schema");
  refused(() => inspector.recordText("Accoun", none), "kind: found Accoun");
  refused(() => inspector.keyText("Nobody.byB", none), "kind: found Nobody");
  refused(() => inspector.keyText("Account.byB", none), "unique key or index: found Account.byB");
  refused(() => inspector.keyText("Account", none), "unique key or index: found Account");
  refused(() => inspector.detailsText(6, 10, none), "command: found 6, expected one of the schema");
  const digests = { before: new Uint8Array(31) };
  refused(
    () => inspector.frameText(none, digests),
    "digest before: found 31 bytes, expected 32 bytes, or none",
  );
  const empty = await openInspector();
  refused(
    () => empty.describeSchema(),
    "schema: found none, expected openSchema before anything that has names",
  );
});

// ---- modules ---------------------------------------------------------------------------------------------

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const named = (name: string) => [name.length, ...new TextEncoder().encode(name)];

function withSection(module: Uint8Array, name: string, contents: Uint8Array): Uint8Array {
  const section = [...named(name), ...contents];
  return Uint8Array.from([...module, 0, ...leb(section.length), ...section]);
}

const facts = new TextEncoder().encode('{"format":1,"semantics":1,"dataEnd":2048}');
const sealed = withSection(
  withSection(coreModule(), "statevec.module", facts),
  "statevec.schema",
  descriptor,
);

/** Imports of every kind, a function, exports of every kind. */
const foreign = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 40, 4, ...named("env"), ...named("now"), 0, 0, ...named("env"), ...named("tab"), 1, 0x70, 0, 1],
  ...[...named("e"), ...named("mem"), 2, 1, 1, 2, ...named("e"), ...named("g"), 3, 0x7f, 0],
  ...[3, 2, 1, 0],
  ...[7, 14, 2, ...named("go"), 0, 1, ...named("table"), 1, 0],
  ...[10, 4, 1, 2, 0, 0x0b],
]);

describe("modules", () => {
  test("a sealed domain says what it is, and its schema", async () => {
    const lines = (await describeModule(sealed)).split("\n");
    expect(lines[0]).toBe(`module of ${sealed.length} bytes, SHA-256 ${fingerprintOf(sealed)}`);
    expect(lines[1]).toBe('facts   {"format":1,"semantics":1,"dataEnd":2048}');
    expect(lines[2]).toBe("imports nothing");
    expect(lines[3]).toMatch(/^exports .*\bboot\b.*\bmemory \(memory\)/);
    expect(lines[4]).toMatch(/^holds {3}\d{3} functions$/);
    expect(lines.slice(5).join("\n")).toBe((await open()).describeSchema());
  });

  test("another module", async () => {
    expect(await describeModule(foreign)).toBe(
      `module of ${foreign.length} bytes, SHA-256 ${fingerprintOf(foreign)}
imports env.now, env.tab (table), e.mem (memory), e.g (global)
exports go, table (table)
holds   1 function
no schema: not a sealed domain`,
    );
    await expect(WebAssemblyOf().compile(foreign)).resolves.toBeDefined();
  });

  test("a sealed domain inspects with its own code and schema", async () => {
    const inspector = await openInspector({ module: sealed });
    expect(inspector.describeSchema()).toBe((await open()).describeSchema());
    await expect(openInspector({ module: coreModule() })).rejects.toThrow(
      "module: module (offset 0, found no section statevec.schema, expected a sealed domain)",
    );
    await expect(openInspector({ module: foreign })).rejects.toThrow(
      /^module: found .*; expected a module with/,
    );
    await expect(openInspector({ module: facts })).rejects.toThrow(UsageError);
  });

  test("damaged modules are refused, never read beyond their end", async () => {
    await expect(describeModule(new Uint8Array(3))).rejects.toThrow(
      "module: first word of a module is not canonical (offset 0, found 3 bytes left, expected 4 bytes)",
    );
    await expect(describeModule(foreign.with(4, 2))).rejects.toThrow("this release does not read the module");
    const damaged = withSection(foreign, "statevec.schema", descriptor.subarray(0, 50));
    await expect(describeModule(damaged)).rejects.toThrow(UsageError);
    for (let at = 0; at < foreign.length; at++) {
      for (const bytes of [foreign.slice(0, at), foreign.with(at, 0xff), foreign.with(at, 0x80)]) {
        try {
          expect(await describeModule(bytes)).toMatch(/^module of /);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }
    }
  });
});

/** The types of this package need no DOM library. */
function WebAssemblyOf() {
  return (globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<object> } })
    .WebAssembly;
}

// ---- memory ----------------------------------------------------------------------------------------------

describe("memory", () => {
  test("calls give back what they took, refused ones too", async () => {
    replaceConverters(converters);
    const { exports } = await instantiate(coreModule(), {});
    const frame = fc.sample(frameOf(model), { numRuns: 1, seed: 7 })[0]!;
    const round = () => {
      expect(exports.openSchema(descriptor)).toBe(true);
      expect(exports.frameText(frame, new Uint8Array(0), new Uint8Array(0))).toMatch(/^Frame /);
      expect(exports.openSchema(descriptor.subarray(0, 99))).toBe(false);
      expect(exports.refusal()).toHaveLength(5);
      expect(exports.describeModule(coreModule())).toMatch(/^module of /);
    };
    for (let count = 0; count < 3; count++) round();
    const used = exports.memoryUsed();
    for (let count = 0; count < 50; count++) round();
    expect(exports.memoryUsed()).toBe(used);
  });
});

test("the inspection calls are listed for as-bind, and nothing of the hot path", () => {
  const wasm = readFileSync(new URL("../../build/statevec.wasm", import.meta.url));
  const { Module } = (globalThis as any).WebAssembly;
  const [section] = Module.customSections(new Module(wasm), "as-bind_bindings");
  const { exportedFunctions } = JSON.parse(new TextDecoder().decode(section));
  expect(Object.keys(exportedFunctions).sort()).toEqual([
    "describeModule",
    "describeSchema",
    "detailsText",
    "explainCode",
    "frameText",
    "keyText",
    "moduleSchema",
    "openSchema",
    "recordText",
    "refusal",
  ]);
});
