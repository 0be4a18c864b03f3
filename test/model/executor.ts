/**
 * The engine's side of the model's tests: its executor behind the interface that the laws use.
 *
 * Responsible for: making executors with chosen hash seed, memory and limits; keys in and out of the core.
 * Not responsible for: comparing (replica.ts, harness.ts).
 */

import { bindSchema } from "../../src/engine/binding.ts";
import { defineDomain } from "../../src/engine/domain.ts";
import { Executor } from "../../src/engine/executor.ts";
import { num } from "../../src/engine/num.ts";
import { readField, ScratchSlot } from "../../src/engine/slots.ts";
import { AdmissionError } from "../../src/errors.ts";
import type { Schema } from "../../src/schema/define-schema.ts";
import { LIMITS } from "../../src/schema/framework-codes.ts";
import { buildTable } from "../../src/schema/table.ts";
import { Core, compileCore } from "../../src/wasm.ts";
import type { ModelAnswer, ModelCommand, ModelFrame, ModelSource } from "./frames.ts";
import { modelFrameOf } from "./frames.ts";

export const engineNum = num;

export interface ExecutorOptions {
  readonly schema: Schema;
  readonly handlers: Readonly<Record<string, (tx: any, command: any) => any>>;
  /** Makes the hash seed; nothing in a frame may depend on it. */
  readonly hashSeed: number;
  /** Memory at the start; nothing in a frame may depend on it. */
  readonly memoryPages: number;
  /** Those that differ from the defaults, by number. */
  readonly limits: Readonly<Record<number, number>>;
  /** Time of the epoch frame. */
  readonly timeNs: bigint;
}

/** One engine without history: commands in, frame bodies out. */
export interface TestExecutor {
  /** Opens an epoch: the body of frame 1. An executor that applies or loads does not call it. */
  openEpoch(): Uint8Array;
  /** @throws AdmissionError */
  execute(
    name: string,
    payload: Readonly<Record<string, unknown>>,
    options: { readonly timeNs: bigint; readonly source?: ModelSource | undefined },
  ): Uint8Array;
  apply(body: Uint8Array): void;
  snapshot(): Uint8Array;
  loadSnapshot(bytes: Uint8Array): void;
  /** Of records, keys, indexes, next SysId, seq and source positions. */
  fingerprint(): bigint;
  /** A full check of every structure: 0, or the number of what is wrong. */
  check(): number;
  lastWork(): number;
}

const module = await compileCore();
const SEED_WORDS = 33;
const DIGEST_BYTES = 32;
const OUTPUT_BYTES = 1 << 21;
const ADMIT_DUPLICATE = 1;
const ADMIT_GAP = 2;
const ADMIT_SOURCES_FULL = 3;
const RESULT_WORK = 20;
const RESULT_LONG = 32;

/** 33 words that differ for every seed, some of them zero or all ones. */
function seedWords(seed: number): BigUint64Array {
  return BigUint64Array.from({ length: SEED_WORDS }, (_, at) => {
    const word = BigInt(seed) * (BigInt(at) * 0x9e3779b97f4a7c15n + 0xbf58476d1ce4e5b9n);
    return BigInt.asUintN(64, word ^ (word >> 31n));
  });
}

export function makeExecutor(options: ExecutorOptions): TestExecutor {
  const { schema, handlers, hashSeed, memoryPages } = options;
  const named = LIMITS.flatMap(({ name, number }) => {
    const limit = options.limits[number];
    return limit === undefined ? [] : [[name, limit] as const];
  });
  const domain = defineDomain(schema, { revision: 1, handlers, limits: Object.fromEntries(named) } as any);
  const executor = new Executor({
    module,
    domain: domain as any,
    seed: seedWords(hashSeed),
    pages: memoryPages,
    outputBytes: OUTPUT_BYTES,
  });
  const { core } = executor;
  core.exports.growOutput(OUTPUT_BYTES);
  core.refresh();
  const body = () => {
    const bytes = core.lastBody();
    core.takeOutput();
    return bytes;
  };
  const accept = (what: string, code: number) => {
    if (code !== 0) throw new Error(`${what}: the executor answered ${code}`);
  };
  return {
    openEpoch: () => {
      executor.executeEpoch(options.timeNs);
      return body();
    },
    execute: (name, payload, { timeNs: given, source }) => {
      const command = executor.command(name);
      const timeNs = given > executor.timeNs ? given : executor.timeNs;
      executor.prepare(command, payload, timeNs, source);
      const answer = executor.admit();
      if (answer !== 0) throw refusal(answer, core.resultLong(RESULT_LONG));
      executor.run(command);
      return body();
    },
    apply: (bytes) => {
      const frame = new Uint8Array(bytes.length + DIGEST_BYTES);
      frame.set(bytes);
      accept("apply", executor.apply(frame));
    },
    snapshot: () => Uint8Array.from(Buffer.concat([...executor.snapshot()])),
    loadSnapshot: (bytes) => accept("load", executor.loadSnapshot(bytes)),
    fingerprint: () => BigInt.asUintN(64, core.exports.fingerprint()),
    check: () => core.exports.checkStructure(),
    lastWork: () => core.resultWord(RESULT_WORK),
  };
}

function refusal(answer: number, result: bigint): AdmissionError {
  if (answer === ADMIT_DUPLICATE) return new AdmissionError("DUPLICATE", "known", { lastSeq: result });
  if (answer === ADMIT_GAP) return new AdmissionError("GAP", "not the next", { expected: result });
  if (answer === ADMIT_SOURCES_FULL) return new AdmissionError("SOURCES_FULL", "too many", {});
  throw new Error(`admission answered ${answer}, which no command of a test should meet`);
}

/** What admission answered, in the words of the model. */
export function refusalOf({ code, lastSeq, expected }: AdmissionError): ModelAnswer {
  if (code === "DUPLICATE") return { refused: code, last: lastSeq! };
  if (code === "GAP") return { refused: code, expected: expected! };
  if (code === "SOURCES_FULL") return { refused: code };
  throw new Error(`admission answered ${code}, which no command of a test should meet`);
}

/** An engine that answers in the words of the model. */
export function startEngine(
  schema: Schema,
  handlers: (num: any) => ExecutorOptions["handlers"],
  options: { readonly limits?: Readonly<Record<number, number>>; readonly timeNs?: bigint } = {},
): { readonly first: ModelFrame; execute(command: ModelCommand): ModelAnswer } {
  const { limits = {}, timeNs = 0n } = options;
  const physics = { hashSeed: 7, memoryPages: 0 };
  const engine = makeExecutor({ schema, handlers: handlers(num), limits, timeNs, ...physics });
  const first = modelFrameOf(engine.openEpoch(), schema);
  const execute = ({ name, payload, timeNs: at, source }: ModelCommand): ModelAnswer => {
    try {
      const bytes = engine.execute(name, payload, { timeNs: at, source });
      return { frame: modelFrameOf(bytes, schema), work: engine.lastWork() };
    } catch (error) {
      if (error instanceof AdmissionError) return refusalOf(error);
      throw error;
    }
  };
  return { first, execute };
}

/** Keys of canonical indexes, by position of kind and index. */
export interface KeyCodec {
  encodeKey(kind: number, index: number, values: readonly unknown[]): Uint8Array;
  decodeKey(kind: number, index: number, key: Uint8Array): unknown[];
}

export function makeKeyCodec(schema: Schema): KeyCodec {
  const binding = bindSchema(schema);
  const core = new Core(module, { table: buildTable(binding.model), seed: seedWords(1), pages: 0 });
  const slot = new ScratchSlot(core, false);
  const segmentsOf = (kindAt: number, index: number) => {
    const kind = binding.kinds[kindAt]!;
    return kind.model.indexes[index]!.segments.map(({ field }) => kind.fields[field]!);
  };
  return {
    encodeKey: (kind, index, values) => {
      slot.start(binding.kinds[kind]!);
      segmentsOf(kind, index).forEach((field, at) => {
        if (values[at] === null) slot.clear(field);
        else slot.put(field, values[at]);
      });
      slot.finish();
      const words = core.exports.encodeKey(kind, 1, index);
      core.refresh();
      return core.bytes.slice(core.message, core.message + 8 * words);
    },
    decodeKey: (kind, index, key) => {
      core.bytes.set(key, core.message);
      core.exports.decodeKey(kind, 1, index);
      core.refresh();
      return segmentsOf(kind, index).map((field) => readField(core, slot.at, field));
    },
  };
}
