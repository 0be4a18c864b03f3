/**
 * Commands of the order stream as payloads of the exchange's `.proto`, sent by many: each sender has an instrument of its own, so what
 * becomes of a command depends on those of its own sender alone.
 *
 * Not responsible for: which commands there are (stream.ts), fields (wire.ts).
 */
import {
  generateStream,
  KIND_CANCEL,
  KIND_LIMIT,
  KIND_REPLACE,
  type OrderStream,
  SEED_ORDERS,
  SIDE_BUY,
} from "./stream.ts";
import { SENDERS, type Traffic } from "./traffic.ts";
import type { FieldWriter } from "./wire.ts";

/** Numbers of the commands, events and enum values in the schema of the exchange. */
const PLACE_ORDER = 3;
const CANCEL_ORDER = 4;
const REPLACE_ORDER = 6;
export const TRADE = 2;
/** The field of a trade's quantity. */
export const TRADE_QUANTITY = 6;
const BID = 1;
const ASK = 2;
const GOOD_TILL_CANCEL = 1;
const IMMEDIATE = 2;
const ALLOW = 1;

function commandOf(kind: number): number {
  if (kind === KIND_CANCEL) return CANCEL_ORDER;
  return kind === KIND_REPLACE ? REPLACE_ORDER : PLACE_ORDER;
}

function writePayload(writer: FieldWriter, stream: OrderStream, position: number): void {
  const kind = stream.kinds[position]!;
  writer.uint(1, stream.orderIds[position]!);
  if (kind === KIND_CANCEL) return;
  if (kind === KIND_REPLACE) {
    writer.uint(2, stream.prices[position]!);
    writer.uint(3, stream.quantities[position]!);
    writer.uint(4, ALLOW);
    return writer.uint(5, 1);
  }
  writer.uint(2, stream.accounts[position]!);
  writer.uint(3, stream.clientOrderIds[position]!);
  writer.uint(4, stream.instrument[position]!);
  writer.uint(5, stream.sides[position] === SIDE_BUY ? BID : ASK);
  writer.uint(6, stream.prices[position]!);
  writer.uint(7, stream.quantities[position]!);
  writer.uint(8, kind === KIND_LIMIT ? GOOD_TILL_CANCEL : IMMEDIATE);
  writer.uint(9, 0);
  writer.uint(10, ALLOW);
}

/** The order stream behind its seed orders as traffic of the service; with the right answers. */
export function orderTraffic(length: number): { readonly traffic: Traffic; readonly stream: OrderStream } {
  const stream = generateStream(SENDERS, length);
  const traffic = {
    length,
    senderAt: (position: number) => stream.instrument[SEED_ORDERS + position]!,
    commandAt: (position: number) => commandOf(stream.kinds[SEED_ORDERS + position]!),
    writePayload: (writer: FieldWriter, position: number) =>
      writePayload(writer, stream, SEED_ORDERS + position),
  };
  return { traffic, stream };
}
