/** The codec: one byte form per value, both ways, for every type. */
import fc from "fast-check";
import {
  bool,
  bytes,
  command,
  decimal,
  defineSchema,
  enumOf,
  i8,
  i16,
  i32,
  i64,
  i128,
  record,
  ref,
  repeated,
  text,
  timestamp,
  u8,
  u16,
  u32,
  u64,
  u128,
} from "statevec/schema";
import { expect, test } from "vitest";
import { compileCodecs, compileMessage, type GroupCodec, type Values } from "../../src/schema/codec.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import type { FieldModel } from "../../src/schema/model.ts";
import { ValueError } from "../../src/schema/value-error.ts";
import { valuesOf } from "./arbitrary.ts";
import { Account, Side, schema, Wide } from "./fixture.ts";

const model = modelOf(schema);
const codecs = compileCodecs(model);

function encoded(codec: GroupCodec, values: unknown): Uint8Array {
  const target = new Uint8Array(codec.sizeMax + 10).fill(0xaa);
  const next = codec.encode(values, target, 5);
  expect(next - 5).toBeLessThanOrEqual(codec.sizeMax);
  expect([...target.subarray(0, 5), ...target.subarray(next)].every((byte) => byte === 0xaa)).toBe(true);
  return target.slice(5, next);
}

function refusal(action: () => unknown): ValueError | undefined {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError);
    return error as ValueError;
  }
  return undefined;
}

/** Every codec twice: unrolled, and the loops alone, as where the platform allows no code from text. */
const groups: readonly (readonly [string, readonly FieldModel[], GroupCodec])[] = [true, false].flatMap(
  (unrolls) => {
    const compiled = compileCodecs(model, unrolls);
    const named = (
      owners: readonly { name: string; fields: readonly FieldModel[] }[],
      all: readonly GroupCodec[],
    ) =>
      owners.map(
        (one, at) => [`${one.name}, ${unrolls ? "unrolled" : "loops"}`, one.fields, all[at]!] as const,
      );
    return [
      ...named(model.kinds, compiled.kinds),
      ...named(model.commands, compiled.commands),
      ...named(model.events, compiled.events),
      ...named(model.rejects, compiled.rejects),
    ];
  },
);

test("most messages are unrolled here, and never where code from text is refused", () => {
  const unrolledIn = (codecs: readonly GroupCodec[]) =>
    codecs.filter((codec) => (codec as unknown as { unrolled?: unknown }).unrolled !== undefined).length;
  expect(unrolledIn(compileCodecs(model).kinds)).toBeGreaterThan(0);
  expect(unrolledIn(compileCodecs(model, false).kinds)).toBe(0);
  const original = globalThis.Function;
  try {
    globalThis.Function = (() => {
      throw new EvalError("refused");
    }) as unknown as FunctionConstructor;
    expect(unrolledIn(compileCodecs(model).kinds)).toBe(0);
  } finally {
    globalThis.Function = original;
  }
});

test.each(groups)("decode(encode(x)) = x: %s", (_name, fields, codec) => {
  fc.assert(
    fc.property(valuesOf(fields), (values) => {
      const form = encoded(codec, values);
      const decoded = codec.decodeExact(form, 0, form.length);
      expect(decoded).toEqual(values);
      expect(Object.keys(decoded)).toEqual(fields.map((field) => field.name));
    }),
    { numRuns: 300 },
  );
});

test.each(groups)("a changed byte is another value or refused: %s", (_name, fields, codec) => {
  fc.assert(
    fc.property(valuesOf(fields), fc.integer({ min: 1, max: 255 }), (values, mask) => {
      const form = encoded(codec, values);
      for (let at = 0; at < form.length; at++) {
        const changed = form.slice();
        changed[at]! ^= mask;
        let decoded: Values | undefined;
        const error = refusal(() => {
          decoded = codec.decodeExact(changed, 0, changed.length);
        });
        if (error === undefined) expect(encoded(codec, decoded)).toEqual(changed);
        else expect(error.reason).toBe("form");
      }
    }),
    { numRuns: 60 },
  );
});

test.each(groups)("cut bytes are refused: %s", (_name, fields, codec) => {
  fc.assert(
    fc.property(valuesOf(fields), (values) => {
      const form = encoded(codec, values);
      for (let end = 0; end < form.length; end++) {
        expect(refusal(() => codec.decodeExact(form, 0, end))?.reason).toBe("form");
      }
      const longer = Uint8Array.of(...form, 0);
      expect(refusal(() => codec.decodeExact(longer, 0, longer.length))?.reason).toBe("form");
      expect(codec.decode(longer, 0, longer.length).next).toBe(form.length);
    }),
    { numRuns: 30 },
  );
});

// ---- bytes by hand ---------------------------------------------------------------------------------------

function codecOf(fields: Parameters<typeof command>[2]): GroupCodec {
  const C = command("C", 1, fields);
  const whole = defineSchema("s", { records: { Account }, commands: { C } });
  return compileMessage(modelOf(whole).commands[0]!);
}

function hex(codec: GroupCodec, values: unknown): string {
  return Buffer.from(encoded(codec, values)).toString("hex");
}

test.each([
  [bool(1), true, "01"],
  [u8(1), 255, "ff"],
  [u16(1), 0x1234, "3412"],
  [u32(1), 0x89abcdef, "efcdab89"],
  [u64(1), 0x0102030405060708n, "0807060504030201"],
  [u128(1), (1n << 127n) + 2n, `02${"00".repeat(14)}80`],
  [i8(1), -2, "fe"],
  [i16(1), -2, "feff"],
  [i32(1), -2, "feffffff"],
  [i64(1), -2n, "feffffffffffffff"],
  [i128(1), -2n, `fe${"ff".repeat(15)}`],
  [timestamp(1), 1n, "0100000000000000"],
  [decimal(1, { precision: 18, scale: 2 }), -1n, "ffffffffffffffff"],
  [decimal(1, { precision: 19, scale: 2 }), -1n, "ff".repeat(16)],
  [enumOf(1, Side), "Ask", "02"],
  [enumOf(1, Wide), "Large", "409c"],
  [text(1, { maxBytes: 9 }), "aé€", "060061c3a9e282ac"],
  [bytes(1, { maxBytes: 9 }), Uint8Array.of(1, 2), "02000102"],
  [ref(1, Account), 7n, "0700000000000000"],
  [repeated(u16(1), { maxItems: 3 }), [1, 2], "020001000200"],
  [repeated(text(1, { maxBytes: 3 }), { maxItems: 3 }), ["a", ""], "02000100610000"],
  [u16(1).nullable(), null, "000000"],
  [u16(1).nullable(), 5, "010500"],
  [text(1, { maxBytes: 3 }).nullable(), null, "000000"],
  [text(1, { maxBytes: 3 }).nullable(), "", "010000"],
] as const)("form of a field: %#", (field, value, form) => {
  const codec = codecOf({ a: field } as never);
  expect(hex(codec, { a: value })).toBe(form);
  expect(codec.decodeExact(Buffer.from(form, "hex"), 0, form.length / 2)).toEqual({ a: value });
});

test("nine nullable fields take two presence bytes, in number order", () => {
  const fields = Object.fromEntries(
    Array.from({ length: 9 }, (_, index) => [`f${index}`, u8(20 - index).nullable()]),
  );
  const codec = codecOf(fields);
  // f8 has the lowest number: bit 0. f0 has the highest: bit 8.
  expect(hex(codec, { f8: 1, f0: 2 })).toBe(`0101${"01"}${"00".repeat(7)}02`);
  expect(refusal(() => codec.decodeExact(Buffer.from(`0103${"00".repeat(9)}`, "hex"), 0, 11))?.reason).toBe(
    "form",
  );
});

// ---- what is refused -------------------------------------------------------------------------------------

const lone = "a\uD800b";
test.each([
  [u8(1), 256, "range"],
  [u8(1), -1, "range"],
  [u8(1), 1.5, "type"],
  [u8(1), Number.NaN, "type"],
  [u8(1), 1n, "type"],
  [u8(1), "1", "type"],
  [u32(1), 2 ** 32, "range"],
  [i8(1), -129, "range"],
  [i32(1), 2 ** 31, "range"],
  [u64(1), 2n ** 64n, "range"],
  [u64(1), -1n, "range"],
  [u64(1), 1, "type"],
  [i64(1), 2n ** 63n, "range"],
  [u128(1), 2n ** 128n, "range"],
  [i128(1), -(2n ** 127n) - 1n, "range"],
  [timestamp(1), -1n, "range"],
  [decimal(1, { precision: 3, scale: 1 }), 1000n, "range"],
  [decimal(1, { precision: 20, scale: 1 }), -(10n ** 20n), "range"],
  [decimal(1, { precision: 3, scale: 1 }), 1, "type"],
  [enumOf(1, Side), "Buy", "type"],
  [enumOf(1, Side), 1, "type"],
  [enumOf(1, Side), "toString", "type"],
  [text(1, { maxBytes: 3 }), "abcd", "range"],
  [text(1, { maxBytes: 3 }), "aé\u00e9", "range"],
  [text(1, { maxBytes: 3 }), "€€", "range"],
  [text(1, { maxBytes: 3 }), "😀", "range"],
  [text(1, { maxBytes: 9 }), lone, "type"],
  [text(1, { maxBytes: 2 }), `aaaaaa${lone}`, "type"],
  [text(1, { maxBytes: 9 }), "\uDC00", "type"],
  [text(1, { maxBytes: 9 }), "a\uD83D", "type"],
  [text(1, { maxBytes: 9 }), 5, "type"],
  [bytes(1, { maxBytes: 1 }), Uint8Array.of(1, 2), "range"],
  [bytes(1, { maxBytes: 1 }), [1], "type"],
  [ref(1, Account), -1n, "range"],
  [bool(1), 1, "type"],
  [repeated(u8(1), { maxItems: 1 }), [1, 2], "range"],
  [repeated(u8(1), { maxItems: 1 }), 1, "type"],
  [repeated(u8(1), { maxItems: 1 }), [256], "range"],
  [repeated(u8(1), { maxItems: 2 }), [1, undefined], "type"],
  [u8(1), null, "type"],
  [u8(1), undefined, "missing"],
] as const)("what a field refuses: %#, %s", (field, value, reason) => {
  const codec = codecOf({ a: field } as never);
  const error = refusal(() => codec.encode({ a: value }, new Uint8Array(100), 0));
  expect([error?.field, error?.number, error?.reason]).toEqual(["a", 1, reason]);
});

test("a codec refuses unknown properties, after the fields", () => {
  const codec = codecOf({ a: u8(1), b: u8(2).nullable() });
  const target = new Uint8Array(100);
  const reason = (values: unknown) => {
    const error = refusal(() => codec.encode(values, target, 0));
    return [error?.field, error?.reason];
  };
  expect(reason({ a: 1, c: 2 })).toEqual(["c", "unknown"]);
  expect(reason({ a: 1, c: undefined })).toEqual(["c", "unknown"]);
  expect(reason({ a: 1, b: undefined })).toEqual([undefined, undefined]);
  expect(reason({ c: 2 })).toEqual(["a", "missing"]);
  expect(reason({ a: 1, toString: 5 })).toEqual(["toString", "unknown"]);
  expect(reason(null)).toEqual(["", "type"]);
  expect(reason(7)).toEqual(["", "type"]);
});

test("bytes that are not canonical name their field", () => {
  const codec = codecOf({ a: u8(1), e: enumOf(2, Side), t: text(3, { maxBytes: 2 }).nullable() });
  const refused = (form: string) => {
    const source = Buffer.from(form, "hex");
    return refusal(() => codec.decodeExact(source, 0, source.length))?.field;
  };
  expect(refused("0101010100" + "61")).toBeUndefined();
  expect(refused("0101030000")).toBe("e");
  expect(refused("0101010300616263")).toBe("t");
  expect(refused("0001010100" + "61")).toBe("t");
  expect(refused("0101010100" + "ff")).toBe("t");
  expect(refused("0101010200" + "c080")).toBe("t");
  expect(refused("0201010000")).toBe("");
});

test("more items than a repeated field may have are refused", () => {
  const codec = codecOf({ a: repeated(u8(1), { maxItems: 2 }) });
  expect(codec.decodeExact(Uint8Array.of(2, 0, 1, 1), 0, 4)).toEqual({ a: [1, 1] });
  expect(refusal(() => codec.decodeExact(Uint8Array.of(3, 0, 1, 1, 1), 0, 5))?.field).toBe("a");
});

test("a record refuses the SysId 0, a message does not", () => {
  const R = record("R", 1, { r: ref(1, "R") });
  const C = command("C", 1, { r: ref(1, "R") });
  const compiled = compileCodecs(modelOf(defineSchema("s", { records: { R }, commands: { C } })));
  const zeros = new Uint8Array(8);
  expect(compiled.commands[0]!.decodeExact(zeros, 0, 8)).toEqual({ r: 0n });
  expect(refusal(() => compiled.kinds[0]!.decodeExact(zeros, 0, 8))?.field).toBe("r");
});

test("changed fields have presence bytes of their own", () => {
  const position = model.kinds.findIndex((kind) => kind.name === "Everything");
  const names = model.kinds[position]!.fields.map((field) => field.name);
  const bit = (name: string) => 1n << BigInt(names.indexOf(name));
  const codec = codecs.kinds[position]!;
  const group = codec.changed(bit("c") | bit("d") | bit("g"));
  expect(Buffer.from(encoded(group, { c: 1, d: null, g: -1 })).toString("hex")).toBe("02010000000000ffff");
  expect(codec.changed(bit("c")).sizeMax).toBe(2);
  expect(codec.changed(bit("c"))).toBe(codec.changed(bit("c")));
});

test("single values, as deltas and keys need them", () => {
  const field = codecs.commands[1]!.fields.find((one) => one.field.name === "note")!;
  const target = new Uint8Array(40);
  const next = field.encodeValue("hé", target, 3);
  expect(next).toBe(8);
  expect(field.decodeValue(target, 3, 40)).toEqual({ values: "hé", next: 8 });
  expect(refusal(() => field.decodeValue(target, 3, 6))?.field).toBe("note");
});

test("a getter that comes back into the codec harms nothing", () => {
  const codec = codecOf({ a: u16(1), b: u16(2), c: text(3, { maxBytes: 5 }) });
  const values = {
    a: 1,
    get b() {
      codec.encode({ a: 9, b: 9, c: "zzz" }, new Uint8Array(50), 0);
      return 2;
    },
    c: "ok",
  };
  expect(hex(codec, values)).toBe("0100020002006f6b");
});
