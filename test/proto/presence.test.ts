/** Every way in which bytes are no message, for every field type, with the exact words of the error. */
import protobuf from "protobufjs/minimal.js";
import { describe, expect, test } from "vitest";
import { DomainMessages, messageToBytes } from "../../src/proto/domain-messages.ts";
import { tagOf } from "../../src/proto/field-types.ts";
import { WireError } from "../../src/proto/wire-error.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { types } from "./schemas.ts";

const messages = new DomainMessages(modelOf(types));
const all = messages.commands.named("All")!;
const maybe = messages.commands.named("Maybe")!;
const lists = messages.commands.named("Lists")!;
const none = messages.commands.named("None")!;

/** The error of a decoder, in one line. */
function refusal(message: typeof all, bytes: readonly number[], policy?: "refuse" | "ignore"): string {
  const target = new Uint8Array(message.codec.sizeMax);
  try {
    message.decoder.decode(new Uint8Array(bytes), target, new DataView(target.buffer), 0, policy);
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    const { field, found, expected } = error as WireError;
    return `${field}: found ${found}, expected ${expected}`;
  }
  return "accepted";
}

/** Bytes of a varint, of any length. */
function varint(value: bigint, length = 0): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn || bytes.length + 1 < length) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

const text = (value: string) => [...varint(BigInt(Buffer.byteLength(value))), ...Buffer.from(value)];
const zigzag = (value: bigint) => varint(value < 0n ? -2n * value - 1n : 2n * value);

const COLORS = "a value of Color: 1 (Red), 2 (Green), 200 (DarkBlue)";
const WIDES = "a value of Wide: 1 (Small), 40000 (Large)";
const PRICE =
  "a decimal of at most 18 digits with exactly 4 digits behind the point as text, in its one form";
const TOTAL =
  "a decimal of at most 38 digits with exactly 2 digits behind the point as text, in its one form";
const COUNT = "a decimal of at most 9 digits as text, in its one form";
const U128 = "u128 as text, in its one form";
const I128 = "i128 as text, in its one form";
const SHORTEST = "found a number with needless bytes, expected its shortest form";
const CUT = "found the end of the bytes, expected the rest of a value";

/** Field by field: what is expected where nothing is found, and values that are none. */
const fields: readonly (readonly [
  name: string,
  expected: string,
  bad: readonly (readonly [number[], string])[],
])[] = [
  [
    "flag",
    "0 or 1",
    [
      [[2], "found 2, expected 0 or 1"],
      [varint(1n, 2), SHORTEST],
      [[], CUT],
      [[0x81], CUT],
    ],
  ],
  [
    "a8",
    "0..255",
    [
      [varint(256n), "found 256, expected 0..255"],
      [varint(0n, 2), SHORTEST],
    ],
  ],
  [
    "a16",
    "0..65535",
    [
      [varint(65_536n), "found 65536, expected 0..65535"],
      [varint(7n, 5), SHORTEST],
    ],
  ],
  [
    "a32",
    "0..4294967295",
    [
      [varint(1n << 32n), "found a number of more than 32 bits, expected at most 32 bits"],
      [varint((1n << 64n) - 1n), "found a number of more than 32 bits, expected at most 32 bits"],
      [[0xff, 0xff, 0xff, 0xff], CUT],
    ],
  ],
  [
    "a64",
    "a uint64",
    [
      [
        [...varint((1n << 64n) - 1n).slice(0, 9), 2],
        "found a number of more than 64 bits, expected at most 64 bits",
      ],
      [
        [...varint((1n << 64n) - 1n).slice(0, 9), 0x81, 0],
        "found a number of more than 64 bits, expected at most 64 bits",
      ],
      [varint(3n, 10), SHORTEST],
      [varint(1n << 40n, 8), SHORTEST],
      [varint(1n << 62n).slice(0, 8), CUT],
    ],
  ],
  [
    "a128",
    U128,
    [
      [text("-1"), `found "-1", expected ${U128}`],
      [
        text("340282366920938463463374607431768211456"),
        `found "340282366920938463463374..." , expected ${U128}`.replace('" ,', '",'),
      ],
      [text("+1"), `found "+1", expected ${U128}`],
      [text("01"), `found "01", expected ${U128}`],
      [text(""), `found "", expected ${U128}`],
      [text("1.0"), `found "1.0", expected ${U128}`],
      [text("1 "), `found "1 ", expected ${U128}`],
      [text("0x1"), `found "0x1", expected ${U128}`],
      [text("9".repeat(42)), `found 42 bytes, expected ${U128}`],
      [[3, 0x31], "found a length of 3, expected at most the 1 bytes that follow"],
    ],
  ],
  [
    "s8",
    "-128..127",
    [
      [zigzag(128n), "found 128, expected -128..127"],
      [zigzag(-129n), "found -129, expected -128..127"],
    ],
  ],
  ["s16", "-32768..32767", [[zigzag(32_768n), "found 32768, expected -32768..32767"]]],
  [
    "s32",
    "-2147483648..2147483647",
    [[zigzag(1n << 31n), "found a number of more than 32 bits, expected at most 32 bits"]],
  ],
  ["s64", "a sint64", [[varint(5n, 3), SHORTEST]]],
  [
    "s128",
    I128,
    [
      [text("-0"), `found "-0", expected ${I128}`],
      [
        text("170141183460469231731687303715884105728"),
        `found "170141183460469231731687...", expected ${I128}`,
      ],
      [text("-01"), `found "-01", expected ${I128}`],
      [
        text("-170141183460469231731687303715884105729"),
        `found "-17014118346046923173168...", expected ${I128}`,
      ],
    ],
  ],
  [
    "price",
    PRICE,
    [
      [text("1.5"), `found "1.5", expected ${PRICE}`],
      [text("1.50000"), `found "1.50000", expected ${PRICE}`],
      [text("15000"), `found "15000", expected ${PRICE}`],
      [text("-0.0000"), `found "-0.0000", expected ${PRICE}`],
      [text("00.5000"), `found "00.5000", expected ${PRICE}`],
      [text(".5000"), `found ".5000", expected ${PRICE}`],
      [text("1,5000"), `found "1,5000", expected ${PRICE}`],
      [text("1e3.0000"), `found "1e3.0000", expected ${PRICE}`],
      [text("100000000000000.0000"), `found "100000000000000.0000", expected ${PRICE}`],
      [text("é1.0000"), `found "??1.0000", expected ${PRICE}`],
    ],
  ],
  [
    "total",
    TOTAL,
    [[text(`1${"0".repeat(36)}.00`), `found "100000000000000000000000...", expected ${TOTAL}`]],
  ],
  [
    "count",
    COUNT,
    [
      [text("1000000000"), `found "1000000000", expected ${COUNT}`],
      [text("1."), `found "1.", expected ${COUNT}`],
      [text("-1000000000"), `found "-1000000000", expected ${COUNT}`],
    ],
  ],
  ["at", "a fixed64", [[[1, 2, 3, 4, 5, 6, 7], CUT]]],
  [
    "color",
    COLORS,
    [
      [[0], `found enum value 0, expected ${COLORS}`],
      [[3], `found enum value 3, expected ${COLORS}`],
      [varint(256n), `found enum value 256, expected ${COLORS}`],
      [varint((1n << 64n) - 1n), "found a number of more than 32 bits, expected at most 32 bits"],
      [varint(1n, 2), SHORTEST],
    ],
  ],
  [
    "wide",
    WIDES,
    [
      [[0], `found enum value 0, expected ${WIDES}`],
      [varint(40_001n), `found enum value 40001, expected ${WIDES}`],
    ],
  ],
  [
    "note",
    "text of at most 40 bytes",
    [
      [text("x".repeat(41)), "found 41 bytes, expected at most 40 bytes"],
      [[1, 0x80], "found bytes that are not UTF-8, expected text"],
      [[2, 0xc0, 0x80], "found bytes that are not UTF-8, expected text"],
      [[3, 0xe0, 0x80, 0x80], "found bytes that are not UTF-8, expected text"],
      [[4, 0xf0, 0x80, 0x80, 0x80], "found bytes that are not UTF-8, expected text"],
      [[3, 0xed, 0xa0, 0x80], "found bytes that are not UTF-8, expected text"],
      [[4, 0xf4, 0x90, 0x80, 0x80], "found bytes that are not UTF-8, expected text"],
      [[2, 0xc3, 0x28], "found bytes that are not UTF-8, expected text"],
      [[1, 0xc3], "found bytes that are not UTF-8, expected text"],
      [[2, 0x61], "found a length of 2, expected at most the 1 bytes that follow"],
      [[0x81, 0, 0x61], SHORTEST],
    ],
  ],
  [
    "raw",
    "at most 9 bytes",
    [
      [[10, ...new Array(10).fill(0)], "found 10 bytes, expected at most 9 bytes"],
      [varint((1n << 32n) - 1n), "found a length of 4294967295, expected at most the 0 bytes that follow"],
    ],
  ],
  ["thing", "a uint64", [[varint(0n, 2), SHORTEST]]],
];

const values = {
  flag: false,
  a8: 0,
  a16: 1,
  a32: 2,
  a64: 3n,
  a128: 4n,
  s8: -5,
  s16: -6,
  s32: -7,
  s64: -8n,
  s128: -9n,
  price: 10_000n,
  total: -11n,
  count: 12n,
  at: 13n,
  color: "Red",
  wide: "Large",
  note: "fourteen",
  raw: new Uint8Array([15]),
  thing: 0n,
};

/** What stands on the wire for a field of `values`. */
function fieldBytes(message: typeof all, name: string): number[] {
  const given =
    message === lists
      ? { ...emptyLists(), [name]: [(values as any)[name]] }
      : { [name]: (values as any)[name] };
  const source = message === all ? messageToBytes(maybe, given) : messageToBytes(message, given);
  return [...source];
}

function emptyLists(): object {
  return Object.fromEntries(lists.fields.map((field) => [field.name, []]));
}

/** All of a good message but one field. */
function without(name: string): number[] {
  return all.fields.filter((field) => field.name !== name).flatMap((field) => fieldBytes(all, field.name));
}

function head(message: typeof all, name: string, wireType: number): number[] {
  const { number } = message.fields.find((field) => field.name === name)!;
  return varint(BigInt(tagOf(number, wireType)));
}

const wireTypeOf = (name: string) => fieldBytes(all, name)[0]! & 7;
const WIRE_TYPES = ["varint", "64 bits", "length-delimited", "group", "end of a group", "32 bits"];
const shown = (wireType: number) => `wire type ${wireType} (${WIRE_TYPES[wireType] ?? "none"})`;

test("the table has every field", () => {
  expect(fields.map(([name]) => name)).toEqual(all.fields.map((field) => field.name));
  expect(refusal(all, without(""))).toBe("accepted");
});

describe.each(fields)("%s", (name, expected, bad) => {
  test("missing", () => {
    expect(refusal(all, without(name))).toBe(`${name}: found nothing, expected ${expected}`);
    expect(refusal(maybe, without(name))).toBe("accepted");
  });

  test("twice", () => {
    const twice = `${name}: found the field twice, expected it once`;
    expect(refusal(all, [...without(""), ...fieldBytes(all, name)])).toBe(twice);
    expect(refusal(maybe, [...fieldBytes(maybe, name), ...fieldBytes(maybe, name)])).toBe(twice);
    expect(refusal(lists, [...fieldBytes(lists, name), ...fieldBytes(lists, name)])).toBe("accepted");
  });

  test("of another wire type, groups included", () => {
    const right = wireTypeOf(name);
    for (const wireType of [0, 1, 2, 3, 4, 5, 6, 7]) {
      if (wireType === right) continue;
      const bytes = [...head(all, name, wireType), 0, 0, 0, 0, 0, 0, 0, 0];
      expect(refusal(all, [...without(name), ...bytes])).toBe(
        `${name}: found ${shown(wireType)}, expected ${shown(right)}`,
      );
      if (wireType === 2) continue;
      const list = right === 2 ? shown(right) : `${shown(right)}, or packed`;
      expect(refusal(lists, bytes)).toBe(`${name}: found ${shown(wireType)}, expected ${list}`);
    }
  });

  test.each(bad.map(([value, error]) => [error, value] as const))("%s", (error, value) => {
    const wireType = wireTypeOf(name);
    expect(refusal(all, [...without(name), ...head(all, name, wireType), ...value])).toBe(
      `${name}: ${error}`,
    );
    expect(refusal(maybe, [...head(maybe, name, wireType), ...value])).toBe(`${name}: ${error}`);
    const good = fieldBytes(lists, name);
    expect(refusal(lists, [...good, ...head(lists, name, wireType), ...value])).toBe(`${name}: ${error}`);
    if (wireType === 2 || value.length === 0) return;
    const packed = [...head(lists, name, 2), ...varint(BigInt(value.length)), ...value];
    expect(refusal(lists, packed)).toBe(`${name}: ${error}`);
  });

  test("too many", () => {
    const six = new Array(6).fill(fieldBytes(lists, name)).flat();
    expect(refusal(lists, six.slice(0, (six.length / 6) * 5))).toBe("accepted");
    expect(refusal(lists, six)).toBe(`${name}: found more than 5 items, expected at most 5`);
  });
});

describe("a message as a whole", () => {
  const NUMBERS = all.fields.map((field) => field.number).join(", ");

  test.each([
    ["field number 0", [0, 0], "found field number 0, expected a number from 1"],
    ["a tag that ends early", [0x88], CUT],
    ["a tag with needless bytes", [0x88, 0], SHORTEST],
    [
      "a tag of more than 32 bits",
      [0x88, 0x80, 0x80, 0x80, 0x10],
      "found a number of more than 32 bits, expected at most 32 bits",
    ],
    ["an unknown field", [0xa8, 6, 1], `found field number 101, expected one of ${NUMBERS}`],
  ])("%s", (_, bytes, error) => {
    expect(refusal(all, [...without(""), ...bytes])).toBe(`: ${error}`);
    // Whatever stands behind a tag that ends early would be taken for the rest of it.
    if (error !== CUT) expect(refusal(all, [...bytes, ...without("")])).toBe(`: ${error}`);
  });

  test("a command without fields has none", () => {
    expect(refusal(none, [])).toBe("accepted");
    expect(refusal(none, [8, 0])).toBe(": found field number 1, expected no fields");
    expect(refusal(none, [8, 0], "ignore")).toBe("accepted");
  });

  test.each([
    ["a varint", [0xa8, 6, 0xff, 1], "accepted"],
    ["64 bits", [0xa9, 6, 1, 2, 3, 4, 5, 6, 7, 8], "accepted"],
    ["bytes", [0xaa, 6, 2, 0xff, 0xff], "accepted"],
    ["32 bits", [0xad, 6, 1, 2, 3, 4], "accepted"],
    ["a varint that ends early", [0xa8, 6, 0xff], `: ${CUT}`],
    ["a varint with needless bytes", [0xa8, 6, 0x80, 0], `: ${SHORTEST}`],
    [
      "a varint of more than 64 bits",
      [0xa8, 6, ...new Array(9).fill(0xff), 2],
      ": found a number of more than 64 bits, expected at most 64 bits",
    ],
    ["64 bits that end early", [0xa9, 6, 1, 2, 3], `: ${CUT}`],
    ["32 bits that end early", [0xad, 6, 1, 2, 3], `: ${CUT}`],
    [
      "a length beyond the end",
      [0xaa, 6, 3, 1],
      ": found a length of 3, expected at most the 1 bytes that follow",
    ],
    ["a group", [0xab, 6, 0xac, 6], ": found a group, expected wire type 0, 1, 2 or 5"],
    ["the end of a group", [0xac, 6], ": found a group, expected wire type 0, 1, 2 or 5"],
    ["wire type 6", [0xae, 6, 1], ": found wire type 6, expected wire type 0, 1, 2 or 5"],
    ["field number 0", [2, 0], ": found field number 0, expected a number from 1"],
  ])("an unknown field that is ignored: %s", (_, bytes, result) => {
    expect(refusal(all, [...without(""), ...bytes], "ignore")).toBe(result);
    expect(refusal(maybe, bytes, "ignore")).toBe(result);
  });

  test("the first mistake in the bytes is named, then the first field that is missing", () => {
    const good = without("a8").filter((_, index) => index > 1);
    expect(refusal(all, good)).toBe("flag: found nothing, expected 0 or 1");
    expect(refusal(all, [...head(all, "color", 0), 0, ...head(all, "flag", 0), 2])).toBe(
      `color: found enum value 0, expected ${COLORS}`,
    );
  });

  test("an empty packed list is an empty list", () => {
    expect(refusal(lists, [...head(lists, "a8", 2), 0])).toBe("accepted");
  });

  test("a list may come packed and not, in parts, among other fields", () => {
    const writer = new protobuf.Writer();
    writer.uint32(tagOf(3, 0)).uint32(1);
    writer.uint32(tagOf(2, 2)).fork().uint32(7).ldelim();
    writer.uint32(tagOf(3, 2)).fork().uint32(2).uint32(3).ldelim();
    writer.uint32(tagOf(3, 0)).uint32(4);
    const target = new Uint8Array(lists.codec.sizeMax);
    const end = lists.decoder.decode(writer.finish(), target, new DataView(target.buffer), 0);
    const found = lists.codec.decodeExact(target, 0, end);
    expect(found).toEqual({ ...emptyLists(), a8: [7], a16: [1, 2, 3, 4] });
  });

  test("a ref of 0 is a value of a command, and none of a record", () => {
    const record = messages.kinds.named("Everything")!;
    expect(refusal(all, without(""))).toBe("accepted");
    expect(refusal(record, without(""))).toBe("thing: found 0, expected a SysId");
  });
});

test("the bytes of a message are not held", () => {
  const reader = (all.decoder as unknown as { reader: protobuf.Reader }).reader;
  for (const bytes of [without(""), without("a8"), [...without("flag"), 8, 1]]) {
    refusal(all, bytes);
    expect(reader.buf.buffer.byteLength).toBe(1);
  }
});
