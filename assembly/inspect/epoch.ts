/**
 * What an epoch frame says: schema, program, limits, parent (docs/reference/frame.md, "Frames of the engine itself").
 *
 * Not responsible for: the frame around it (frame.ts), the schema in it (descriptor.ts).
 */
import { DIGEST_BYTES, LIMIT_COUNT, LIMIT_COUNT_SEALED } from "../abi";
import { readSchema } from "./descriptor";
import { putFingerprint } from "./hash";
import { limitHard, limitName } from "./names";
import { putHex, putNumber } from "./numerals";
import {
  damaged,
  finish,
  place,
  readU8,
  readU16,
  readU32,
  readU64,
  requireZeros,
  take,
  within,
} from "./reader";
import { isRefused } from "./refusal";
import { dropSchema, putName, SCHEMA_NAME, word } from "./schema-index";
import { putLine, putText } from "./text";

const LANE_OPEN: u32 = 1;
const LANE_SEALED: u32 = 2;
const PROGRAM_BYTES: usize = 32;
const HISTORY_ID_BYTES: usize = 16;

/**
 * Reads an epoch payload, which is all that is left, and puts a line for each thing it says.
 * @param start address of the frame, from which offsets count
 */
export function putEpoch(start: usize): void {
  const lane = readU8("lane");
  within("lane", lane, LANE_OPEN, LANE_SEALED, 1);
  requireZeros(3, "reserved bytes");
  const semantics = readU32("core semantics");
  const program = place();
  if (lane == LANE_OPEN) {
    readU64("revision");
    requireZeros(PROGRAM_BYTES - 8, "program");
  } else take(PROGRAM_BYTES, "program");
  const parent = place();
  readParent(parent);
  const limits = place();
  readLimits(lane == LANE_OPEN ? LIMIT_COUNT : LIMIT_COUNT_SEALED);
  const bytes = readU32("length of the schema");
  const descriptor = take(bytes, "schema");
  finish("epoch payload");
  if (isRefused()) return;
  const schema = readSchema(descriptor, bytes, descriptor - start);
  if (schema == 0) return;
  putLine("  schema ");
  putName(word(schema, SCHEMA_NAME));
  putText(", fingerprint ");
  putFingerprint(schema);
  dropSchema(schema);
  putProgram(lane, program, semantics);
  putLimits(limits);
  putParent(parent);
}

/** History id, seq, digest. Without a seq all of it is zero. */
function readParent(parent: usize): void {
  take(HISTORY_ID_BYTES, "parent");
  const seq = readU64("parent");
  take(DIGEST_BYTES, "parent");
  if (isRefused() || seq != 0) return;
  for (let i: usize = 0; i < HISTORY_ID_BYTES + 8 + DIGEST_BYTES; i++) {
    if (load<u8>(parent + i) != 0) return damaged("parent", parent, "seq 0", "zeros, or a seq from 1");
  }
}

function readLimits(count: u32): void {
  within("count of limits", readU16("count of limits"), count, count, 2);
  for (let number: u32 = 1; number <= count; number++) {
    within("number of a limit", readU16("limit"), number, number, 2);
    const name = "limit " + limitName(number)!;
    within(name, readU64(name), 1, limitHard(number), 8);
  }
}

function putProgram(lane: u32, program: usize, semantics: u32): void {
  if (lane == LANE_OPEN) {
    putLine("  open lane, revision ");
    putNumber(load<u64>(program));
  } else {
    putLine("  sealed lane, module ");
    putHex(program, <u32>PROGRAM_BYTES);
  }
  putText(", core semantics ");
  putNumber(semantics);
}

/** The limits, which have been read, from their count on. */
function putLimits(at: usize): void {
  const count = <u32>load<u16>(at);
  at += 2;
  putLine("  limits");
  for (let i: u32 = 0; i < count; i++) {
    putText(" ");
    putText(limitName(load<u16>(at))!);
    putText("=");
    putNumber(load<u64>(at, 2));
    at += 10;
  }
}

function putParent(parent: usize): void {
  const seq = load<u64>(parent + HISTORY_ID_BYTES);
  if (seq == 0) return;
  putLine("  goes on from history ");
  putHex(parent, <u32>HISTORY_ID_BYTES);
  putText(" at ");
  putNumber(seq);
  putText(":");
  putHex(parent + HISTORY_ID_BYTES + 8, DIGEST_BYTES);
}
