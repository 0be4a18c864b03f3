/** The exchange, handler by handler, against the reference model: random order flow with many collisions. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { type OpenProgram, programOf } from "../../src/engine/domain.ts";
import type { Schema } from "../../src/schema/define-schema.ts";
import { startEngine } from "./executor.ts";
import type { ModelCommand } from "./frames.ts";
import { type Handlers, startModel } from "./harness.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const schema = exchange.schema as unknown as Schema;
const handlers: Handlers = () =>
  (programOf(exchange as never) as OpenProgram).handlers as ReturnType<Handlers>;

const id = fc.integer({ min: 1, max: 2 });
const orderId = fc.bigInt({ min: 1n, max: 14n });
const price = fc.bigInt({ min: 9n, max: 13n });
const quantity = fc.bigInt({ min: 0n, max: 9n }).map((lots) => lots * 2n);
const selfTrade = fc.constantFrom("Allow", "ExpireMaker", "ExpireTaker", "ExpireBoth");
const bool = fc.boolean();

const place = fc.record({
  orderId,
  accountId: id,
  clientOrderId: orderId,
  instrumentId: id,
  side: fc.constantFrom("Bid", "Ask"),
  price: fc.option(price, { freq: 6 }),
  quantity,
  timeInForce: fc.constantFrom("Gtc", "Gtc", "Gtc", "Ioc", "Fok"),
  postOnly: fc.nat(5).map((draw) => draw === 5),
  selfTrade,
});
const named = <T>(name: string, payload: fc.Arbitrary<T>) =>
  payload.map((values) => ({ name, payload: values }));
const halted = fc.constantFrom("Trading", "Trading", "Trading", "Halted");
const flow = fc.oneof(
  { weight: 12, arbitrary: named("PlaceOrder", place) },
  { weight: 3, arbitrary: named("CancelOrder", fc.record({ orderId })) },
  { weight: 3, arbitrary: named("ReduceOrder", fc.record({ orderId, by: quantity })) },
  {
    weight: 4,
    arbitrary: named("ReplaceOrder", fc.record({ orderId, price, quantity, selfTrade, losePriority: bool })),
  },
  { weight: 1, arbitrary: named("SetInstrumentState", fc.record({ instrumentId: id, state: halted })) },
);
const opening = [
  { name: "AddInstrument", payload: { instrumentId: 1, symbol: "A", tickSize: 1n, lotSize: 2n } },
  { name: "AddInstrument", payload: { instrumentId: 2, symbol: "B", tickSize: 2n, lotSize: 1n } },
  { name: "OpenAccount", payload: { accountId: 1 } },
  { name: "OpenAccount", payload: { accountId: 2 } },
];

describe(`the exchange, seed ${SEED}`, () => {
  test("the engine makes the frames of the model; every command trades, rests and is refused", () => {
    const seen = new Map<string, number>();
    const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
    const law = fc.property(fc.array(flow, { minLength: 30, maxLength: 60, size: "max" }), (commands) => {
      const [model, engine] = [startModel(schema, handlers), startEngine(schema, handlers)];
      [...opening, ...commands].forEach((one, at) => {
        const command: ModelCommand = { ...one, timeNs: BigInt(at) };
        const expected = model.execute(command);
        expect(engine.execute(command), `command ${at}, ${one.name}`).toEqual(expected);
        if ("refused" in expected) return;
        const { frame } = expected;
        count(`${one.name} ${frame.outcome}`);
        if (frame.outcome === "rejected") count(`reject ${frame.code}`);
        for (const event of frame.events) count(`event ${event.number}`);
      });
    });
    fc.assert(law, { numRuns: 40, seed: SEED });
    const names = ["PlaceOrder", "CancelOrder", "ReduceOrder", "ReplaceOrder", "SetInstrumentState"];
    const wanted = names
      .map((name) => `${name} committed`)
      .concat([1, 2, 3, 4].map((event) => `event ${event}`));
    for (const code of [2, 4, 5, 6, 7, 8, 9, 10, 11]) wanted.push(`reject ${code}`);
    expect(wanted.filter((key) => (seen.get(key) ?? 0) < 5)).toEqual([]);
  });
});
