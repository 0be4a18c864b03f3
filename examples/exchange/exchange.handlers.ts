/**
 * The exchange, open lane: what each command does.
 *
 * A handler is a column of guards in the order of the reject codes, then the writes. A guard that needs the order
 * itself stands behind UNKNOWN_ORDER.
 */
import { defineDomain, type Tx } from "statevec";
import type { SysId } from "statevec/schema";
import {
  Account,
  type AddInstrument,
  type CancelOrder,
  type DoneReason,
  Instrument,
  type OpenAccount,
  Order,
  OrderAccepted,
  OrderChanged,
  OrderDone,
  type PlaceOrder,
  type ReduceOrder,
  Reject,
  type ReplaceOrder,
  type SelfTrade,
  type SetInstrumentState,
  type Side,
  schema,
  Trade,
} from "./exchange.schema.ts";

export const exchange = defineDomain(schema, {
  revision: 1,
  handlers: {
    AddInstrument: addInstrument,
    OpenAccount: openAccount,
    SetInstrumentState: setInstrumentState,
    PlaceOrder: placeOrder,
    CancelOrder: cancelOrder,
    ReduceOrder: reduceOrder,
    ReplaceOrder: replaceOrder,
  },
});

function addInstrument(tx: Tx, cmd: AddInstrument): void {
  if (cmd.tickSize === 0n || cmd.lotSize === 0n) return tx.reject(Reject.BAD_INSTRUMENT);
  tx.create(Instrument, { ...cmd, state: "Trading" });
}

function openAccount(tx: Tx, cmd: OpenAccount): void {
  tx.create(Account, cmd);
}

function setInstrumentState(tx: Tx, cmd: SetInstrumentState): void {
  const { instrumentId, state } = cmd;
  const instrument =
    tx.find(Instrument.byInstrumentId, instrumentId) ??
    tx.reject(Reject.UNKNOWN_INSTRUMENT, { instrumentId });
  tx.update(instrument, { state });
}

function placeOrder(tx: Tx, cmd: PlaceOrder): void {
  const { orderId, accountId, clientOrderId, instrumentId, side, price, quantity } = cmd;
  const instrument =
    tx.find(Instrument.byInstrumentId, instrumentId) ??
    tx.reject(Reject.UNKNOWN_INSTRUMENT, { instrumentId });
  if (instrument.state !== "Trading") return tx.reject(Reject.INSTRUMENT_HALTED);
  const account = tx.find(Account.byAccountId, accountId) ?? tx.reject(Reject.UNKNOWN_ACCOUNT, { accountId });
  const { lotSize, tickSize } = instrument;
  if (!isMultiple(quantity, lotSize)) return tx.reject(Reject.BAD_QUANTITY, { lotSize });
  if (price !== null && !isMultiple(price, tickSize)) return tx.reject(Reject.BAD_PRICE, { tickSize });
  if (price === null && (cmd.timeInForce === "Gtc" || cmd.postOnly)) return tx.reject(Reject.CANNOT_REST);
  if (tx.exists(Order.byOrderId, orderId)) return tx.reject(Reject.DUPLICATE_ORDER_ID);
  const twin = tx.find(Order.byClientOrderId, account.sysId, clientOrderId);
  if (twin) return tx.reject(Reject.DUPLICATE_CLIENT_ORDER_ID, { orderId: twin.orderId });

  const taker: Taker = {
    orderId,
    account: account.sysId,
    instrument,
    side,
    limit: price ?? undefined,
    selfTrade: cmd.selfTrade,
    left: quantity,
    expired: false,
  };
  const best = cmd.postOnly
    ? tx.first(Order.book, [instrument.sysId, opposite(side)], { to: taker.limit })
    : undefined;
  if (best) return tx.reject(Reject.WOULD_TRADE, { price: best.price });
  const available = cmd.timeInForce === "Fok" ? fillable(tx, taker) : quantity;
  if (available < quantity) return tx.reject(Reject.NOT_FILLABLE, { available });

  tx.emit(OrderAccepted, { orderId, accountId, clientOrderId, instrumentId, side, price, quantity });
  match(tx, taker);
  if (taker.left === 0n) tx.emit(OrderDone, { orderId, reason: "Filled", remaining: 0n });
  else if (taker.expired) tx.emit(OrderDone, { orderId, reason: "SelfTrade", remaining: taker.left });
  else if (price === null || cmd.timeInForce !== "Gtc")
    tx.emit(OrderDone, { orderId, reason: "Expired", remaining: taker.left });
  else {
    tx.create(Order, {
      orderId,
      account: account.sysId,
      clientOrderId,
      instrument: instrument.sysId,
      side,
      price,
      remaining: taker.left,
      priority: tx.seq,
    });
  }
}

function cancelOrder(tx: Tx, cmd: CancelOrder): void {
  const order =
    tx.find(Order.byOrderId, cmd.orderId) ?? tx.reject(Reject.UNKNOWN_ORDER, { orderId: cmd.orderId });
  finish(tx, order, "Cancelled", order.remaining);
}

function reduceOrder(tx: Tx, cmd: ReduceOrder): void {
  const order =
    tx.find(Order.byOrderId, cmd.orderId) ?? tx.reject(Reject.UNKNOWN_ORDER, { orderId: cmd.orderId });
  const { lotSize } = tx.get(Instrument, order.instrument);
  if (!isMultiple(cmd.by, lotSize)) return tx.reject(Reject.BAD_QUANTITY, { lotSize });

  if (cmd.by >= order.remaining) return finish(tx, order, "Cancelled", order.remaining);
  tx.update(order, { remaining: order.remaining - cmd.by });
  tx.emit(OrderChanged, {
    orderId: order.orderId,
    price: order.price,
    remaining: order.remaining,
    keptPriority: true,
  });
}

/** Keeps its priority only at the same price with no larger quantity; else it meets the market again. */
function replaceOrder(tx: Tx, cmd: ReplaceOrder): void {
  const { orderId, price, quantity } = cmd;
  const order = tx.find(Order.byOrderId, orderId) ?? tx.reject(Reject.UNKNOWN_ORDER, { orderId });
  const instrument = tx.get(Instrument, order.instrument);
  if (instrument.state !== "Trading") return tx.reject(Reject.INSTRUMENT_HALTED);
  const { lotSize, tickSize } = instrument;
  if (!isMultiple(quantity, lotSize)) return tx.reject(Reject.BAD_QUANTITY, { lotSize });
  if (!isMultiple(price, tickSize)) return tx.reject(Reject.BAD_PRICE, { tickSize });

  const keptPriority = !cmd.losePriority && price === order.price && quantity <= order.remaining;
  if (keptPriority) {
    tx.update(order, { remaining: quantity });
  } else {
    const taker: Taker = {
      orderId,
      account: order.account,
      instrument,
      side: order.side,
      limit: price,
      selfTrade: cmd.selfTrade,
      left: quantity,
      expired: false,
    };
    match(tx, taker);
    if (taker.left === 0n) return finish(tx, order, "Filled", 0n);
    if (taker.expired) return finish(tx, order, "SelfTrade", taker.left);
    tx.update(order, { price, remaining: taker.left, priority: tx.seq });
  }
  tx.emit(OrderChanged, { orderId, price, remaining: order.remaining, keptPriority });
}

// ---- matching --------------------------------------------------------------------------------------------

interface Taker {
  readonly orderId: bigint;
  readonly account: SysId<"Account">;
  readonly instrument: Instrument;
  readonly side: Side;
  /** undefined: at any price */
  readonly limit: bigint | undefined;
  readonly selfTrade: SelfTrade;
  left: bigint;
  expired: boolean;
}

/** What the taker may trade with, best first. A limit is a bound in index order, so both sides read alike. */
function makers(tx: Tx, taker: Taker): Iterable<Order> {
  return tx.list(Order.book, [taker.instrument.sysId, opposite(taker.side)], { to: taker.limit });
}

function match(tx: Tx, taker: Taker): void {
  for (const maker of makers(tx, taker)) {
    if (maker.account === taker.account && taker.selfTrade !== "Allow") {
      if (taker.selfTrade !== "ExpireTaker") finish(tx, maker, "SelfTrade", maker.remaining);
      if (taker.selfTrade === "ExpireMaker") continue;
      taker.expired = true;
      return;
    }
    const quantity = maker.remaining < taker.left ? maker.remaining : taker.left;
    taker.left -= quantity;
    tx.emit(Trade, {
      instrumentId: taker.instrument.instrumentId,
      makerOrderId: maker.orderId,
      takerOrderId: taker.orderId,
      takerSide: taker.side,
      price: maker.price,
      quantity,
    });
    if (quantity === maker.remaining) finish(tx, maker, "Filled", 0n);
    else tx.update(maker, { remaining: maker.remaining - quantity });
    if (taker.left === 0n) return; // last in the loop: one entry fewer is fetched
  }
}

/** How much of the taker would trade, given what self-trade prevention would do on the way. */
function fillable(tx: Tx, taker: Taker): bigint {
  let total = 0n;
  for (const maker of makers(tx, taker)) {
    if (maker.account !== taker.account || taker.selfTrade === "Allow") total += maker.remaining;
    else if (taker.selfTrade !== "ExpireMaker") break;
    if (total >= taker.left) break;
  }
  return total;
}

function finish(tx: Tx, order: Order, reason: DoneReason, remaining: bigint): void {
  tx.emit(OrderDone, { orderId: order.orderId, reason, remaining });
  tx.delete(order);
}

function opposite(side: Side): Side {
  return side === "Bid" ? "Ask" : "Bid";
}

function isMultiple(value: bigint, unit: bigint): boolean {
  return value !== 0n && value % unit === 0n;
}
