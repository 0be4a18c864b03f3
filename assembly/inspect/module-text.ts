/**
 * A WebAssembly module as text: how large it is, what it is, what it imports and exports, and the schema in it.
 *
 * Responsible for: any module that parses, a sealed domain's above all: what `statevec build` leaves in the sections
 * `statevec.module` and `statevec.schema`.
 * Not responsible for: judging it. What a module may do is the gate's affair (src/gate).
 */

import { readSchema } from "./descriptor";
import { putSha256 } from "./hash";
import {
  findCustomSection,
  findSection,
  openModule,
  readLeb,
  SECTION_EXPORT,
  SECTION_FUNCTION,
  SECTION_IMPORT,
  sectionAt,
  sectionBytes,
} from "./module-sections";
import { putNumber } from "./numerals";
import { damaged, openReader, place, readU8, take } from "./reader";
import { isRefused } from "./refusal";
import { dropSchema } from "./schema-index";
import { putSchema } from "./schema-text";
import { LINE_FEED, putLine, putText, putUnit } from "./text";
import { isWellFormed, putPlain } from "./utf16";

export const SCHEMA_SECTION: string = "statevec.schema";
const MODULE_SECTION: string = "statevec.module";

const KIND_FUNCTION: u32 = 0;
const KIND_TAG: u32 = 4;

/** Puts all of a module. */
export function putModule(module: usize, bytes: usize): void {
  putText("module of ");
  putNumber(bytes);
  putText(" bytes, SHA-256 ");
  putSha256(module, bytes);
  putFacts(module, bytes);
  putImports(module, bytes);
  putExports(module, bytes);
  putFunctions(module, bytes);
  if (!findCustomSection(module, bytes, SCHEMA_SECTION)) return putNoSchema();
  const schema = readSchema(sectionAt(), sectionBytes(), sectionAt() - module);
  if (schema == 0) return;
  putUnit(LINE_FEED);
  putSchema(schema);
  dropSchema(schema);
}

function putNoSchema(): void {
  if (!isRefused()) putLine("no schema: not a sealed domain");
}

/** What the build says of the module: JSON, as it stands there. */
function putFacts(module: usize, bytes: usize): void {
  if (!findCustomSection(module, bytes, MODULE_SECTION)) return;
  const at = sectionAt();
  const length = <u32>sectionBytes();
  putLine("facts   ");
  if (isWellFormed(at, length)) putPlain(at, length);
  else damaged("section " + MODULE_SECTION, at, "bytes that are not UTF-8", "JSON");
}

/** Opens the reader on a section of a kind; how many items it says it has, 0 without one. */
function openItems(module: usize, bytes: usize, id: u32): u32 {
  openModule(module, bytes);
  if (!findSection(id)) return 0;
  openReader(sectionAt(), sectionBytes(), sectionAt() - module);
  return readLeb("count of items");
}

/** A name of a module: UTF-8 behind its length. */
function putModuleName(what: string): void {
  const length = readLeb(what);
  const at = take(length, what);
  if (isRefused()) return;
  if (isWellFormed(at, length)) putPlain(at, length);
  else damaged(what, at, "bytes that are not UTF-8", "a name");
}

function kindText(kind: u32): string {
  switch (kind) {
    case KIND_FUNCTION:
      return "";
    case 1:
      return " (table)";
    case 2:
      return " (memory)";
    case 3:
      return " (global)";
    default:
      return " (tag)";
  }
}

function readKind(): u32 {
  const at = place();
  const kind = readU8("kind");
  if (!isRefused() && kind > KIND_TAG) damaged("kind", at, "another", "0..4");
  return kind;
}

/** Steps over what an import of a kind is: type of a function, limits of a table or memory, type of a global. */
function skipImport(kind: u32): void {
  if (kind == KIND_FUNCTION) {
    readLeb("type of an import");
    return;
  }
  if (kind == 1) readU8("type of a table");
  if (kind == 1 || kind == 2) {
    const flags = readU8("limits");
    readLeb("limits");
    if (flags & 1) readLeb("limits");
    return;
  }
  take(1, "type of an import");
  readLeb("type of an import");
}

function putImports(module: usize, bytes: usize): void {
  const count = openItems(module, bytes, SECTION_IMPORT);
  putLine("imports ");
  if (count == 0) putText("nothing");
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    if (i > 0) putText(", ");
    putModuleName("module of an import");
    putText(".");
    putModuleName("name of an import");
    const kind = readKind();
    putText(kindText(kind));
    skipImport(kind);
  }
}

function putExports(module: usize, bytes: usize): void {
  const count = openItems(module, bytes, SECTION_EXPORT);
  putLine("exports ");
  if (count == 0) putText("nothing");
  for (let i: u32 = 0; i < count && !isRefused(); i++) {
    if (i > 0) putText(", ");
    putModuleName("name of an export");
    putText(kindText(readKind()));
    readLeb("position of an export");
  }
}

function putFunctions(module: usize, bytes: usize): void {
  const count = openItems(module, bytes, SECTION_FUNCTION);
  putLine("holds   ");
  putNumber(count);
  putText(count == 1 ? " function" : " functions");
}
