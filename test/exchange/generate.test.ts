/** The generated flow is the same everywhere, and one that a price-time book can follow. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { generateLobster } from "../../examples/exchange/generate.ts";
import { type Message, parseLobster } from "../../examples/exchange/lobster.ts";

interface Resting {
  readonly id: bigint;
  readonly price: bigint;
  left: bigint;
}

/** Follows a flow order by order; throws where a message does not fit the book. */
class SlowBook {
  readonly sides = { Bid: [] as Resting[], Ask: [] as Resting[] };
  unknown = 0;

  apply(message: Message): void {
    const side = this.sides[message.side];
    if (message.type === "add") {
      const opposite = this.first(message.side === "Bid" ? "Ask" : "Bid");
      const crosses =
        opposite &&
        (message.side === "Bid" ? opposite.price <= message.price : opposite.price >= message.price);
      if (crosses) throw new Error(`line ${message.line} crosses the book`);
      side.push({ id: message.orderId, price: message.price, left: message.size });
      return;
    }
    if (message.type === "execute" && this.first(message.side)?.id !== message.orderId) {
      throw new Error(`line ${message.line} executes an order that is not first`);
    }
    const order = side.find(({ id }) => id === message.orderId);
    if (order === undefined) {
      this.unknown++;
      return;
    }
    const isTooLarge = message.type === "reduce" ? message.size >= order.left : message.size > order.left;
    if (isTooLarge || order.price !== message.price)
      throw new Error(`line ${message.line} does not fit its order`);
    order.left -= message.size;
    if (order.left === 0n) side.splice(side.indexOf(order), 1);
    else if (message.type === "delete")
      throw new Error(`line ${message.line} deletes less than what is left`);
  }

  first(name: "Bid" | "Ask"): Resting | undefined {
    let best: Resting | undefined;
    for (const order of this.sides[name]) {
      const isBetter = best && (name === "Bid" ? order.price > best.price : order.price < best.price);
      if (best === undefined || isBetter) best = order;
    }
    return best;
  }
}

describe("generated flow", () => {
  test("is the same for the same seed, another for another seed", () => {
    const text = generateLobster(2_000, 7);
    expect(generateLobster(2_000, 7)).toBe(text);
    expect(generateLobster(2_000, 8)).not.toBe(text);
    expect(createHash("sha256").update(text).digest("hex")).toBe(
      "237e9e6c2de297eb2ea16e911b484f0a415810f3630d5f6e8ef217ce0261df3c",
    );
  });

  test("a shorter flow is the beginning of a longer one", () => {
    expect(generateLobster(2_000, 7).startsWith(generateLobster(500, 7))).toBe(true);
  });

  test("fits a price-time book line for line", () => {
    const messages = parseLobster(generateLobster(20_000, 42));
    const book = new SlowBook();
    const counts = new Map<string, number>();
    for (const message of messages) {
      counts.set(message.type, (counts.get(message.type) ?? 0) + 1);
      if (message.type !== "executeHidden" && message.type !== "halt") book.apply(message);
    }
    expect(messages).toHaveLength(20_000);
    for (const type of ["add", "reduce", "delete", "execute"]) expect(counts.get(type)).toBeGreaterThan(800);
    expect(counts.get("executeHidden")).toBeGreaterThan(20);
    expect(counts.get("halt")).toBeGreaterThan(5);
    expect(book.unknown).toBeGreaterThan(5);
    expect(book.unknown).toBeLessThan(100);
  });

  test("times rise", () => {
    const messages = parseLobster(generateLobster(1_000, 1));
    for (let index = 1; index < messages.length; index++) {
      expect(messages[index]!.timeNs).toBeGreaterThan(messages[index - 1]!.timeNs);
    }
  });
});
