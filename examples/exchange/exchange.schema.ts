/**
 * The exchange: instruments, accounts, resting orders.
 *
 * Responsible for: every layout, key, index, reject code and rule of the domain. Price-time priority is the canonical
 * index `Order.book`: handlers read it and never order anything themselves.
 * Not responsible for: what a command does (exchange.handlers.ts).
 */
import {
  bool,
  command,
  defineSchema,
  enumeration,
  enumOf,
  event,
  type Infer,
  invariant,
  record,
  ref,
  reject,
  text,
  u32,
  u64,
} from "statevec/schema";

export const Side = enumeration("Side", { Bid: 1, Ask: 2 });
export const TimeInForce = enumeration("TimeInForce", { Gtc: 1, Ioc: 2, Fok: 3 });
export const SelfTrade = enumeration("SelfTrade", {
  Allow: 1,
  ExpireMaker: 2,
  ExpireTaker: 3,
  ExpireBoth: 4,
});
export const InstrumentState = enumeration("InstrumentState", { Trading: 1, Halted: 2 });
export const DoneReason = enumeration("DoneReason", { Filled: 1, Cancelled: 2, Expired: 3, SelfTrade: 4 });

export const Instrument = record(
  "Instrument",
  1,
  {
    instrumentId: u32(1).immutable(),
    symbol: text(2, { maxBytes: 16 }).immutable(),
    tickSize: u64(3),
    lotSize: u64(4),
    state: enumOf(5, InstrumentState),
  },
  {
    unique: { byInstrumentId: ["instrumentId"], bySymbol: ["symbol"] },
    indexes: { tradable: { on: ["symbol"], where: { state: ["Trading"] } } },
  },
);

export const Account = record(
  "Account",
  2,
  { accountId: u32(1).immutable() },
  { unique: { byAccountId: ["accountId"] } },
);

/** A resting order. It is deleted when it is done: its life stays in the history. */
export const Order = record(
  "Order",
  3,
  {
    orderId: u64(1).immutable(),
    account: ref(2, Account).immutable(),
    clientOrderId: u64(3).immutable(),
    instrument: ref(4, Instrument).immutable(),
    side: enumOf(5, Side).immutable(),
    price: u64(6),
    remaining: u64(7),
    priority: u64(8),
  },
  {
    unique: { byOrderId: ["orderId"], byClientOrderId: ["account", "clientOrderId"] },
    indexes: {
      book: ["instrument", "side", { desc: "price", when: { side: "Bid" } }, "priority"],
    },
  },
);

export const AddInstrument = command("AddInstrument", 1, {
  instrumentId: u32(1),
  symbol: text(2, { maxBytes: 16 }),
  tickSize: u64(3),
  lotSize: u64(4),
});
export const OpenAccount = command("OpenAccount", 2, { accountId: u32(1) });
export const PlaceOrder = command("PlaceOrder", 3, {
  orderId: u64(1),
  accountId: u32(2),
  clientOrderId: u64(3),
  instrumentId: u32(4),
  side: enumOf(5, Side),
  price: u64(6).nullable(), // absent: a market order
  quantity: u64(7),
  timeInForce: enumOf(8, TimeInForce),
  postOnly: bool(9),
  selfTrade: enumOf(10, SelfTrade),
});
export const CancelOrder = command("CancelOrder", 4, { orderId: u64(1) });
export const ReduceOrder = command("ReduceOrder", 5, { orderId: u64(1), by: u64(2) });
export const ReplaceOrder = command("ReplaceOrder", 6, {
  orderId: u64(1),
  price: u64(2),
  quantity: u64(3),
  selfTrade: enumOf(4, SelfTrade),
  losePriority: bool(5),
});
export const SetInstrumentState = command("SetInstrumentState", 7, {
  instrumentId: u32(1),
  state: enumOf(2, InstrumentState),
});

export const OrderAccepted = event("OrderAccepted", 1, {
  orderId: u64(1),
  accountId: u32(2),
  clientOrderId: u64(3),
  instrumentId: u32(4),
  side: enumOf(5, Side),
  price: u64(6).nullable(),
  quantity: u64(7),
});
export const Trade = event("Trade", 2, {
  instrumentId: u32(1),
  makerOrderId: u64(2),
  takerOrderId: u64(3),
  takerSide: enumOf(4, Side),
  price: u64(5),
  quantity: u64(6),
});
export const OrderChanged = event("OrderChanged", 3, {
  orderId: u64(1),
  price: u64(2),
  remaining: u64(3),
  keptPriority: bool(4),
});
export const OrderDone = event("OrderDone", 4, {
  orderId: u64(1),
  reason: enumOf(2, DoneReason),
  remaining: u64(3),
});

/** In order of precedence. */
export const Reject = {
  UNKNOWN_INSTRUMENT: reject(1, "No instrument has this id.", { instrumentId: u32(1) }),
  INSTRUMENT_HALTED: reject(2, "The instrument is not trading."),
  UNKNOWN_ACCOUNT: reject(3, "No account has this id.", { accountId: u32(1) }),
  UNKNOWN_ORDER: reject(4, "No resting order has this id.", { orderId: u64(1) }),
  BAD_QUANTITY: reject(5, "The quantity is zero, or no multiple of the lot size.", { lotSize: u64(1) }),
  BAD_PRICE: reject(6, "The price is zero, or no multiple of the tick size.", { tickSize: u64(1) }),
  CANNOT_REST: reject(7, "A market order can not rest, so it can be neither GTC nor post-only."),
  DUPLICATE_ORDER_ID: reject(8, "A resting order has this order id."),
  DUPLICATE_CLIENT_ORDER_ID: reject(9, "The account has a resting order with this client order id.", {
    orderId: u64(1),
  }),
  WOULD_TRADE: reject(10, "A post-only order would trade at once.", { price: u64(1) }),
  NOT_FILLABLE: reject(11, "A fill-or-kill order can not be filled whole.", { available: u64(1) }),
  BAD_INSTRUMENT: reject(12, "The tick size or the lot size is zero."),
};

export const schema = defineSchema("exchange", {
  records: { Instrument, Account, Order },
  commands: {
    AddInstrument,
    OpenAccount,
    PlaceOrder,
    CancelOrder,
    ReduceOrder,
    ReplaceOrder,
    SetInstrumentState,
  },
  events: { OrderAccepted, Trade, OrderChanged, OrderDone },
  rejects: Reject,
  invariants: {
    HAS_REMAINING: invariant(1, Order, "A resting order has something left.", { remaining: { gt: 0n } }),
  },
});

export type Side = Infer<typeof Side>;
export type SelfTrade = Infer<typeof SelfTrade>;
export type DoneReason = Infer<typeof DoneReason>;
export type Instrument = Infer<typeof Instrument>;
export type Order = Infer<typeof Order>;
export type AddInstrument = Infer<typeof AddInstrument>;
export type OpenAccount = Infer<typeof OpenAccount>;
export type PlaceOrder = Infer<typeof PlaceOrder>;
export type CancelOrder = Infer<typeof CancelOrder>;
export type ReduceOrder = Infer<typeof ReduceOrder>;
export type ReplaceOrder = Infer<typeof ReplaceOrder>;
export type SetInstrumentState = Infer<typeof SetInstrumentState>;
