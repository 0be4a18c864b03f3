/**
 * Unrolled codecs: the loops of codec.ts over one message's fields, written out once as a function, so that every call to
 * a value codec is one that the machine's compiler can see through.
 *
 * Responsible for: the good case only. Whatever is not good makes `encode` answer -1 and `decode` answer `undefined`; the
 * loops then run over the same values and say what is wrong. Where the platform allows no code from text (a strict
 * content security policy), there is no unrolled codec and the loops do all.
 * Not responsible for: single values (value-codec.ts), meaning.
 *
 * Invariants: I1 what is unrolled writes and reads the bytes that the loops do; I2 names enter the text as JSON strings,
 * numbers as numbers, and nothing else of a schema does.
 */
import type { FieldModel } from "./model.ts";
import type { ValueCodec } from "./value-codec.ts";

/** A field, as the text needs it. */
export interface UnrolledField {
  readonly field: FieldModel;
  readonly value: ValueCodec;
}

export interface Unrolled {
  /** The offset behind the values, or -1. */
  encode(values: object, target: Uint8Array, view: DataView, at: number): number;
  /** All values if they end exactly at `end`, which is within `source`. */
  decode(source: Uint8Array, view: DataView, at: number, end: number): Record<string, unknown> | undefined;
}

/** More fields than this are seldom hot, and their text would be long. */
const FIELDS_MAX = 32;

/** Writes the loops out, where that is possible and allowed. @param presence presence bytes */
export function unroll(fields: readonly UnrolledField[], presence: number): Unrolled | undefined {
  if (fields.length === 0 || fields.length > FIELDS_MAX || fields.some(({ field }) => field.repeated))
    return undefined;
  try {
    // Function, not eval: the text sees nothing but its parameter.
    const make = new Function("codecs", textOf(fields, presence)) as (
      codecs: readonly ValueCodec[],
    ) => Unrolled;
    return make(fields.map(({ value }) => value));
  } catch {
    return undefined;
  }
}

function textOf(fields: readonly UnrolledField[], presence: number): string {
  const names = fields.map((_, index) => `c${index}`).join(", ");
  return `"use strict";
const [${names}] = codecs;
return {
encode(values, target, view, at) {
let next = at + ${presence}, taken = 0, given = 0;
${Array.from({ length: presence }, (_, index) => `target[at + ${index}] = 0;`).join("\n")}
${encodeText(fields)}
for (const name in values) given++;
return given === taken ? next : -1;
},
decode(source, view, at, end) {
let start = 0, next = at + ${presence};
if (next > end) return undefined;
${decodeText(fields, presence)}
return next === end ? { ${fields.map(({ field }, index) => `${JSON.stringify(field.name)}: v${index}`).join(", ")} } : undefined;
},
};`;
}

function encodeText(fields: readonly UnrolledField[]): string {
  let bit = 0;
  return fields
    .map(({ field, value }, index) => {
      const read = `const v${index} = values[${JSON.stringify(field.name)}];`;
      const write = `taken++; next = c${index}.write(target, view, next, v${index});`;
      if (!field.nullable) return `${read} if (v${index} === undefined) return -1; ${write}`;
      const mark = `target[at + ${bit >> 3}] |= ${1 << (bit & 7)};`;
      bit++;
      const width = value.width === 0 ? 2 : value.width;
      const absent = `if (v${index} === null) taken++; target.fill(0, next, next + ${width}); next += ${width};`;
      return `${read} if (v${index} === undefined || v${index} === null) { ${absent} } else { ${mark} ${write} }`;
    })
    .join("\n");
}

function decodeText(fields: readonly UnrolledField[], presence: number): string {
  const nullable = fields.filter(({ field }) => field.nullable).length;
  const unused =
    (nullable & 7) === 0
      ? ""
      : `if (source[at + ${presence - 1}] >> ${nullable & 7} !== 0) return undefined;`;
  let bit = 0;
  const lines = fields.map(({ field, value }, index) => {
    const { width } = value;
    const ending =
      width === 0
        ? "start = next; if (next + 2 > end) return undefined; next += 2 + view.getUint16(next, true); if (next > end) return undefined;"
        : `start = next; next += ${width}; if (next > end) return undefined;`;
    const read = `c${index}.read(source, view, start, next)`;
    if (!field.nullable) return `${ending} const v${index} = ${read};`;
    const there = `(source[at + ${bit >> 3}] & ${1 << (bit & 7)}) !== 0`;
    bit++;
    const zeros = `for (let b = start; b < next; b++) if (source[b] !== 0) return undefined;`;
    return `${ending} let v${index} = null; if (${there}) v${index} = ${read}; else { ${zeros} }`;
  });
  return [unused, ...lines].join("\n");
}
