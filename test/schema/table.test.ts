/** The core table and the layout behind it, read back through the constants of the ABI. */
import {
  bytes,
  command,
  defineSchema,
  i16,
  i128,
  record,
  ref,
  repeated,
  text,
  u8,
  u16,
  u32,
  u64,
} from "statevec/schema";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { isVariable, keyBytes, messageBytesMax, recordStateBytes, slotOf } from "../../src/schema/layout.ts";
import type { FieldModel, KindModel, MessageModel, PathModel, SchemaModel } from "../../src/schema/model.ts";
import { buildTable } from "../../src/schema/table.ts";
import { schema } from "./fixture.ts";

const model = modelOf(schema);
const table = buildTable(model);

/** Words of the `index`th item of `size` words at the place that word `at` names. */
function item(at: number, index: number, size: number): Uint32Array {
  const start = table[at]! + index * size;
  expect(start + size).toBeLessThanOrEqual(table.length);
  return table.subarray(start, start + size);
}

function wide(at: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(table[at + word]!);
  return value;
}

function checkField(
  words: Uint32Array,
  field: FieldModel,
  offset: number,
  indexes: number,
  from: SchemaModel,
): void {
  expect(words[abi.FIELD_NUMBER]).toBe(field.number);
  expect(words[abi.FIELD_TYPE]).toBe(field.code);
  expect(words[abi.FIELD_WIDTH]).toBe(field.width);
  expect(words[abi.FIELD_OFFSET]).toBe(offset);
  expect(words[abi.FIELD_INDEXES]).toBe(indexes);
  expect(words[abi.FIELD_ITEMS_MAX]).toBe(field.maxItems);
  const flags = words[abi.FIELD_FLAGS]!;
  expect((flags & abi.FIELD_FLAG_NULLABLE) !== 0).toBe(field.nullable);
  expect((flags & abi.FIELD_FLAG_IMMUTABLE) !== 0).toBe(field.immutable);
  expect((flags & abi.FIELD_FLAG_REPEATED) !== 0).toBe(field.repeated);
  expect((flags & abi.FIELD_FLAG_NOT_EMPTY) !== 0).toBe(field.notEmpty);
  for (const [place, bound] of [
    [abi.FIELD_MIN_AT, field.min],
    [abi.FIELD_MAX_AT, field.max],
  ] as const) {
    if (bound === null) expect(words[place]).toBe(0);
    else expect(wide(words[place]!)).toBe(BigInt.asUintN(128, bound));
  }
  const parameter = words[abi.FIELD_PARAMETER]!;
  if (field.type === "ref") expect(from.kinds[parameter]!.number).toBe(field.targetKind);
  else if (field.type === "decimal") expect(parameter).toBe(field.precision);
  else if (field.enumeration !== null) {
    const values = table.subarray(parameter, parameter + words[abi.FIELD_PARAMETER_COUNT]!);
    expect([...values]).toEqual(field.enumeration.entries.map((entry) => entry.value));
  } else expect(parameter).toBe(field.maxBytes);
}

function isNarrow(field: FieldModel): boolean {
  return !field.nullable && !isVariable(field) && field.width <= 8;
}

function checkPath(words: Uint32Array, path: PathModel, kind: KindModel, stateBytes: number): void {
  expect(words[abi.PATH_KEY_BYTES]).toBe(keyBytes(path, kind.fields));
  expect(words[abi.PATH_STATE_BYTES]).toBe(stateBytes);
  expect(words[abi.PATH_SEGMENTS]).toBe(path.segments.length);
  path.segments.forEach((segment, index) => {
    const at = words[abi.PATH_SEGMENTS_AT]! + index * abi.SEGMENT_WORDS;
    expect(table[at + abi.SEGMENT_FIELD]).toBe(segment.field);
    const direction = table[at + abi.SEGMENT_DIRECTION]!;
    expect(direction).toBe((segment.when === null ? 0 : 2) + (segment.descending ? 1 : 0));
    const { offsets } = slotOf(kind.fields);
    const when = table[at + abi.SEGMENT_WHEN_AT]!;
    if (segment.when === null) expect(when).toBe(0);
    else {
      expect(when & 0xffff).toBe(offsets[segment.when.field]);
      expect(when >>> 16).toBe(kind.fields[segment.when.field]!.width);
    }
    expect(table[at + abi.SEGMENT_WHEN_VALUE]).toBe(segment.when?.value ?? 0);
    const field = kind.fields[segment.field]!;
    expect(table[at + abi.SEGMENT_OFFSET]).toBe(offsets[segment.field]);
    expect(table[at + abi.SEGMENT_WIDTH]).toBe(isNarrow(field) ? field.width : 0);
    expect(table[at + abi.SEGMENT_SIGNED]).toBe(/^(i\d|decimal)/.test(field.type) ? 1 : 0);
  });
  expect(words[abi.PATH_NARROW]).toBe(
    path.segments.every((one) => isNarrow(kind.fields[one.field]!)) && path.segments.length <= 16 ? 1 : 0,
  );
  expect(words[abi.PATH_WHERES]).toBe(path.where.length);
  path.where.forEach((where, index) => {
    const at = words[abi.PATH_WHERES_AT]! + index * abi.WHERE_WORDS;
    expect(table[at + abi.WHERE_FIELD]).toBe(where.field);
    const valuesAt = table[at + abi.WHERE_VALUES_AT]!;
    expect([...table.subarray(valuesAt, valuesAt + table[at + abi.WHERE_VALUES]!)]).toEqual(where.values);
  });
}

function dependsOn(path: PathModel, position: number): boolean {
  return (
    path.segments.some((one) => one.field === position || one.when?.field === position) ||
    path.where.some((one) => one.field === position)
  );
}

test("header", () => {
  expect(table[0]).toBe(abi.TABLE_MAGIC);
  expect(table[abi.TABLE_WORDS]).toBe(table.length);
  expect(table[abi.TABLE_KINDS]).toBe(2);
  expect(table[abi.TABLE_COMMANDS]).toBe(2);
  expect(table[abi.TABLE_EVENTS]).toBe(1);
});

test("kinds, their fields and paths", () => {
  model.kinds.forEach((kind, position) => {
    const words = item(abi.TABLE_KINDS_AT, position, abi.KIND_WORDS);
    const slot = slotOf(kind.fields);
    expect(words[abi.KIND_NUMBER]).toBe(kind.number);
    expect(words[abi.KIND_SLOT_BYTES]).toBe(slot.bytes);
    expect(words[abi.KIND_FIELDS]).toBe(kind.fields.length);
    expect(words[abi.KIND_NULLABLE]).toBe(kind.fields.filter((field) => field.nullable).length);
    let required = 0n;
    let immutable = 0n;
    kind.fields.forEach((field, index) => {
      if (!field.nullable) required |= 1n << BigInt(index);
      if (field.immutable) immutable |= 1n << BigInt(index);
      const at = words[abi.KIND_FIELDS_AT]! + index * abi.FIELD_WORDS;
      const indexes = kind.indexes.reduce(
        (mask, path, bit) => mask | (dependsOn(path, index) ? 1 << bit : 0),
        0,
      );
      checkField(table.subarray(at, at + abi.FIELD_WORDS), field, slot.offsets[index]!, indexes, model);
    });
    const pair = (low: number) => BigInt(words[low]!) | (BigInt(words[low + 1]!) << 32n);
    expect(pair(abi.KIND_REQUIRED_LOW)).toBe(required);
    expect(pair(abi.KIND_IMMUTABLE_LOW)).toBe(immutable);
    expect(words[abi.KIND_UNIQUE]).toBe(kind.unique.length);
    kind.unique.forEach((path, index) => {
      const at = words[abi.KIND_UNIQUE_AT]! + index * abi.PATH_WORDS;
      checkPath(table.subarray(at, at + abi.PATH_WORDS), path, kind, 32);
    });
    expect(words[abi.KIND_INDEXES]).toBe(kind.indexes.length);
    kind.indexes.forEach((path, index) => {
      const at = words[abi.KIND_INDEXES_AT]! + index * abi.PATH_WORDS;
      checkPath(table.subarray(at, at + abi.PATH_WORDS), path, kind, 32 + 2 * keyBytes(path, kind.fields));
    });
  });
});

test("commands and events", () => {
  const check = (place: number, messages: readonly MessageModel[]) => {
    messages.forEach((message, position) => {
      const words = item(place, position, abi.MESSAGE_WORDS);
      expect(words[abi.MESSAGE_NUMBER]).toBe(message.number);
      expect(words[abi.MESSAGE_FIELDS]).toBe(message.fields.length);
      expect(words[abi.MESSAGE_NULLABLE]).toBe(message.fields.filter((field) => field.nullable).length);
      expect(words[abi.MESSAGE_BYTES]).toBe(messageBytesMax(message.fields));
      expect(words[abi.MESSAGE_CHECKS]).toBe(
        message.fields.filter((field) => field.notEmpty || field.min !== null || field.max !== null).length,
      );
      message.fields.forEach((field, index) => {
        const at = words[abi.MESSAGE_FIELDS_AT]! + index * abi.FIELD_WORDS;
        checkField(table.subarray(at, at + abi.FIELD_WORDS), field, 0, 0, model);
      });
    });
  };
  check(abi.TABLE_COMMANDS_AT, model.commands);
  check(abi.TABLE_EVENTS_AT, model.events);
});

test("invariants", () => {
  const found: unknown[] = [];
  for (let index = 0; index < table[abi.TABLE_COMPARISONS]!; index++) {
    const words = item(abi.TABLE_COMPARISONS_AT, index, abi.COMPARISON_WORDS);
    const other = words[abi.COMPARISON_OTHER]!;
    const field = model.kinds[words[abi.COMPARISON_KIND]!]!.fields[words[abi.COMPARISON_FIELD]!]!;
    const value = other === abi.NO_FIELD ? BigInt.asIntN(128, wide(words[abi.COMPARISON_VALUE_AT]!)) : null;
    found.push([words[abi.COMPARISON_NUMBER], field.name, words[abi.COMPARISON_OPERATOR], other, value]);
  }
  expect(found).toEqual([
    [4, "a", abi.OPERATOR_EQ, abi.NO_FIELD, 1n],
    [4, "e", abi.OPERATOR_GT, abi.NO_FIELD, 3n],
    [4, "e", abi.OPERATOR_LT, 4, null],
    [4, "k", abi.OPERATOR_GT, abi.NO_FIELD, -4n],
    [4, "m", abi.OPERATOR_GTE, 12, null],
    [4, "r", abi.OPERATOR_NE, abi.NO_FIELD, 2n],
    [4, "t", abi.OPERATOR_NE, 15, null],
  ]);
  expect(table[abi.TABLE_SUMS]).toBe(1);
  const sum = item(abi.TABLE_SUMS_AT, 0, abi.SUM_WORDS);
  expect([sum[abi.SUM_NUMBER], sum[abi.SUM_TERMS]]).toEqual([2, 2]);
  const terms = [0, 1].map((index) => {
    const at = sum[abi.SUM_TERMS_AT]! + index * abi.TERM_WORDS;
    const kind = model.kinds[table[at + abi.TERM_KIND]!]!;
    expect(table[at + abi.TERM_BY]).toBe(1);
    const by = table[table[at + abi.TERM_BY_AT]! + abi.SEGMENT_FIELD]!;
    return [kind.name, kind.fields[table[at + abi.TERM_FIELD]!]!.name, kind.fields[by]!.name];
  });
  expect(terms).toEqual([
    ["Everything", "i", "c"],
    ["Account", "balance", "currency"],
  ]);
});

test("a slot is aligned, dense and without overlap", () => {
  for (const kind of model.kinds) {
    const { offsets, bytes } = slotOf(kind.fields);
    expect(bytes % 8).toBe(0);
    const spans = kind.fields.map(
      (field, position) => [offsets[position]!, offsets[position]! + field.width] as const,
    );
    spans.sort((a, b) => a[0] - b[0]);
    expect(spans[0]![0]).toBe(abi.SLOT_FIELDS);
    spans.forEach(([start], index) => {
      if (index > 0) expect(start - spans[index - 1]![1]).toBeOneOf([0, 1]);
    });
    expect(bytes - spans.at(-1)![1]).toBeLessThan(8);
    kind.fields.forEach((field, position) => {
      expect(offsets[position]! % (isVariable(field) ? 2 : Math.min(field.width, 8))).toBe(0);
    });
  }
});

test("sizes by hand", () => {
  const R = record(
    "R",
    1,
    {
      a: u8(1).immutable(),
      b: u64(2).nullable(),
      c: i128(3),
      d: text(4, { maxBytes: 5 }).nullable(),
      e: u16(5),
      f: bytes(6, { maxBytes: 3 }),
      g: u32(7),
    },
    { unique: { byA: ["a"] }, indexes: { i: ["b", "d", "g"] } },
  );
  const C = command("C", 1, {
    x: u8(1).nullable(),
    y: repeated(text(2, { maxBytes: 4 }), { maxItems: 3 }),
    z: ref(3, "R"),
    w: repeated(i16(4), { maxItems: 2 }),
  });
  const small = modelOf(defineSchema("s", { records: { R }, commands: { C } }));
  const kind = small.kinds[0]!;
  // c 40..56, b 56..64, g 64..68, e 68..70, a 70..71, then d at 72 (7 bytes), f at 80 (5 bytes).
  expect(slotOf(kind.fields)).toEqual({ offsets: [70, 56, 40, 72, 68, 80, 64], bytes: 88 });
  expect(recordStateBytes(kind)).toBe(64 + (1 + 8 + 16 + 7 + 2 + 5 + 4) + 32);
  expect(keyBytes(kind.indexes[0]!, kind.fields)).toBe(9 + 8 + 4);
  expect(messageBytesMax(small.commands[0]!.fields)).toBe(1 + 1 + (2 + 3 * 6) + 8 + (2 + 2 * 2));
});
