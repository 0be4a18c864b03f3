/**
 * A small domain with many field types, for the tests of the command line: a shop with customers and their orders.
 *
 * Responsible for: one domain under a default shape, as a user's module would export it.
 */
import { defineDomain } from "statevec";
import {
  bool,
  bytes,
  command,
  decimal,
  defineSchema,
  enumeration,
  enumOf,
  event,
  invariant,
  record,
  ref,
  reject,
  text,
  u32,
} from "statevec/schema";

const Status = enumeration("Status", { Open: 1, Paid: 2 });

export const Customer = record(
  "Customer",
  1,
  {
    login: text(1, { maxBytes: 32 }).immutable(),
    badge: bytes(2, { maxBytes: 4 }).nullable(),
    about: text(3, { maxBytes: 2_000 }).nullable(),
  },
  { unique: { byLogin: ["login"] } },
);

export const Order = record(
  "Order",
  2,
  {
    number: u32(1).immutable(),
    customer: ref(2, Customer).immutable(),
    amount: decimal(3, { precision: 12, scale: 2 }),
    status: enumOf(4, Status),
    isGift: bool(5),
  },
  {
    unique: { byNumber: ["customer", "number"] },
    indexes: {
      byAmount: ["status", { desc: "amount", when: { status: "Open" } }],
      open: { on: ["amount"], where: { status: ["Open"] } },
    },
  },
);

const Join = command("Join", 1, {
  login: text(1, { maxBytes: 32, notEmpty: true }),
  badge: bytes(2, { maxBytes: 4 }).nullable(),
  about: text(3, { maxBytes: 2_000 }).nullable(),
});
const Buy = command("Buy", 2, {
  login: text(1, { maxBytes: 32 }),
  number: u32(2),
  amount: decimal(3, { precision: 12, scale: 2 }),
});
const Pay = command("Pay", 3, { login: text(1, { maxBytes: 32 }), number: u32(2) });

const Paid = event("Paid", 1, { number: u32(1), amount: decimal(2, { precision: 12, scale: 2 }) });

const Reject = {
  UNKNOWN_CUSTOMER: reject(1, "No customer has this login.", { login: text(1, { maxBytes: 32 }) }),
};

export const shop = defineDomain(
  defineSchema("shop", {
    records: { Customer, Order },
    commands: { Join, Buy, Pay },
    events: { Paid },
    rejects: Reject,
    invariants: {
      HAS_PRICE: invariant(1, Order, "An order costs something.", { amount: { gt: 0n as never } }),
    },
  }),
  {
    revision: 1,
    handlers: {
      Join(tx, { login, badge, about }) {
        tx.create(Customer, { login, badge, about });
      },
      Buy(tx, { login, number, amount }) {
        const customer = tx.find(Customer.byLogin, login) ?? tx.reject(Reject.UNKNOWN_CUSTOMER, { login });
        tx.create(Order, { number, customer: customer.sysId, amount, status: "Open", isGift: false });
      },
      Pay(tx, { login, number }) {
        const order = tx.get(Order.byNumber, tx.get(Customer.byLogin, login).sysId, number);
        tx.update(order, { status: "Paid" });
        tx.emit(Paid, { number, amount: order.amount });
      },
    },
  },
);
