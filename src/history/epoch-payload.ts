/**
 * The payload of an epoch frame: under what rules the frames that follow were made.
 *
 * Responsible for: its bytes, written and read strictly (docs/reference/frame.md).
 * Not responsible for: the schema inside (src/schema/descriptor.ts), the frame around it (frame.ts).
 *
 *   0      1   4           8         40          56           64              96       98        98+10n
 *   | lane | 0 | semantics | program | parent id | parent seq | parent digest | limits | entries | schema
 *   |u8    |   |u32        |32 bytes |16 bytes   |u64         |32 bytes       |u16     |
 *
 * An entry: number u16, value u64. The schema: length u32, then its bytes.
 *
 * Invariants: I1 one payload has one byte form; I2 all limits of the lane are there, in number order.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { UsageError } from "../errors.ts";
import { ByteReader, ByteWriter } from "../schema/bytes.ts";
import { decodeDescriptor } from "../schema/descriptor-reader.ts";
import { fingerprintOf } from "../schema/fingerprint.ts";
import { type HandlerLimitName, type LimitName, limitsOfLane } from "../schema/framework-codes.ts";
import type { SchemaModel } from "../schema/model.ts";

const LANE_OPEN = 1;
const LANE_SEALED = 2;
const PROGRAM_BYTES = 32;
const HISTORY_ID_BYTES = 16;
const DIGEST_BYTES = 32;

/** What executes: handlers in the open lane by declared revision, in the sealed lane a module by its SHA-256 (hex). */
export type Program =
  | { readonly lane: "open"; readonly revision: bigint }
  | { readonly lane: "sealed"; readonly module: string };

/** The frame of another history that this one goes on from; id and digest in hex. */
export interface Parent {
  readonly historyId: string;
  readonly seq: bigint;
  readonly digest: string;
}

/** The limits in force, by name; those of handler code in the sealed lane alone. */
export type LimitValues = Readonly<Record<LimitName, number> & Partial<Record<HandlerLimitName, number>>>;

/** What an epoch is opened with. */
export interface EpochRules {
  readonly program: Program;
  /** Core semantics version. */
  readonly semantics: number;
  readonly parent: Parent | null;
  readonly limits: LimitValues;
}

/** An epoch payload that was read. */
export interface EpochPayload extends EpochRules {
  readonly schema: SchemaModel;
  /** SHA-256 of the canonical schema, hex. */
  readonly fingerprint: string;
  /** The canonical schema: a view of the bytes that were read. */
  readonly descriptor: Uint8Array;
}

/** The limits of a domain that declares none. */
export function defaultLimits(lane: Program["lane"] = "open"): LimitValues {
  return Object.fromEntries(limitsOfLane(lane).map((limit) => [limit.name, limit.default])) as LimitValues;
}

function hex(text: string, bytes: number, argument: string): Uint8Array {
  if (!/^[0-9a-f]*$/.test(text) || text.length !== 2 * bytes) {
    throw new UsageError(
      argument,
      `found ${JSON.stringify(text)}, expected ${2 * bytes} lower-case hex digits`,
    );
  }
  return hexToBytes(text);
}

/**
 * Makes the payload of an epoch frame.
 * @param descriptor the canonical schema, from `encodeDescriptor`
 * @throws UsageError naming what is out of range
 */
export function encodeEpochPayload(rules: EpochRules, descriptor: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  const { program, parent } = rules;
  out.u8(program.lane === "open" ? LANE_OPEN : LANE_SEALED);
  out.raw(new Uint8Array(3));
  out.u32(rules.semantics);
  if (program.lane === "open") {
    out.u64(program.revision);
    out.raw(new Uint8Array(PROGRAM_BYTES - 8));
  } else out.raw(hex(program.module, PROGRAM_BYTES, "program.module"));
  out.raw(
    parent === null
      ? new Uint8Array(HISTORY_ID_BYTES)
      : hex(parent.historyId, HISTORY_ID_BYTES, "parent.historyId"),
  );
  out.u64(parent?.seq ?? 0n);
  out.raw(parent === null ? new Uint8Array(DIGEST_BYTES) : hex(parent.digest, DIGEST_BYTES, "parent.digest"));
  const declared = limitsOfLane(program.lane);
  out.u16(declared.length);
  for (const { number, name, hard } of declared) {
    const value = rules.limits[name];
    if (value === undefined || !Number.isInteger(value) || value < 1 || value > hard) {
      throw new UsageError(`limits.${name}`, `found ${value}, expected a whole number from 1 to ${hard}`);
    }
    out.u16(number);
    out.u64(BigInt(value));
  }
  out.u32(descriptor.length);
  out.raw(descriptor);
  return out.done();
}

/**
 * Reads the payload of an epoch frame.
 * @param seq of its frame, for the error
 * @throws HistoryError(DAMAGED) for anything but canonical bytes, (UNSUPPORTED_FORMAT) for a newer schema format
 */
export function decodeEpochPayload(
  bytes: Uint8Array,
  at = 0,
  end = bytes.length,
  seq?: bigint,
): EpochPayload {
  const input = new ByteReader(bytes, at, end, seq);
  const lane = input.u8("lane");
  input.within("lane", lane, LANE_OPEN, LANE_SEALED, at);
  requireZeros(input, 3, "reserved bytes");
  const semantics = input.u32("core semantics");
  const program = readProgram(input, lane);
  const parent = readParent(input);
  const limits = readLimits(input, program.lane);
  const count = input.u32("length of the schema");
  const descriptor = input.raw(count, "schema");
  input.finish("epoch payload");
  const schema = decodeDescriptor(bytes, input.end - count, input.end, seq);
  return { program, semantics, parent, limits, schema, fingerprint: fingerprintOf(descriptor), descriptor };
}

function requireZeros(input: ByteReader, count: number, what: string): void {
  const at = input.at;
  const bytes = input.raw(count, what);
  if (bytes.some((byte) => byte !== 0)) input.fail(what, bytesToHex(bytes), "zeros", at);
}

function readProgram(input: ByteReader, lane: number): Program {
  if (lane === LANE_SEALED)
    return { lane: "sealed", module: bytesToHex(input.raw(PROGRAM_BYTES, "program")) };
  const revision = input.u64("revision");
  requireZeros(input, PROGRAM_BYTES - 8, "program");
  return { lane: "open", revision };
}

function readParent(input: ByteReader): Parent | null {
  const at = input.at;
  const historyId = input.raw(HISTORY_ID_BYTES, "parent");
  const seq = input.u64("parent");
  const digest = input.raw(DIGEST_BYTES, "parent");
  if (seq > 0n) return { historyId: bytesToHex(historyId), seq, digest: bytesToHex(digest) };
  if (historyId.some((byte) => byte !== 0) || digest.some((byte) => byte !== 0)) {
    input.fail("parent", "seq 0", "zeros, or a seq from 1", at);
  }
  return null;
}

function readLimits(input: ByteReader, lane: Program["lane"]): LimitValues {
  const at = input.at;
  const count = input.u16("count of limits");
  const declared = limitsOfLane(lane);
  input.within("count of limits", count, declared.length, declared.length, at);
  const limits: Record<string, number> = {};
  for (const { number, name, hard } of declared) {
    input.within("number of a limit", input.u16("limit"), number, number, input.at - 2);
    const value = input.u64(`limit ${name}`);
    if (value < 1n || value > BigInt(hard)) input.fail(`limit ${name}`, value, `1..${hard}`, input.at - 8);
    limits[name] = Number(value);
  }
  return limits as LimitValues;
}
