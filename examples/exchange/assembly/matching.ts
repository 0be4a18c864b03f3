/**
 * Matching: how a taker meets the resting orders of the other side.
 *
 * Price-time priority is the canonical index `Order.book`: nothing here orders anything.
 */
import { SysId } from "statevec/assembly";
import {
  DoneReason,
  Instrument,
  Order,
  OrderBookSide,
  OrderDone,
  SelfTrade,
  Side,
  Trade,
} from "../build/exchange.schema";

export class Taker {
  orderId: u64;
  account: SysId;
  instrument: Instrument;
  side: Side;
  /** False: at any price. */
  hasLimit: bool;
  limit: u64;
  selfTrade: SelfTrade;
  left: u64;
  expired: bool;
}

/** What the taker may trade with, best first. A limit is a bound in index order, so both sides read alike. */
export function makers(taker: Taker): OrderBookSide {
  const side = Order.book.instrument(taker.instrument.sysId).side(opposite(taker.side));
  return taker.hasLimit ? side.priceTo(taker.limit) : side;
}

export function match(taker: Taker): void {
  const cursor = makers(taker).list();
  while (cursor.next()) {
    const maker = cursor.record;
    if (maker.account == taker.account && taker.selfTrade != SelfTrade.Allow) {
      if (taker.selfTrade != SelfTrade.ExpireTaker) finish(maker, DoneReason.SelfTrade, maker.remaining);
      if (taker.selfTrade == SelfTrade.ExpireMaker) continue;
      taker.expired = true;
      return cursor.close();
    }
    const quantity = maker.remaining < taker.left ? maker.remaining : taker.left;
    taker.left -= quantity;
    Trade.emit({
      instrumentId: taker.instrument.instrumentId,
      makerOrderId: maker.orderId,
      takerOrderId: taker.orderId,
      takerSide: taker.side,
      price: maker.price,
      quantity,
    });
    if (quantity == maker.remaining) finish(maker, DoneReason.Filled, 0);
    else maker.remaining -= quantity;
    if (taker.left == 0) return cursor.close(); // last in the loop: one entry fewer is fetched
  }
}

/** How much of the taker would trade, given what self-trade prevention would do on the way. */
export function fillable(taker: Taker): u64 {
  let total: u64 = 0;
  const cursor = makers(taker).list();
  while (cursor.next()) {
    const maker = cursor.record;
    if (maker.account != taker.account || taker.selfTrade == SelfTrade.Allow) total += maker.remaining;
    else if (taker.selfTrade != SelfTrade.ExpireMaker) break;
    if (total >= taker.left) break;
  }
  cursor.close();
  return total;
}

export function finish(order: Order, reason: DoneReason, remaining: u64): void {
  OrderDone.emit({ orderId: order.orderId, reason, remaining });
  order.delete();
}

function opposite(side: Side): Side {
  return side == Side.Bid ? Side.Ask : Side.Bid;
}
