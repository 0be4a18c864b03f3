/**
 * A small market to test the exchange in: one instrument with tick 5 and lot 10, accounts 1 to 3, short commands.
 *
 * Not responsible for: any expectation; tests say what they expect.
 */
import { type History, memoryHistory, open, type Receipt, type View } from "statevec";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { Instrument, Order, type SelfTrade, type Side } from "../../examples/exchange/exchange.schema.ts";
import type { Exchange } from "../../examples/exchange/feed.ts";

export interface PlaceOptions {
  account?: number;
  clientOrderId?: bigint;
  instrumentId?: number;
  timeInForce?: "Gtc" | "Ioc" | "Fok";
  postOnly?: boolean;
  selfTrade?: SelfTrade;
}

export interface ReplaceOptions {
  selfTrade?: SelfTrade;
  losePriority?: boolean;
}

type Answer = Receipt<Exchange>;

export type Market = Awaited<ReturnType<typeof openMarket>>;

export async function openMarket(history: History = memoryHistory()) {
  const engine = await open({
    domain: exchange,
    history,
    clock: { nowNs: () => 1_000n },
    historyId: new Uint8Array(16),
  });
  const setUp = [
    await engine.submit("AddInstrument", { instrumentId: 1, symbol: "ONE", tickSize: 5n, lotSize: 10n }),
    await engine.submit("OpenAccount", { accountId: 1 }),
    await engine.submit("OpenAccount", { accountId: 2 }),
    await engine.submit("OpenAccount", { accountId: 3 }),
  ];
  for (const { outcome, seq } of setUp)
    if (outcome !== "committed") throw new Error(`set-up frame ${seq} is ${outcome}`);

  const place = (
    orderId: bigint,
    side: Side,
    quantity: bigint,
    price: bigint | null,
    options: PlaceOptions = {},
  ): Promise<Answer> =>
    engine.submit("PlaceOrder", {
      orderId,
      accountId: options.account ?? 1,
      clientOrderId: options.clientOrderId ?? orderId,
      instrumentId: options.instrumentId ?? 1,
      side,
      price,
      quantity,
      timeInForce: options.timeInForce ?? "Gtc",
      postOnly: options.postOnly ?? false,
      selfTrade: options.selfTrade ?? "Allow",
    });

  return {
    engine,
    place,
    bid: (orderId: bigint, quantity: bigint, price: bigint | null, options?: PlaceOptions) =>
      place(orderId, "Bid", quantity, price, options),
    ask: (orderId: bigint, quantity: bigint, price: bigint | null, options?: PlaceOptions) =>
      place(orderId, "Ask", quantity, price, options),
    cancel: (orderId: bigint): Promise<Answer> => engine.submit("CancelOrder", { orderId }),
    reduce: (orderId: bigint, by: bigint): Promise<Answer> => engine.submit("ReduceOrder", { orderId, by }),
    replace: (
      orderId: bigint,
      quantity: bigint,
      price: bigint,
      options: ReplaceOptions = {},
    ): Promise<Answer> =>
      engine.submit("ReplaceOrder", {
        orderId,
        quantity,
        price,
        selfTrade: options.selfTrade ?? "Allow",
        losePriority: options.losePriority ?? false,
      }),
    setState: (state: "Trading" | "Halted"): Promise<Answer> =>
      engine.submit("SetInstrumentState", { instrumentId: 1, state }),
    /** What rests on a side, in the order in which it would trade: `id: remaining @ price`. */
    book: (side: Side): Promise<string[]> => engine.read((view) => bookOf(view, side)),
    /** Runs everything again and closes. */
    async finish(): Promise<boolean> {
      const { identical } = await engine.audit();
      await engine.close();
      return identical;
    },
  };
}

function bookOf(view: View, side: Side): string[] {
  const instrument = view.get(Instrument.byInstrumentId, 1).sysId;
  const lines: string[] = [];
  for (const order of view.list(Order.book, [instrument, side])) {
    lines.push(`${order.orderId}: ${order.remaining} @ ${order.price}`);
  }
  return lines;
}

/** The events of a committed receipt, one readable line each; a reject or fault as its code and detail. */
export function story(receipt: Answer): string[] {
  if (receipt.outcome === "rejected") return [`${receipt.code} ${text(receipt.detail ?? {})}`.trim()];
  if (receipt.outcome === "faulted") return [`faulted ${receipt.code}`];
  return receipt.events.map(({ name, values }) => `${name} ${text(values)}`);
}

function text(values: object): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
