/**
 * The LOBSTER message format: one comma-separated line for each change of an order book, without a header line.
 *
 *     time, type, order id, size, price, direction
 *     44553.639826023,1,1372539,8,2230000,1
 *
 * Time is in seconds after midnight, price in 1/10,000 of the currency, direction 1 for buy and -1 for sell; of an
 * execution it is the side of the resting order. Format: https://lobsterdata.com/info/DataStructure.php
 *
 * Responsible for: text to messages, exactly (integers only), naming line and field of what it cannot read.
 * Not responsible for: what a message does to the book (feed.ts).
 */

export type MessageType = "add" | "reduce" | "delete" | "execute" | "executeHidden" | "cross" | "halt";

export interface Message {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Nanoseconds after midnight. */
  readonly timeNs: bigint;
  readonly type: MessageType;
  readonly orderId: bigint;
  /** New orders: quantity; reductions: what is taken away; executions: what was traded. */
  readonly size: bigint;
  /** 1/10,000 of the currency. */
  readonly price: bigint;
  /** Side of the order that rests in the book. */
  readonly side: "Bid" | "Ask";
}

/** What is wrong with an input file. The message names the line, what was found and what was expected. */
export class LobsterError extends Error {
  override readonly name = "LobsterError";
}

const TYPES: Readonly<Record<string, MessageType>> = {
  1: "add",
  2: "reduce",
  3: "delete",
  4: "execute",
  5: "executeHidden",
  6: "cross",
  7: "halt",
};

/** Messages that change the visible book; the others carry no usable size, price or id. */
const BOOK_TYPES: ReadonlySet<MessageType> = new Set(["add", "reduce", "delete", "execute"]);

const TIME = /^(\d{1,9})(?:\.(\d{1,9}))?$/;
const COUNT = /^\d{1,19}$/;
const INTEGER = /^-?\d{1,19}$/;

function objection(line: number, field: string, found: string, expected: string): LobsterError {
  return new LobsterError(`line ${line}: ${field} is "${found}", expected ${expected}`);
}

function parseTime(text: string, line: number): bigint {
  const [, seconds, fraction = ""] = TIME.exec(text) ?? [];
  if (seconds === undefined) {
    throw objection(line, "time", text, "seconds after midnight with up to 9 decimals, like 34200.017459617");
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** A number that an order carries; where no order is meant (hidden, halt) any integer is let through as 0. */
function parseCount(text: string, line: number, field: string, isNeeded: boolean): bigint {
  if (COUNT.test(text) && !(isNeeded && BigInt(text) === 0n)) return BigInt(text);
  if (!isNeeded && INTEGER.test(text)) return 0n;
  throw objection(line, field, text, "a whole number above 0");
}

function parseLine(text: string, line: number): Message {
  const fields = text.split(",");
  if (fields.length !== 6) {
    throw new LobsterError(
      `line ${line}: found ${fields.length} fields, expected 6 (time,type,order id,size,price,direction)`,
    );
  }
  const [time, typeText, orderId, size, price, direction] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const type = TYPES[typeText];
  if (type === undefined) throw objection(line, "type", typeText, "1 to 7");
  if (direction !== "1" && direction !== "-1") throw objection(line, "direction", direction, "1 or -1");
  const isNeeded = BOOK_TYPES.has(type);
  return {
    line,
    timeNs: parseTime(time, line),
    type,
    orderId: parseCount(orderId, line, "order id", isNeeded),
    size: parseCount(size, line, "size", isNeeded),
    price: parseCount(price, line, "price", isNeeded),
    side: direction === "1" ? "Bid" : "Ask",
  };
}

/**
 * Parses a whole file.
 * @param text lines ended by LF or CRLF; the last line may lack its end
 * @throws LobsterError naming the first line that is not a message
 */
export function parseLobster(text: string): Message[] {
  const messages: Message[] = [];
  let start = 0;
  let line = 1;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const hasReturn = end > start && text.charCodeAt(end - 1) === 13;
    messages.push(parseLine(text.slice(start, hasReturn ? end - 1 : end), line));
    start = end + 1;
    line++;
  }
  return messages;
}
