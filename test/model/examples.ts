/**
 * A small schema and a way to run handlers written inside a test.
 *
 * Responsible for: what the examples of docs/reference/execution.md stand on, for the model and the engine alike.
 * Not responsible for: the examples themselves (*.test.ts).
 */
import { defineSchema, type Schema } from "../../src/schema/define-schema.ts";
import * as dsl from "../../src/schema/fields.ts";
import { conserve, invariant } from "../../src/schema/invariants.ts";
import { command, event, reject } from "../../src/schema/messages.ts";
import { record } from "../../src/schema/records.ts";
import type { ModelAnswer, ModelFrame, ModelSource } from "./frames.ts";
import { type Side, type SideOptions, sides } from "./harness.ts";

export const Way = dsl.enumeration("Way", { Buy: 1, Sell: 2, Both: 7 });

/** 64 + 4 + (2 + 8) + 8 + 1 + 1 + (2 + 4) + 8 + 8 + 2 keys of 32: 174 bytes, without index entries. */
export const Item: any = record(
  "Item",
  5,
  {
    id: dsl.u32(1).immutable(),
    label: dsl.text(2, { maxBytes: 8 }).immutable(),
    amount: dsl.u64(3),
    small: dsl.u8(4),
    way: dsl.enumOf(5, Way),
    note: dsl.text(6, { maxBytes: 4 }).nullable(),
    owner: dsl.ref(7, "Item").nullable(),
    price: dsl.decimal(8, { precision: 4, scale: 2 }),
  },
  {
    unique: { byId: ["id"], byLabel: ["label", "id"] },
    indexes: {
      book: ["way", { desc: "amount", when: { way: "Buy" } }],
      notes: [{ desc: "note" }],
      open: { on: ["amount"], where: { way: ["Buy", "Both"] } },
    },
  },
);
export const Account: any = record("Account", 2, {
  currency: dsl.u8(1).immutable(),
  balance: dsl.i64(2),
  credit: dsl.i64(3),
});
export const Happened: any = event("Happened", 1, {
  n: dsl.u32(1),
  text: dsl.text(2, { maxBytes: 80 }).nullable(),
  list: dsl.repeated(dsl.u8(3), { maxItems: 3 }),
});
export const No: any = reject(7, "No.", { n: dsl.u8(1), why: dsl.text(2, { maxBytes: 4 }).nullable() });
export const Do = command("Do", 9, {
  step: dsl.u32(1, { max: 99 }),
  list: dsl.repeated(dsl.i8(4, { min: -1 }), { maxItems: 2 }),
  nick: dsl.text(2, { maxBytes: 4, notEmpty: true }).nullable(),
});

export const schema = defineSchema("examples", {
  records: { Item, Account },
  commands: { Do },
  events: { Happened },
  rejects: { No },
  invariants: {
    BALANCED: conserve(1, "Balances add up.", [{ of: Account, field: "balance", by: ["currency"] }]),
    COVERED: invariant(2, Account, "Credit covers.", {
      balance: { gte: -50n },
      credit: { lte: { field: "balance" } },
    }),
    NOTED: invariant(3, Item, "Not 13.", { amount: { ne: 13n } }),
  },
}) as unknown as Schema;

export const item = { id: 1, label: "a", amount: 10n, small: 1, way: "Buy", price: 100n };
/** Bytes of the values of `item`, without those of its label and with those of its absent fields. */
export const ITEM_BYTES = 4 + 2 + 8 + 1 + 1 + 2 + 8 + 8;

export type Step = (tx: any, num: any) => unknown;
export interface Extra {
  readonly timeNs?: bigint;
  readonly source?: ModelSource;
  readonly payload?: Record<string, unknown>;
}

/** Runs handlers one after the other, each as a command of its own. */
export class Script {
  private readonly side: Side;
  private step: Step = () => undefined;
  private failure: unknown;

  constructor(start: (typeof sides)[number]["start"], options: SideOptions = {}) {
    const handlers = (num: any) => ({ Do: (tx: any) => this.perform(tx, num) });
    this.side = start(schema, handlers, options);
  }

  get first(): ModelFrame {
    return this.side.first;
  }
  answer(step: Step, { timeNs = 0n, source, payload = {} }: Extra = {}): ModelAnswer {
    this.step = step;
    this.failure = undefined;
    const answer = this.side.execute({
      name: "Do",
      payload: { step: 1, list: [], ...payload },
      timeNs,
      source,
    });
    if (this.failure !== undefined) throw this.failure;
    return answer;
  }
  /** A failed expectation inside a handler fails the test, not only the command. */
  private perform(tx: any, num: any): void {
    try {
      this.step(tx, num);
    } catch (error) {
      if (error instanceof Error && error.name === "AssertionError") this.failure = error;
      throw error;
    }
  }
  run(step: Step, extra: Extra = {}): ModelFrame & { readonly work: number } {
    const answer = this.answer(step, extra);
    if ("refused" in answer) throw new Error(`admission refused: ${answer.refused}`);
    return { ...answer.frame, work: answer.work };
  }
  /** Runs a command that must commit. */
  do(step: Step, extra: Extra = {}): ModelFrame & { readonly work: number } {
    const frame = this.run(step, extra);
    if (frame.outcome !== "committed")
      throw new Error(`${frame.outcome} ${frame.code} ${JSON.stringify(frame.detail)}`);
    return frame;
  }
}

/** Names of what is wrong, as tests say it. */
export const fault = (code: number, n = 0) => ({ outcome: "faulted", code, detail: { n } });
export const OVERFLOW = (field: number) => fault(60005, field);
export const LIMIT = (number: number) => fault(60004, number);
export const MISUSE = (reason: number) => fault(60008, reason);
export const MISSING = (kind: number) => fault(60007, kind);
export const INVARIANT = (number: number) => fault(60006, number);
export const OUT_OF_WORK = fault(60002);
export const FAILED = fault(60009);
export const rejected = (n: number, why: string | null = null) => {
  return { outcome: "rejected", code: 7, detail: { n, why } };
};
export { sides };
