/** `num`: rounding by table and by definition, the edges of each type, and what overflow is inside and outside of handlers. */
import fc from "fast-check";
import { type Arithmetic, num, type Rounding } from "statevec";
import { describe, expect, test } from "vitest";
import { deed, Item, openLab } from "./lab.ts";

const MODES = ["truncate", "floor", "ceil", "halfUp", "halfEven"] as const;
const TYPES: [keyof typeof num, bigint, bigint][] = [
  ["u64", 0n, 2n ** 64n - 1n],
  ["i64", -(2n ** 63n), 2n ** 63n - 1n],
  ["u128", 0n, 2n ** 128n - 1n],
  ["i128", -(2n ** 127n), 2n ** 127n - 1n],
];

// a / b by mode: truncate, floor, ceil, halfUp, halfEven
const table: [bigint, bigint, bigint[]][] = [
  [6n, 3n, [2n, 2n, 2n, 2n, 2n]],
  [7n, 2n, [3n, 3n, 4n, 4n, 4n]],
  [5n, 2n, [2n, 2n, 3n, 3n, 2n]],
  [7n, 3n, [2n, 2n, 3n, 2n, 2n]],
  [8n, 3n, [2n, 2n, 3n, 3n, 3n]],
  [1n, 2n, [0n, 0n, 1n, 1n, 0n]],
  [1n, 3n, [0n, 0n, 1n, 0n, 0n]],
  [0n, 5n, [0n, 0n, 0n, 0n, 0n]],
  [-7n, 2n, [-3n, -4n, -3n, -4n, -4n]],
  [-5n, 2n, [-2n, -3n, -2n, -3n, -2n]],
  [-7n, 3n, [-2n, -3n, -2n, -2n, -2n]],
  [-8n, 3n, [-2n, -3n, -2n, -3n, -3n]],
  [-1n, 2n, [0n, -1n, 0n, -1n, 0n]],
  [5n, -2n, [-2n, -3n, -2n, -3n, -2n]],
  [8n, -3n, [-2n, -3n, -2n, -3n, -3n]],
  [-5n, -2n, [2n, 2n, 3n, 3n, 2n]],
  [-8n, -3n, [2n, 2n, 3n, 3n, 3n]],
  [-6n, -3n, [2n, 2n, 2n, 2n, 2n]],
];

describe("rounding", () => {
  test.each(table)("%i / %i", (a, b, expected) => {
    for (const type of [num.i64, num.i128]) {
      expect(MODES.map((mode) => type.div(a, b, mode))).toEqual(expected);
      expect(MODES.map((mode) => type.mulDiv(a, 1n, b, mode))).toEqual(expected);
      expect(MODES.map((mode) => type.mulDiv(1n, a, b, mode))).toEqual(expected);
      expect(type.div(a, b)).toBe(expected[0]);
      expect(type.mulDiv(a, 1n, b)).toBe(expected[0]);
    }
    if (a < 0n || b < 0n) return;
    for (const type of [num.u64, num.u128]) {
      expect(MODES.map((mode) => type.div(a, b, mode))).toEqual(expected);
    }
  });

  // value, from, to, by mode
  const rescaled: [bigint, number, number, bigint[]][] = [
    [12345n, 4, 2, [123n, 123n, 124n, 123n, 123n]],
    [12350n, 4, 2, [123n, 123n, 124n, 124n, 124n]],
    [12250n, 4, 2, [122n, 122n, 123n, 123n, 122n]],
    [-12350n, 4, 2, [-123n, -124n, -123n, -124n, -124n]],
    [-12250n, 4, 2, [-122n, -123n, -122n, -123n, -122n]],
    [123n, 2, 4, [12300n, 12300n, 12300n, 12300n, 12300n]],
    [-7n, 3, 3, [-7n, -7n, -7n, -7n, -7n]],
    [5n, 38, 0, [0n, 0n, 1n, 0n, 0n]],
  ];
  test.each(rescaled)("%i from scale %i to %i", (value, from, to, expected) => {
    expect(MODES.map((mode) => num.i128.rescale(value, from, to, mode))).toEqual(expected);
    expect(num.i128.rescale(value, from, to)).toBe(expected[0]);
  });

  test("every mode by its definition, over random values", () => {
    const operand = fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(operand, operand, operand, fc.constantFrom(...MODES), (a, b, c, mode) => {
        fc.pre(c !== 0n);
        const result = num.i128.mulDiv(a, b, c, mode);
        // The distance to the true quotient, times |c|: an integer with its sign.
        const sign = c < 0n ? -1n : 1n;
        const distance = (a * b - result * c) * sign;
        const whole = c * sign;
        expect(holds(mode, distance, whole, result, a * b * sign)).toBe(true);
      }),
    );
  });
});

/** @param distance (true quotient - result) times whole; `product` has the sign of the true quotient */
function holds(mode: Rounding, distance: bigint, whole: bigint, result: bigint, product: bigint): boolean {
  const size = distance < 0n ? -distance : distance;
  switch (mode) {
    case "floor":
      return distance >= 0n && distance < whole;
    case "ceil":
      return distance <= 0n && -distance < whole;
    case "truncate":
      return size < whole && (product >= 0n ? distance >= 0n : distance <= 0n);
    case "halfUp":
      return size * 2n < whole || (size * 2n === whole && (product >= 0n ? distance < 0n : distance > 0n));
    case "halfEven":
      return size * 2n < whole || (size * 2n === whole && result % 2n === 0n);
  }
}

describe.each(TYPES)("%s", (name, min, max) => {
  const type: Arithmetic = num[name];

  test("reaches its edges and not beyond", () => {
    expect(type.add(max - 1n, 1n)).toBe(max);
    expect(type.sub(min + 1n, 1n)).toBe(min);
    expect(type.mul(max, 1n)).toBe(max);
    expect(type.mulDiv(max, max, max)).toBe(max);
    expect(type.div(min, 1n)).toBe(min);
    for (const beyond of [
      () => type.add(max, 1n),
      () => type.sub(min, 1n),
      () => type.mul(max, 2n),
      () => type.mulDiv(max, 2n, 1n),
      () => type.rescale(max, 0, 1),
    ]) {
      expect(beyond).toThrow(RangeError);
      expect(beyond).toThrow("OVERFLOW");
    }
  });

  test("refuses operands outside of it, whatever the result would be", () => {
    for (const outside of [max + 1n, min - 1n]) {
      expect(() => type.sub(outside, outside)).toThrow("OVERFLOW");
      expect(() => type.add(0n, outside)).toThrow("OVERFLOW");
      expect(() => type.mul(outside, 0n)).toThrow("OVERFLOW");
      expect(() => type.div(outside, outside)).toThrow("OVERFLOW");
      expect(() => type.div(1n, outside)).toThrow("OVERFLOW");
      expect(() => type.mulDiv(0n, 0n, outside)).toThrow("OVERFLOW");
      expect(() => type.rescale(outside, 2, 0)).toThrow("OVERFLOW");
    }
  });

  test("division by zero throws as the language does", () => {
    expect(() => type.div(1n, 0n)).toThrow(/division by zero/i);
    expect(() => type.mulDiv(1n, 1n, 0n)).toThrow(/division by zero/i);
    expect(() => type.div(1n, 0n)).not.toThrow("OVERFLOW");
  });

  test.each([
    [-1, 0],
    [0, -1],
    [39, 0],
    [0, 39],
    [0.5, 0],
    [Number.NaN, 0],
  ])("scales %d and %d are refused", (from, to) => {
    expect(() => type.rescale(1n, from, to)).toThrow(RangeError);
  });
});

test("an operand outside of the type is refused though the result is inside", () => {
  expect(() => num.i64.add(2n ** 63n, -1n)).toThrow("OVERFLOW");
  expect(() => num.i128.sub(-(2n ** 127n) - 1n, -1n)).toThrow("OVERFLOW");
});

test("a rounding mode that does not exist is refused", () => {
  expect(() => num.i64.div(1n, 2n, "nearest" as Rounding)).toThrow(RangeError);
  expect(() => num.i64.div(2n, 2n, "nearest" as Rounding)).toThrow(RangeError);
});

test("the smallest i64 by -1 leaves the type", () => {
  expect(() => num.i64.div(-(2n ** 63n), -1n)).toThrow("OVERFLOW");
  expect(num.i64.mulDiv(2n ** 62n, 4n, 4n)).toBe(2n ** 62n);
});

describe("inside a handler", () => {
  test("overflow is the fault OVERFLOW of field 0, also when it is caught", async () => {
    const engine = await openLab((tx, { n }) => {
      tx.create(Item, { id: 1n, value: 1n, small: 1 });
      if (n === 1n) num.u64.sub(1n, 2n);
      try {
        num.i128.mul(2n ** 126n, 4n);
      } catch {}
    });
    for (const n of [1n, 2n]) {
      expect(await engine.submit("Do", deed(n))).toMatchObject({
        outcome: "faulted",
        code: "OVERFLOW",
        detail: { field: 0 },
      });
    }
    expect(await engine.read((view) => view.exists(Item.byId, 1n))).toBe(false);
    expect(await engine.audit()).toMatchObject({ identical: true });
    await engine.close();
  });

  test("afterwards it is a RangeError again", async () => {
    const engine = await openLab(() => num.u64.sub(1n, 2n));
    await engine.submit("Do", deed());
    expect(() => num.u64.sub(1n, 2n)).toThrow(RangeError);
    await engine.close();
  });
});
