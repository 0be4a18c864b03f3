/**
 * The exchange, sealed lane: what each command does. Line for line the handlers of exchange.handlers.ts.
 *
 * A handler is a column of guards in the order of the reject codes, then the writes. A guard that needs the order
 * itself stands behind UNKNOWN_ORDER.
 */
import { tx } from "statevec/assembly";
import {
  Account,
  AddInstrument,
  CancelOrder,
  DoneReason,
  Instrument,
  InstrumentState,
  OpenAccount,
  Order,
  OrderAccepted,
  OrderChanged,
  OrderDone,
  PlaceOrder,
  ReduceOrder,
  Reject,
  ReplaceOrder,
  SetInstrumentState,
  TimeInForce,
} from "../build/exchange.schema";
import { fillable, finish, makers, match, Taker } from "./matching";

export function addInstrument(cmd: AddInstrument): void {
  if (cmd.tickSize == 0 || cmd.lotSize == 0) return Reject.BAD_INSTRUMENT();
  Instrument.create({
    instrumentId: cmd.instrumentId,
    symbol: cmd.symbol,
    tickSize: cmd.tickSize,
    lotSize: cmd.lotSize,
    state: InstrumentState.Trading,
  });
}

export function openAccount(cmd: OpenAccount): void {
  Account.create({ accountId: cmd.accountId });
}

export function setInstrumentState(cmd: SetInstrumentState): void {
  const instrument = Instrument.byInstrumentId.find(cmd.instrumentId);
  if (!instrument) return Reject.UNKNOWN_INSTRUMENT({ instrumentId: cmd.instrumentId });
  instrument.state = cmd.state;
}

export function placeOrder(cmd: PlaceOrder): void {
  const instrument = Instrument.byInstrumentId.find(cmd.instrumentId);
  if (!instrument) return Reject.UNKNOWN_INSTRUMENT({ instrumentId: cmd.instrumentId });
  if (instrument.state != InstrumentState.Trading) return Reject.INSTRUMENT_HALTED();
  const account = Account.byAccountId.find(cmd.accountId);
  if (!account) return Reject.UNKNOWN_ACCOUNT({ accountId: cmd.accountId });
  const lotSize = instrument.lotSize;
  const tickSize = instrument.tickSize;
  if (!isMultiple(cmd.quantity, lotSize)) return Reject.BAD_QUANTITY({ lotSize });
  if (cmd.hasPrice && !isMultiple(cmd.price, tickSize)) return Reject.BAD_PRICE({ tickSize });
  if (!cmd.hasPrice && (cmd.timeInForce == TimeInForce.Gtc || cmd.postOnly)) return Reject.CANNOT_REST();
  if (Order.byOrderId.exists(cmd.orderId)) return Reject.DUPLICATE_ORDER_ID();
  const twin = Order.byClientOrderId.find(account.sysId, cmd.clientOrderId);
  if (twin) return Reject.DUPLICATE_CLIENT_ORDER_ID({ orderId: twin.orderId });

  const taker: Taker = {
    orderId: cmd.orderId,
    account: account.sysId,
    instrument,
    side: cmd.side,
    hasLimit: cmd.hasPrice,
    limit: cmd.price,
    selfTrade: cmd.selfTrade,
    left: cmd.quantity,
    expired: false,
  };
  const best = cmd.postOnly ? makers(taker).first() : null;
  if (best) return Reject.WOULD_TRADE({ price: best.price });
  const available = cmd.timeInForce == TimeInForce.Fok ? fillable(taker) : cmd.quantity;
  if (available < cmd.quantity) return Reject.NOT_FILLABLE({ available });

  OrderAccepted.emit({
    orderId: cmd.orderId,
    accountId: cmd.accountId,
    clientOrderId: cmd.clientOrderId,
    instrumentId: cmd.instrumentId,
    side: cmd.side,
    hasPrice: cmd.hasPrice,
    price: cmd.price,
    quantity: cmd.quantity,
  });
  match(taker);
  if (taker.left == 0) {
    OrderDone.emit({ orderId: cmd.orderId, reason: DoneReason.Filled, remaining: 0 });
  } else if (taker.expired) {
    OrderDone.emit({ orderId: cmd.orderId, reason: DoneReason.SelfTrade, remaining: taker.left });
  } else if (!cmd.hasPrice || cmd.timeInForce != TimeInForce.Gtc) {
    OrderDone.emit({ orderId: cmd.orderId, reason: DoneReason.Expired, remaining: taker.left });
  } else {
    Order.create({
      orderId: cmd.orderId,
      account: account.sysId,
      clientOrderId: cmd.clientOrderId,
      instrument: instrument.sysId,
      side: cmd.side,
      price: cmd.price,
      remaining: taker.left,
      priority: tx.seq,
    });
  }
}

export function cancelOrder(cmd: CancelOrder): void {
  const order = Order.byOrderId.find(cmd.orderId);
  if (!order) return Reject.UNKNOWN_ORDER({ orderId: cmd.orderId });
  finish(order, DoneReason.Cancelled, order.remaining);
}

export function reduceOrder(cmd: ReduceOrder): void {
  const order = Order.byOrderId.find(cmd.orderId);
  if (!order) return Reject.UNKNOWN_ORDER({ orderId: cmd.orderId });
  const lotSize = Instrument.get(order.instrument).lotSize;
  if (!isMultiple(cmd.by, lotSize)) return Reject.BAD_QUANTITY({ lotSize });

  if (cmd.by >= order.remaining) return finish(order, DoneReason.Cancelled, order.remaining);
  order.remaining -= cmd.by;
  OrderChanged.emit({
    orderId: order.orderId,
    price: order.price,
    remaining: order.remaining,
    keptPriority: true,
  });
}

/** Keeps its priority only at the same price with no larger quantity; else it meets the market again. */
export function replaceOrder(cmd: ReplaceOrder): void {
  const order = Order.byOrderId.find(cmd.orderId);
  if (!order) return Reject.UNKNOWN_ORDER({ orderId: cmd.orderId });
  const instrument = Instrument.get(order.instrument);
  if (instrument.state != InstrumentState.Trading) return Reject.INSTRUMENT_HALTED();
  const lotSize = instrument.lotSize;
  const tickSize = instrument.tickSize;
  if (!isMultiple(cmd.quantity, lotSize)) return Reject.BAD_QUANTITY({ lotSize });
  if (!isMultiple(cmd.price, tickSize)) return Reject.BAD_PRICE({ tickSize });

  const keptPriority = !cmd.losePriority && cmd.price == order.price && cmd.quantity <= order.remaining;
  if (keptPriority) {
    order.remaining = cmd.quantity;
  } else {
    const taker: Taker = {
      orderId: cmd.orderId,
      account: order.account,
      instrument,
      side: order.side,
      hasLimit: true,
      limit: cmd.price,
      selfTrade: cmd.selfTrade,
      left: cmd.quantity,
      expired: false,
    };
    match(taker);
    if (taker.left == 0) return finish(order, DoneReason.Filled, 0);
    if (taker.expired) return finish(order, DoneReason.SelfTrade, taker.left);
    order.price = cmd.price;
    order.remaining = taker.left;
    order.priority = tx.seq;
  }
  OrderChanged.emit({ orderId: cmd.orderId, price: cmd.price, remaining: order.remaining, keptPriority });
}

function isMultiple(value: u64, unit: u64): bool {
  return value != 0 && value % unit == 0;
}
