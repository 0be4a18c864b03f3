/** The LOBSTER parser reads every message type exactly and names line and field of what it cannot read. */
import { describe, expect, test } from "vitest";
import { LobsterError, parseLobster } from "../../examples/exchange/lobster.ts";

describe("what is read", () => {
  test("every field, exactly to the nanosecond", () => {
    expect(parseLobster("44553.639826023,1,1372539,8,2230000,1\n")).toEqual([
      {
        line: 1,
        timeNs: 44_553_639_826_023n,
        type: "add",
        orderId: 1_372_539n,
        size: 8n,
        price: 2_230_000n,
        side: "Bid",
      },
    ]);
  });

  test.each([
    ["1", "add"],
    ["2", "reduce"],
    ["3", "delete"],
    ["4", "execute"],
    ["5", "executeHidden"],
    ["6", "cross"],
    ["7", "halt"],
  ])("type %s is %s", (digit, type) => {
    expect(parseLobster(`1.5,${digit},7,1,100,-1`)).toMatchObject([{ type, side: "Ask" }]);
  });

  test.each([
    ["34200", 34_200_000_000_000n],
    ["34200.1", 34_200_100_000_000n],
    ["34200.000000001", 34_200_000_000_001n],
    ["0", 0n],
  ])("time %s", (text, timeNs) => {
    expect(parseLobster(`${text},1,7,1,100,1`)[0]?.timeNs).toBe(timeNs);
  });

  test("a trading halt carries no order", () => {
    expect(parseLobster("34200.5,7,0,0,-1,-1")).toMatchObject([
      { type: "halt", orderId: 0n, size: 0n, price: 0n },
    ]);
  });

  test("lines end with LF or CRLF, the last one may not end, an empty file has none", () => {
    expect(parseLobster("1,1,7,1,100,1\r\n2,3,7,1,100,1").map(({ line, type }) => [line, type])).toEqual([
      [1, "add"],
      [2, "delete"],
    ]);
    expect(parseLobster("")).toEqual([]);
  });
});

describe("what is objected to", () => {
  const good = "1,1,7,1,100,1\n";
  test.each([
    ["1,1,7,1,100", "found 5 fields, expected 6"],
    ["", "found 1 fields, expected 6"],
    ["1,1,7,1,100,1,", "found 7 fields, expected 6"],
    ["x,1,7,1,100,1", 'time is "x", expected seconds after midnight'],
    ["1.0000000001,1,7,1,100,1", 'time is "1.0000000001"'],
    ["-1,1,7,1,100,1", 'time is "-1"'],
    ["1,8,7,1,100,1", 'type is "8", expected 1 to 7'],
    ["1,1,x,1,100,1", 'order id is "x", expected a whole number above 0'],
    ["1,1,0,1,100,1", 'order id is "0"'],
    ["1,1,7,0,100,1", 'size is "0"'],
    ["1,1,7,1.5,100,1", 'size is "1.5"'],
    ["1,1,7,1,-5,1", 'price is "-5"'],
    ["1,1,7,1,100,0", 'direction is "0", expected 1 or -1'],
    ["1,5,7,1,abc,1", 'price is "abc"'],
  ])("%s", (line, message) => {
    expect(() => parseLobster(`${good}${line}\n${good}`)).toThrow(LobsterError);
    expect(() => parseLobster(`${good}${line}\n${good}`)).toThrow(`line 2: ${message}`);
  });
});
