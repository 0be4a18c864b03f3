/**
 * The sections of a WebAssembly module (WebAssembly core specification, "Binary Format"), as far as a description needs
 * them.
 *
 * Responsible for: walking them within bounds, finding one.
 * Not responsible for: whether the module is valid; an engine says that when it compiles it.
 */
import { numeral } from "./numerals";
import { bytesLeft, damaged, openReader, place, readU8, readU32, refuseAt, take } from "./reader";
import { isRefused, UNSUPPORTED } from "./refusal";

/** "\0asm" */
const MAGIC: u32 = 0x6d736100;
const VERSION: u32 = 1;
const SECTION_CUSTOM: u32 = 0;
export const SECTION_IMPORT: u32 = 2;
export const SECTION_FUNCTION: u32 = 3;
export const SECTION_EXPORT: u32 = 7;

let section: u32 = 0;
let contents: usize = 0;
let contentBytes: usize = 0;

/** Starts at the first section of a module. */
export function openModule(at: usize, bytes: usize): void {
  openReader(at, bytes);
  const magic = readU32("first word of a module");
  if (!isRefused() && magic != MAGIC) damaged("first word of a module", at, numeral(magic), numeral(MAGIC));
  const version = readU32("version of a module");
  if (isRefused() || version == VERSION) return;
  refuseAt(UNSUPPORTED, "this release does not read the module", at + 4, numeral(version), numeral(VERSION));
}

/** Steps over the next section; false at the end of the module, or where it is refused. */
function nextSection(): bool {
  if (isRefused() || bytesLeft() == 0) return false;
  section = readU8("section");
  contentBytes = readLeb("bytes of a section");
  contents = take(contentBytes, "section");
  return !isRefused();
}

/** Address and bytes of its contents; of a custom section behind its name, once `readSectionName` was called. */
export function sectionAt(): usize {
  return contents;
}
export function sectionBytes(): usize {
  return contentBytes;
}

/** An unsigned number of up to 32 bits, LEB128. */
export function readLeb(what: string): u32 {
  const at = place();
  let value: u64 = 0;
  for (let shift: u64 = 0; shift < 35 && !isRefused(); shift += 7) {
    const byte = <u64>readU8(what);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80 && value <= 0xffffffff) return <u32>value;
    if (byte < 0x80) break;
  }
  damaged(what, at, "more than 32 bits", "at most 32 bits");
  return 0;
}

/** Steps to the next section of a kind; false: there is none behind. */
export function findSection(id: u32): bool {
  while (nextSection()) if (section == id) return true;
  return false;
}

/** Finds the custom section with a name of ASCII characters; its contents are those behind the name. */
export function findCustomSection(module: usize, bytes: usize, name: string): bool {
  openModule(module, bytes);
  while (findSection(SECTION_CUSTOM)) {
    const after = place();
    const end = contents + contentBytes;
    openReader(contents, contentBytes, contents - module);
    const length = readLeb("name of a section");
    const at = take(length, "name of a section");
    if (isRefused()) return false;
    if (isText(at, length, name)) {
      contents = at + length;
      contentBytes = end - contents;
      return true;
    }
    openReader(after, module + bytes - after, after - module);
  }
  return false;
}

function isText(at: usize, bytes: u32, text: string): bool {
  if (<i32>bytes != text.length) return false;
  for (let i: u32 = 0; i < bytes; i++) if (<i32>load<u8>(at + i) != text.charCodeAt(i)) return false;
  return true;
}
