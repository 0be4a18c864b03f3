/**
 * The inspection calls: what the module says about its schema and about bytes, in strings and arrays, through as-bind.
 *
 * Responsible for: one call at a time, from arguments to text. Each answers null when it refuses, and `refusal` says why.
 * Not responsible for: the hot path. Nothing here is called by it, and nothing here touches engine state: an instance that
 * executes can be inspected, though hosts use one of its own.
 * I1: a call keeps nothing but the open schema, the last text and the last refusal.
 */
import { DIGEST_BYTES } from "../abi";
import { endObjects } from "../base/object-arena";
import { putCode, putExplanation } from "./code";
import { readSchema } from "./descriptor";
import { putFrame } from "./frame";
import { putKey } from "./key";
import { findCustomSection, sectionAt, sectionBytes } from "./module-sections";
import { putModule, SCHEMA_SECTION } from "./module-text";
import { numeral } from "./numerals";
import { finish, openReader, place } from "./reader";
import { putRecord } from "./record";
import { isRefused, openAnswer, refusalParts, refuseArgument } from "./refusal";
import {
  entryAt,
  isNamed,
  OWNER_INDEXES,
  OWNER_NAME,
  OWNER_UNIQUE,
  OWNER_WORDS,
  openedSchema,
  ownerNumbered,
  replaceSchema,
  SCHEMA_COMMANDS,
  SCHEMA_KINDS,
  WAY_NAME,
  WAY_WORDS,
  word,
} from "./schema-index";
import { putSchema } from "./schema-text";
import { wholeText } from "./text";

const ONE_OF_THE_SCHEMA: string = "one of the schema";

/** Begins a call; with `needsSchema` it is refused while none is open. */
function begin(needsSchema: bool): void {
  openAnswer();
  if (needsSchema && openedSchema() == 0) {
    refuseArgument("schema", "none", "openSchema before anything that has names");
  }
}

/** Ends a call: its text, or null. */
function answer(): string | null {
  let text: string | null = null;
  if (!isRefused()) text = wholeText();
  endObjects();
  return text;
}

function openBytes(bytes: Uint8Array): void {
  openReader(bytes.dataStart, bytes.byteLength);
}

/** Opens the schema of a canonical descriptor in the place of the one before. False: refused, and the old one stays. */
export function openSchema(descriptor: Uint8Array): bool {
  begin(false);
  const schema = readSchema(descriptor.dataStart, descriptor.byteLength, 0);
  if (schema != 0) replaceSchema(schema);
  endObjects();
  return schema != 0;
}

/** The open schema, a line for each definition and field. */
export function describeSchema(): string | null {
  begin(true);
  if (!isRefused()) putSchema(openedSchema());
  return answer();
}

/** A WebAssembly module: its size and hash, imports, exports, and the schema in it. Needs no open schema. */
export function describeModule(module: Uint8Array): string | null {
  begin(false);
  putModule(module.dataStart, module.byteLength);
  return answer();
}

/** The descriptor that a sealed domain's module carries; null: it has none, or it is refused. */
export function moduleSchema(module: Uint8Array): Uint8Array | null {
  begin(false);
  let found: Uint8Array | null = null;
  if (findCustomSection(module.dataStart, module.byteLength, SCHEMA_SECTION)) {
    const bytes = new Uint8Array(<i32>sectionBytes());
    memory.copy(bytes.dataStart, sectionAt(), sectionBytes());
    found = bytes;
  } else if (!isRefused()) refuseArgument("module", "no section " + SCHEMA_SECTION, "a sealed domain");
  endObjects();
  return found;
}

/** The address of a digest; 0: none was given. */
function digestAt(digest: Uint8Array, what: string): usize {
  if (digest.byteLength == 0) return 0;
  if (digest.byteLength != DIGEST_BYTES) {
    refuseArgument(what, numeral(digest.byteLength) + " bytes", numeral(DIGEST_BYTES) + " bytes, or none");
  }
  return digest.dataStart;
}

/**
 * A frame as a sentence. Frames of commands need their schema to be open, the engine's own none.
 * @param before the digest of the frame before, or nothing
 * @param after the digest of the frame, or nothing
 */
export function frameText(body: Uint8Array, before: Uint8Array, after: Uint8Array): string | null {
  begin(false);
  const digestBefore = digestAt(before, "digest before");
  const digestAfter = digestAt(after, "digest after");
  openBytes(body);
  if (!isRefused()) putFrame(digestBefore, digestAfter);
  return answer();
}

/** The kind whose name is the text up to `end`; 0: refused. */
function kindNamed(text: string, end: i32): usize {
  const schema = openedSchema();
  if (isRefused()) return 0;
  for (let i: u32 = 0; i < word(schema, SCHEMA_KINDS); i++) {
    const kind = entryAt(schema, SCHEMA_KINDS, OWNER_WORDS, i);
    if (isNamed(word(kind, OWNER_NAME), text, 0, end)) return kind;
  }
  refuseArgument("kind", text.substring(0, end), ONE_OF_THE_SCHEMA);
  return 0;
}

/** A record of a kind, in the form that snapshots have, as one line. */
export function recordText(kind: string, record: Uint8Array): string | null {
  begin(true);
  const entry = kindNamed(kind, kind.length);
  openBytes(record);
  if (entry != 0) putRecord(entry);
  return answer();
}

/** Puts the key if a list of the kind has the path named behind `from`; false: it has not. */
function putKeyOf(kind: usize, list: u32, path: string, from: i32, key: Uint8Array): bool {
  for (let i: u32 = 0; i < word(kind, list); i++) {
    const way = entryAt(kind, list, WAY_WORDS, i);
    if (!isNamed(word(way, WAY_NAME), path, from, path.length)) continue;
    openBytes(key);
    putKey(kind, way, list == OWNER_INDEXES);
    return true;
  }
  return false;
}

/** The values of a whole key. @param path as in `Order.byOrderId` */
export function keyText(path: string, key: Uint8Array): string | null {
  begin(true);
  const dot = path.indexOf(".");
  const kind = kindNamed(path, dot < 0 ? path.length : dot);
  if (kind != 0) {
    const from = dot < 0 ? path.length : dot + 1;
    const isKnown =
      putKeyOf(kind, OWNER_UNIQUE, path, from, key) || putKeyOf(kind, OWNER_INDEXES, path, from, key);
    if (!isKnown) refuseArgument("unique key or index", path, ONE_OF_THE_SCHEMA);
  }
  return answer();
}

/**
 * A reject or fault code with its details.
 * @param command number of the command that was answered so
 */
export function detailsText(command: u32, code: u32, details: Uint8Array): string | null {
  begin(true);
  const entry = ownerNumbered(SCHEMA_COMMANDS, command);
  if (entry == 0) refuseArgument("command", numeral(command), ONE_OF_THE_SCHEMA);
  openBytes(details);
  if (!isRefused()) putCode(code, entry, place());
  finish("details");
  return answer();
}

/** What a reject or fault code means: its name, its outcome, what its details are. */
export function explainCode(code: u32): string | null {
  begin(true);
  if (!isRefused()) putExplanation(code);
  return answer();
}

/** Why the last call was refused: family, what, offset, actual, expected; empty if it was not. */
export function refusal(): Array<string> {
  const parts = refusalParts();
  endObjects();
  return parts;
}
