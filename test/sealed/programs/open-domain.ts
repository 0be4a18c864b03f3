/**
 * Programs as a domain of the open lane.
 *
 * Responsible for: what the printed text refers to, and counting what it exercised.
 */
import { defineDomain, num } from "statevec";
import type { Domain, SealedLimits } from "../../../src/engine/domain.ts";
import type { Schema } from "../../../src/schema/define-schema.ts";
import type { Program } from "./language.ts";
import { openSeeRecord, openText } from "./print-open.ts";
import { Account, Item, Reject, Seen, Side, schema, Told } from "./programs.schema.ts";
import { model } from "./shape.ts";

interface Sight {
  hash: bigint;
}

const word = (value: bigint) => BigInt.asUintN(64, value);
const ORDINALS: ReadonlyMap<string, number> = model.kinds[0]!.fields.find(({ enumeration }) => enumeration)!
  .enumeration!.valueOf;
const UTF8 = new TextEncoder();

/** The twin of assembly/sight.ts. */
function seeU64(seen: Sight, value: bigint): void {
  seen.hash = word((seen.hash << 7n) | (seen.hash >> 57n)) ^ value;
}
const seeU32 = (seen: Sight, value: number) => seeU64(seen, BigInt(value));
function seeWide(seen: Sight, value: bigint): void {
  seeU64(seen, word(value));
  seeU64(seen, word(value >> 64n));
}
function seeText(seen: Sight, value: string): void {
  for (let at = 0; at < value.length; at += 1) seeU32(seen, value.charCodeAt(at));
  seeU32(seen, UTF8.encode(value).length);
}
function seeBytes(seen: Sight, value: Uint8Array): void {
  for (const byte of value) seeU32(seen, byte);
  seeU32(seen, value.length);
}

/** What the text of a program refers to by name, beside the marks. */
const REFERENCES = {
  num,
  Account,
  Item,
  Reject,
  Seen,
  Side,
  Told,
  seeU64,
  seeU32,
  seeI64: (seen: Sight, value: bigint) => seeU64(seen, word(value)),
  seeU128: seeWide,
  seeI128: seeWide,
  seeBool: (seen: Sight, value: boolean) => seeU32(seen, Number(value)),
  seeSide: (seen: Sight, value: string) => seeU32(seen, ORDINALS.get(value)!),
  seeText,
  seeBytes,
  isSame: (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0,
  itemAt: (list: readonly bigint[], index: number): bigint => {
    if (index >= list.length) throw new RangeError("beyond the list");
    return list[index]!;
  },
};

/** @param mark told of everything that a program exercises, as it does */
export function openDomain(
  programs: readonly Program[],
  limits: SealedLimits,
  mark: (what: string) => void,
): Domain {
  const arithmetic = (type: keyof typeof num, verb: string, ...given: unknown[]) => {
    const mode = given.find((one) => typeof one === "string");
    mark(`num.${type}.${verb}${mode === undefined ? "" : ` ${mode}`}`);
    return (num[type] as unknown as Record<string, (...all: unknown[]) => bigint>)[verb]!(...given);
  };
  const operator = (type: keyof typeof num, verb: "add" | "sub" | "mul", left: bigint, right: bigint) => {
    mark(`operator ${type} ${verb}`);
    return num[type][verb](left, right);
  };
  const references = { ...REFERENCES, mark, arithmetic, operator };
  const texts = [...model.kinds.map(({ name }) => openSeeRecord(name)), ...programs.map(openText)];
  const names = programs.map(({ command }) => command).join(", ");
  const body = `"use strict";\n${texts.join("\n")}\nreturn { ${names} };`;
  const handlers = new Function(...Object.keys(references), body)(...Object.values(references));
  return defineDomain(schema as unknown as Schema, { revision: 1, handlers, limits }) as Domain;
}
