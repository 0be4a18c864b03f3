/**
 * A record in the form that snapshots have (docs/reference/snapshot.md), as one line.
 *
 *   0       8          12           20
 *   | SysId | revision | last frame | values
 *   |u64    |u32       |u64         |
 */
import { ALL_MEMBERS, places, putGroup, readRecord } from "./group";
import { numeral, putNumber } from "./numerals";
import { damaged, finish, place, readU32, readU64, within } from "./reader";
import { isRefused } from "./refusal";
import { OWNER_NAME, openedSchema, putName, word } from "./schema-index";
import { putText } from "./text";

const U64_MAX: u64 = ~(<u64>0);

function readPositive(what: string): u64 {
  const at = place();
  const value = readU64(what);
  if (!isRefused() && value == 0) damaged(what, at, numeral(value), "1 or more");
  return value;
}

/** `Customer 1 (revision 1, frame 2)  login="ada" badge=null` */
export function putRecord(kind: usize): void {
  const sysId = readPositive("SysId");
  const revision = readU32("revision");
  within("revision", revision, 1, U64_MAX, 4);
  const frame = readPositive("last frame");
  readRecord(openedSchema(), kind, ALL_MEMBERS, places);
  finish("record");
  if (isRefused()) return;
  putName(word(kind, OWNER_NAME));
  putText(" ");
  putNumber(sysId);
  putText(" (revision ");
  putNumber(revision);
  putText(", frame ");
  putNumber(frame);
  putText(") ");
  putGroup(openedSchema(), kind, true);
}
