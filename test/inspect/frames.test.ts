/**
 * The text of frames: over random schemas and frames, the module says what the decoder and the value texts in TypeScript
 * say, and refuses the same bytes with the same words.
 */
import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { command, defineSchema, record, u8 } from "statevec/schema";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { HistoryError } from "../../src/errors.ts";
import { defaultLimits, type EpochRules, encodeEpochPayload } from "../../src/history/epoch-payload.ts";
import { frameDecoder } from "../../src/history/frame.ts";
import { type Inspector, openInspector } from "../../src/inspect/index.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { body, little } from "../history/frame-bytes.ts";
import { schemaOf, schemaSpec } from "../model/generate.ts";
import { schema } from "../schema/fixture.ts";
import { frameOf } from "./arbitrary.ts";
import { sentence } from "./sentence.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const fixture = modelOf(schema);

/** What a call says: a text, or the refusal as an error that can be compared. */
function outcomeOf(call: () => string): string {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    return `refused: ${error.message}`;
  }
}

const decoders = { fixture: frameDecoder(fixture), none: frameDecoder(null) };

/** The inspector and the decoder, with or without the fixture's schema, say the same of the bytes. */
function expectSame(
  inspector: Inspector,
  schemaName: keyof typeof decoders,
  bytes: Uint8Array,
  digest = "",
): void {
  const digests = digest === "" ? {} : { before: new Uint8Array(32), after: new Uint8Array(32).fill(0xab) };
  const decoder = decoders[schemaName];
  const expected = outcomeOf(() => {
    const before = digests.before === undefined ? "" : bytesToHex(digests.before);
    return sentence(decoder.decode(bytes), fixture, before, digest);
  });
  expect(outcomeOf(() => inspector.frameText(bytes, digests))).toBe(expected);
}

test(`random frames of random schemas, seed ${SEED}`, async () => {
  const inspector = await openInspector();
  const frames = schemaSpec.chain((spec) => {
    const model = modelOf(schemaOf(spec));
    return fc.tuple(fc.constant(model), fc.array(frameOf(model), { minLength: 1, maxLength: 4 }));
  });
  const law = fc.property(frames, ([model, bodies]) => {
    inspector.openSchema(encodeDescriptor(model));
    const decoder = frameDecoder(model);
    for (const bytes of bodies) {
      expect(inspector.frameText(bytes)).toBe(sentence(decoder.decode(bytes), model, "", ""));
    }
  });
  fc.assert(law, { numRuns: 30, seed: SEED });
});

test(`random frames with every field type, and with one byte changed or cut, seed ${SEED}`, async () => {
  const inspector = await openInspector({ descriptor: encodeDescriptor(fixture) });
  const law = fc.property(
    frameOf(fixture),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }),
    fc.nat(),
    (bytes, changes, cut) => {
      expectSame(inspector, "fixture", bytes, "ab".repeat(32));
      for (const [at, byte] of changes) {
        const changed = bytes.slice();
        changed[at % bytes.length] = byte;
        expectSame(inspector, "fixture", changed);
      }
      const shorter = bytes.slice(0, cut % bytes.length);
      expectSame(inspector, "fixture", shorter);
      // The same with a length that says so: what is missing shows behind the header.
      if (shorter.length >= abi.FRAME_HEADER) new DataView(shorter.buffer).setUint32(0, shorter.length, true);
      expectSame(inspector, "fixture", shorter);
    },
  );
  fc.assert(law, { numRuns: 200, seed: SEED });
});

// ---- the engine's own frames -----------------------------------------------------------------------------

const rules: EpochRules = {
  program: { lane: "open", revision: 3n },
  semantics: 1,
  parent: { historyId: "01".repeat(16), seq: 9n, digest: "02".repeat(32) },
  limits: { ...defaultLimits(), work: 5000 },
};
/** A schema that is quick to check: the reader in TypeScript checks it for every changed byte. */
const small = defineSchema("small", {
  records: { A: record("A", 1, { n: u8(1) }) },
  commands: { C: command("C", 1, {}) },
});
const descriptor = encodeDescriptor(modelOf(small));
const own = [
  body({ kind: abi.KIND_EPOCH, seq: 1n }, [...encodeEpochPayload({ ...rules, parent: null }, descriptor)]),
  body({ kind: abi.KIND_EPOCH, seq: 1n }, [...encodeEpochPayload(rules, descriptor)]),
  body({ kind: abi.KIND_RETIRE }, [...little(8, 8), ...little(3, 4)]),
  body({ kind: abi.KIND_CHECKPOINT }, [...little(6, 8), ...new Array<number>(32).fill(0xcd)]),
];

test("the engine's own frames need no schema", async () => {
  const inspector = await openInspector();
  for (const bytes of own) expectSame(inspector, "none", bytes, "ab".repeat(32));
  expect(() => inspector.frameText(body({ kind: 5 }, []))).toThrow(
    /seq 7, found 5, expected an epoch frame first/,
  );
});

test("their every byte and cut, up to the schema inside", async () => {
  const inspector = await openInspector();
  for (const bytes of own) {
    const isEpoch = bytes.length > abi.FRAME_HEADER + descriptor.length;
    const end = isEpoch ? bytes.length - descriptor.length : bytes.length;
    for (let at = 0; at < end; at++) {
      const cut = bytes.slice(0, at);
      expectSame(inspector, "none", cut);
      for (const mask of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at]! ^= mask;
        // What lane an epoch is decides how many limits it has.
        if (!isEpoch || at !== abi.FRAME_HEADER) expectSame(inspector, "none", changed);
      }
    }
  }
});

test("a sealed epoch has the limits of its lane", async () => {
  const payload = encodeEpochPayload({ ...rules, parent: null }, descriptor);
  const limitsAt = 96;
  const limitsEnd = limitsAt + 2 + 10 * abi.LIMIT_COUNT;
  const sealed = body({ kind: abi.KIND_EPOCH, seq: 1n }, [
    ...[2, 0, 0, 0, ...little(1, 4)],
    ...new Array<number>(32).fill(0x0a),
    ...payload.slice(40, limitsAt),
    ...little(abi.LIMIT_COUNT_SEALED, 2),
    ...payload.slice(limitsAt + 2, limitsEnd),
    ...[...little(abi.LIMIT_FUEL, 2), ...little(1_000, 8)],
    ...[...little(abi.LIMIT_ARENA_BYTES, 2), ...little(2_000, 8)],
    ...payload.slice(limitsEnd),
  ]);
  const text = (await openInspector()).frameText(sealed);
  expect(text).toContain(`\n  sealed lane, module ${"0a".repeat(32)}, core semantics 1\n`);
  expect(text).toContain(" stateMiB=3072 fuel=1000 arenaBytes=2000\n");
});
