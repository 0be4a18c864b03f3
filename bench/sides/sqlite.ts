/**
 * The durable peer: better-sqlite3 doing the same job in SQL, WAL, synchronous FULL, groups of commands in a transaction.
 *
 * The same job: orders with both of their unique keys and the book in price-time order, matching, a row for each trade, and a
 * row for each command with its bytes, outcome and events.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  DIGEST_START,
  foldTrade,
  generateStream,
  KIND_CANCEL,
  KIND_IMMEDIATE,
  KIND_LIMIT,
  type OrderStream,
  SEED_ORDERS,
  SIDE_BUY,
} from "../stream.ts";
import { loadPeer } from "./peer-packages.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

interface Statement {
  run(...values: readonly unknown[]): { readonly changes: number };
  get(...values: readonly unknown[]): unknown;
  iterate(): Iterable<unknown>;
}

interface Database {
  pragma(text: string): unknown;
  exec(text: string): unknown;
  prepare(text: string): Statement;
  close(): void;
}

type DatabasePackage = new (path: string) => Database;

const SEED_GROUP = 1_000;

const DEFINITIONS = `
  CREATE TABLE orders(id INTEGER PRIMARY KEY, account INTEGER NOT NULL, client_order INTEGER NOT NULL,
    instrument INTEGER NOT NULL, side INTEGER NOT NULL, price INTEGER NOT NULL, best_first INTEGER NOT NULL,
    quantity INTEGER NOT NULL, priority INTEGER NOT NULL);
  CREATE UNIQUE INDEX by_client_order ON orders(account, client_order);
  CREATE UNIQUE INDEX book ON orders(instrument, side, best_first, priority);
  CREATE TABLE trades(seq INTEGER NOT NULL, number INTEGER NOT NULL, maker INTEGER NOT NULL, taker INTEGER NOT NULL,
    price INTEGER NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY(seq, number)) WITHOUT ROWID;
  CREATE TABLE audit(seq INTEGER PRIMARY KEY, command BLOB NOT NULL, outcome INTEGER NOT NULL, events TEXT NOT NULL);
`;

function prepareAll(database: Database) {
  const sql = (text: string) => database.prepare(text);
  return {
    insert: sql("INSERT INTO orders VALUES(?,?,?,?,?,?,?,?,?)"),
    best: sql(
      "SELECT id, price, quantity FROM orders WHERE instrument=? AND side=? AND best_first<=? ORDER BY best_first, priority LIMIT 1",
    ),
    byClientOrder: sql("SELECT 1 FROM orders WHERE account=? AND client_order=?"),
    setQuantity: sql("UPDATE orders SET quantity=? WHERE id=?"),
    replace: sql("UPDATE orders SET quantity=?, priority=? WHERE id=?"),
    remove: sql("DELETE FROM orders WHERE id=?"),
    trade: sql("INSERT INTO trades VALUES(?,?,?,?,?,?)"),
    audit: sql("INSERT INTO audit VALUES(?,?,?,?)"),
    begin: sql("BEGIN IMMEDIATE"),
    commit: sql("COMMIT"),
  };
}

interface Maker {
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
}

const OUTCOME_DONE = 0;
const OUTCOME_DUPLICATE = 1;
const OUTCOME_UNKNOWN = 2;

class SqlExchange {
  private readonly stream: OrderStream;
  private readonly commands: readonly Buffer[];
  private readonly statements: ReturnType<typeof prepareAll>;

  constructor(stream: OrderStream, database: Database) {
    this.stream = stream;
    this.commands = commandBytes(stream);
    this.statements = prepareAll(database);
  }

  send(from: number, to: number, group: number): void {
    const { begin, commit } = this.statements;
    for (let at = from; at < to; at += group) {
      begin.run();
      for (let position = at; position < Math.min(at + group, to); position++) this.sendOne(position);
      commit.run();
    }
  }

  private sendOne(position: number): void {
    const { stream, statements } = this;
    const seq = position + 1;
    const kind = stream.kinds[position]!;
    const orderId = stream.orderIds[position]!;
    const events: number[] = [];
    let outcome = OUTCOME_DONE;
    if (kind === KIND_LIMIT || kind === KIND_IMMEDIATE) {
      outcome = this.place(position, seq, events);
    } else {
      const { changes } =
        kind === KIND_CANCEL
          ? statements.remove.run(orderId)
          : statements.replace.run(stream.quantities[position], seq, orderId);
      if (changes === 0) outcome = OUTCOME_UNKNOWN;
    }
    const text = events.length === 0 ? "" : JSON.stringify(events);
    statements.audit.run(seq, this.commands[position], outcome, text);
  }

  private place(position: number, seq: number, events: number[]): number {
    const { stream, statements } = this;
    const account = stream.accounts[position]!;
    const clientOrder = stream.clientOrderIds[position]!;
    if (statements.byClientOrder.get(account, clientOrder) !== undefined) return OUTCOME_DUPLICATE;
    const instrument = stream.instrument[position]!;
    const side = stream.sides[position]!;
    const price = stream.prices[position]!;
    const orderId = stream.orderIds[position]!;
    // Best first is ascending on both sides: sells by price, buys by its negative.
    const limit = side === SIDE_BUY ? price : -price;
    let left = stream.quantities[position]!;
    let number = 0;
    while (left > 0) {
      const maker = statements.best.get(instrument, 1 - side, limit) as Maker | undefined;
      if (maker === undefined) break;
      const traded = Math.min(left, maker.quantity);
      left -= traded;
      if (traded === maker.quantity) statements.remove.run(maker.id);
      else statements.setQuantity.run(maker.quantity - traded, maker.id);
      statements.trade.run(seq, number++, maker.id, orderId, maker.price, traded);
      events.push(maker.id, maker.price, traded);
    }
    if (left > 0 && stream.kinds[position] === KIND_LIMIT) {
      statements.insert.run(
        orderId,
        account,
        clientOrder,
        instrument,
        side,
        price,
        side === SIDE_BUY ? -price : price,
        left,
        seq,
      );
    }
    return OUTCOME_DONE;
  }
}

/** The bytes of each command, 32 of them, as an application would keep them. */
function commandBytes(stream: OrderStream): Buffer[] {
  const bytes = Buffer.alloc(stream.length * 32);
  return Array.from({ length: stream.length }, (_, position) => {
    const command = bytes.subarray(position * 32, position * 32 + 32);
    command.writeUInt8(stream.kinds[position]!, 0);
    command.writeUInt8(stream.sides[position]!, 1);
    command.writeUInt16LE(stream.instrument[position]!, 2);
    command.writeUInt32LE(stream.accounts[position]!, 4);
    command.writeUInt32LE(stream.orderIds[position]!, 8);
    command.writeUInt32LE(stream.prices[position]!, 12);
    command.writeUInt32LE(stream.quantities[position]!, 16);
    command.writeUInt32LE(stream.clientOrderIds[position]!, 20);
    return command;
  });
}

function checkResults(database: Database, stream: OrderStream): void {
  let trades = 0;
  let volume = 0;
  let digest = DIGEST_START | 0;
  const all = database.prepare("SELECT maker, taker, price, quantity FROM trades ORDER BY seq, number");
  for (const trade of all.iterate()) {
    const { maker, taker, price, quantity } = trade as Record<string, number>;
    digest = foldTrade(digest, maker!, taker!, price!, quantity!);
    trades++;
    volume += quantity!;
  }
  const { live } = database.prepare("SELECT count(*) AS live FROM orders").get() as { live: number };
  requireSame("better-sqlite3", { trades, volume, live, digest: digest >>> 0 }, stream.expected);
}

export async function startSqlite(options: SideOptions): Promise<Side> {
  const { instruments, turns, perTurn, directory, group } = options;
  const stream = generateStream(instruments, turns * perTurn);
  const DatabaseClass = loadPeer<DatabasePackage>("better-sqlite3");
  const database = new DatabaseClass(join(directory, "exchange.db"));
  for (const setting of ["journal_mode=WAL", "synchronous=OFF", "cache_size=-262144", "temp_store=MEMORY"]) {
    database.pragma(setting);
  }
  database.pragma("mmap_size=1073741824");
  database.exec(DEFINITIONS);
  const exchange = new SqlExchange(stream, database);
  exchange.send(0, SEED_ORDERS, SEED_GROUP);
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.pragma("synchronous=FULL");
  return {
    turn(turn) {
      const from = SEED_ORDERS + turn * perTurn;
      const start = performance.now();
      exchange.send(from, from + perTurn, group);
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    finish() {
      checkResults(database, stream);
      database.close();
      rmSync(directory, { recursive: true, force: true });
      return {};
    },
  };
}
