/** Values and arguments as text: what the command line prints, it also takes. */
import { describe, expect, test } from "vitest";
import { parseExpect, parseInteger, parsePath, parseValue } from "../../src/cli/arguments.ts";
import { CliError } from "../../src/cli/exit-codes.ts";
import { timeText, valueText } from "../../src/cli/values-text.ts";
import { enumerationModel, type FieldFacts, fieldModel } from "../../src/schema/model.ts";
import { decimalText, jsonText, valueFromJson, valuesForJson } from "../../src/schema/values-json.ts";

const field = (facts: Partial<FieldFacts>) => fieldModel({ name: "f", number: 1, type: "u32", ...facts });
const side = enumerationModel("Side", [
  ["Bid", 1],
  ["Ask", 2],
]);

/** A field, a value, its text, its JSON. */
const VALUES: [string, ReturnType<typeof field>, unknown, string, unknown][] = [
  ["bool", field({ type: "bool" }), true, "true", true],
  ["u8", field({ type: "u8" }), 255, "255", 255],
  ["i32", field({ type: "i32" }), -5, "-5", -5],
  ["u64", field({ type: "u64" }), (1n << 64n) - 1n, "18446744073709551615", "18446744073709551615"],
  ["i128", field({ type: "i128" }), -(1n << 127n), `${-(1n << 127n)}`, `${-(1n << 127n)}`],
  ["decimal", field({ type: "decimal", precision: 9, scale: 2 }), -1250n, "-12.50", "-12.50"],
  ["decimal below one", field({ type: "decimal", precision: 9, scale: 3 }), 7n, "0.007", "0.007"],
  ["decimal of scale 0", field({ type: "decimal", precision: 9, scale: 0 }), 7n, "7", "7"],
  ["enum", field({ type: "enum", enumeration: side }), "Ask", "Ask", "Ask"],
  ["bytes", field({ type: "bytes", maxBytes: 4 }), new Uint8Array([1, 0xab]), "0x01ab", "01ab"],
  ["ref", field({ type: "ref", targetKind: 1 }), 9n, "9", "9"],
  ["absent", field({ nullable: true }), null, "null", null],
];

describe("values", () => {
  test.each(VALUES)("%s", (_, model, value, text, json) => {
    expect(valueText(model, value)).toBe(text);
    expect(JSON.parse(jsonText(valuesForJson([model], { f: value })))).toEqual({ f: json });
    expect(valueFromJson(model, json)).toEqual(value);
    expect(parseValue("--uk", model, text.replace(/^0x/, ""))).toEqual(value);
  });

  test("text is quoted when printed, plain when given", () => {
    const model = field({ type: "text", maxBytes: 9 });
    expect(valueText(model, 'a"b')).toBe('"a\\"b"');
    expect(parseValue("--uk", model, 'a"b')).toBe('a"b');
  });

  test("times have all their nanoseconds", () => {
    expect(timeText(1_340_271_000_017_459_617n)).toBe("2012-06-21T09:30:00.017459617Z");
    expect(timeText(0n)).toBe("1970-01-01T00:00:00.000000000Z");
    expect(timeText((1n << 64n) - 1n)).toBe("2554-07-21T23:34:33.709551615Z");
  });

  test("a list is printed item by item", () => {
    const model = field({ type: "decimal", precision: 5, scale: 1, repeated: true, maxItems: 3 });
    expect(valueText(model, [10n, 25n])).toBe("[1.0, 2.5]");
    expect(valuesForJson([model], { f: [10n, 25n] })).toEqual({ f: ["1.0", "2.5"] });
  });

  test("decimals keep every digit of the scale", () => {
    expect([0n, 5n, -5n, 100n, -12345n].map((mantissa) => decimalText(mantissa, 2))).toEqual([
      "0.00",
      "0.05",
      "-0.05",
      "1.00",
      "-123.45",
    ]);
  });
});

describe("values that are refused", () => {
  test.each([
    [field({ type: "u8" }), "256"],
    [field({ type: "u8" }), "-1"],
    [field({ type: "u8" }), "1.0"],
    [field({ type: "u64" }), "0x10"],
    [field({ type: "decimal", precision: 9, scale: 2 }), "1.234"],
    [field({ type: "decimal", precision: 3, scale: 2 }), "10"],
    [field({ type: "bool" }), "yes"],
    [field({ type: "enum", enumeration: side }), "Buy"],
    [field({ type: "bytes", maxBytes: 4 }), "abc"],
    [field({}), "null"],
    [field({}), ""],
  ])("%o %s", (model, text) => {
    expect(() => parseValue("--uk", model, text)).toThrow(CliError);
    expect(() => parseValue("--uk", model, text)).toThrow(`--uk f: found "${text}", expected `);
  });
});

describe("arguments", () => {
  test("a path is a name and its values", () => {
    expect(parsePath("--uk", "byId=7")).toEqual({ name: "byId", values: ["7"] });
    expect(parsePath("--uk", 'byName="a,b",x=y')).toEqual({ name: "byName", values: ["a,b", "x=y"] });
    expect(parsePath("--uk", String.raw`byName="a\"b"`)).toEqual({ name: "byName", values: ['a"b'] });
    expect(parsePath("--index", "book")).toEqual({ name: "book", values: [] });
    expect(parsePath("--uk", "byName=")).toEqual({ name: "byName", values: [""] });
    expect(() => parsePath("--uk", 'byName="a')).toThrow(CliError);
  });

  test("an expectation is SEQ:DIGEST", () => {
    expect(parseExpect(`7:${"Ab".repeat(32)}`)).toEqual({ seq: 7n, digest: "ab".repeat(32) });
    for (const text of ["7", `x:${"ab".repeat(32)}`, `7:${"ab".repeat(31)}`, `7:${"zz".repeat(32)}`]) {
      expect(() => parseExpect(text)).toThrow("expected SEQ:DIGEST");
    }
  });

  test("a number has a range", () => {
    expect(parseInteger("--seq", "18446744073709551615", 1n)).toBe((1n << 64n) - 1n);
    for (const text of ["0", "-1", "1.5", "18446744073709551616", "", "1e3"]) {
      expect(() => parseInteger("--seq", text, 1n)).toThrow('--seq: found "');
    }
  });
});
