/**
 * A domain with every part that a test can expect: inserts, updates, deletes, events, rejects, a fault, refs, a nullable
 * field, an immutable one, a conserved sum, and handlers that fail in the ways a test kit must show.
 */
import { defineDomain } from "statevec";
import {
  bytes,
  command,
  conserve,
  defineSchema,
  enumeration,
  enumOf,
  event,
  i64,
  record,
  ref,
  reject,
  repeated,
  text,
  u64,
} from "statevec/schema";

export const State = enumeration("State", { Open: 1, Paid: 2 });

export const Customer = record(
  "Customer",
  1,
  {
    customer: text(1, { maxBytes: 16 }).immutable(),
    credit: i64(2),
    note: text(3, { maxBytes: 16 }).nullable(),
  },
  { unique: { byName: ["customer"] } },
);
export const Invoice = record(
  "Invoice",
  2,
  {
    number: u64(1).immutable(),
    customer: ref(2, Customer).immutable(),
    amount: i64(3),
    state: enumOf(4, State),
    mark: bytes(5, { maxBytes: 4 }),
  },
  { unique: { byNumber: ["number"] } },
);

const customer = text(1, { maxBytes: 16 });
const Fund = command("Fund", 5, { customer, credit: i64(2) });
const Issue = command("Issue", 1, { customer, number: u64(2), amount: i64(3, { min: 1n }) });
const Pay = command("Pay", 2, { number: u64(1) });
const Drop = command("Drop", 3, { number: u64(1) });
const Break = command("Break", 4, { how: text(1, { maxBytes: 16 }) });

export const Issued = event("Issued", 1, {
  number: u64(1),
  amount: i64(2),
  lines: repeated(u64(3), { maxItems: 4 }),
});
export const Dropped = event("Dropped", 2, { number: u64(1) });

export const Reject = {
  NO_CUSTOMER: reject(1, "No customer has this name."),
  NO_CREDIT: reject(2, "The customer's credit is smaller than the amount.", { credit: i64(1) }),
};

const schema = defineSchema("shop", {
  records: { Customer, Invoice },
  commands: { Fund, Issue, Pay, Drop, Break },
  events: { Issued, Dropped },
  rejects: Reject,
  invariants: {
    BALANCED: conserve(1, "Credit only moves between customers and invoices.", [
      { of: Customer, field: "credit" },
      { of: Invoice, field: "amount" },
    ]),
  },
});

/** @param mode what is wrong with the handlers: `counting` keeps state outside of the tx */
export function makeShop(mode: "sound" | "counting" = "sound") {
  let calls = 0n;
  return defineDomain(schema, {
    revision: 1,
    handlers: {
      Fund(tx, cmd) {
        const source =
          tx.find(Customer.byName, "source") ?? tx.create(Customer, { customer: "source", credit: 0n });
        tx.update(source, { credit: source.credit - cmd.credit });
        tx.create(Customer, cmd);
      },
      Issue(tx, cmd) {
        const customer = tx.find(Customer.byName, cmd.customer) ?? tx.reject(Reject.NO_CUSTOMER);
        const { credit } = customer;
        if (credit < cmd.amount) return tx.reject(Reject.NO_CREDIT, { credit });
        calls++;
        tx.update(customer, { credit: credit - cmd.amount });
        tx.create(Invoice, {
          number: cmd.number,
          customer: customer.sysId,
          amount: cmd.amount,
          state: "Open",
          mark: new Uint8Array([1, 2]),
        });
        const lines = [1n, mode === "counting" ? calls : 2n];
        tx.emit(Issued, { number: cmd.number, amount: cmd.amount, lines });
      },
      Pay(tx, { number }) {
        tx.update(tx.get(Invoice.byNumber, number), { state: "Paid" });
      },
      Drop(tx, { number }) {
        const invoice = tx.get(Invoice.byNumber, number);
        const customer = tx.get(Customer, invoice.customer);
        tx.update(customer, { credit: customer.credit + invoice.amount });
        tx.delete(invoice);
        tx.emit(Dropped, { number });
      },
      Break(tx, { how }) {
        if (how === "misuse") tx.create(Customer, { customer: "eve", credit: 1n << 63n });
        if (how === "clock") Date.now();
        throw new Error(`broken by ${how}`);
      },
    },
  });
}

export const shop = makeShop();
