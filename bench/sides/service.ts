/**
 * Sealed domains as services: the engine on a file history behind HTTP in one process, and this process as its clients.
 *
 * Requests are made while the clock runs, and every receipt is read: each frame must be answered exactly once, with the outcome of
 * the reference. At the end the state is compared with the reference and the history is audited.
 * Responsible for: sending. Not responsible for: the server (../service-program.ts), what is sent (../ledger-wire.ts,
 * ../exchange-wire.ts).
 */
import { rmSync } from "node:fs";
import { type ReceiptSink, readReceipts } from "../answers.ts";
import { orderTraffic, TRADE, TRADE_QUANTITY } from "../exchange-wire.ts";
import { HttpConnection } from "../http-connection.ts";
import { requireBalances, tallyOf } from "../ledger-stream.ts";
import { paymentTraffic } from "../ledger-wire.ts";
import { withProcessorTime } from "../processor-time.ts";
import { ServiceProcess } from "../service-process.ts";
import type { ServiceEnd } from "../service-program.ts";
import { positionsOf, RequestWriter, SENDERS, type Traffic } from "../traffic.ts";
import type { FieldReader } from "../wire.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

const PATH = "/v1/submit";

/** What the clients were answered. */
class Answers {
  /** By position. */
  readonly outcomes: Uint8Array;
  trades = 0;
  volume = 0;
  readonly #before: number;
  readonly #isAnswered: Uint8Array;

  /** @param before frames that were there before the first request */
  constructor(length: number, before: number) {
    this.outcomes = new Uint8Array(length).fill(0xff);
    this.#before = before;
    this.#isAnswered = new Uint8Array(length + 1);
  }

  take(position: number, seq: number, outcome: number, isDuplicate: boolean): void {
    const at = seq - this.#before;
    if (isDuplicate || !(at > 0 && at < this.#isAnswered.length) || this.#isAnswered[at] === 1)
      throw new Error(`frame ${seq} answers position ${position}: twice, or not of this stream`);
    this.#isAnswered[at] = 1;
    this.outcomes[position] = outcome;
  }

  takeTrade(reader: FieldReader, end: number): void {
    this.trades++;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag >>> 3 === TRADE_QUANTITY) this.volume += reader.varint();
      else reader.skip(tag & 7);
    }
  }
}

/** One connection, and the senders whose commands it carries by turns, a request at a time. */
class Lane implements ReceiptSink {
  readonly #connection: HttpConnection;
  readonly #writer: RequestWriter;
  readonly #answers: Answers;
  readonly #senders: readonly number[];
  readonly #group: number;
  #positions: Uint32Array = new Uint32Array();
  #first = 0;

  constructor(
    connection: HttpConnection,
    traffic: Traffic,
    answers: Answers,
    at: number,
    { connections, group }: SideOptions,
  ) {
    this.#connection = connection;
    this.#writer = new RequestWriter(traffic, group);
    this.#answers = answers;
    this.#senders = Array.from({ length: SENDERS / connections }, (_, index) => at + index * connections);
    this.#group = group;
  }

  /** Sends commands of its senders, in order. */
  async send(positions: readonly Uint32Array[]): Promise<void> {
    const longest = Math.max(...this.#senders.map((sender) => positions[sender]!.length));
    for (let first = 0; first < longest; first += this.#group) {
      for (const sender of this.#senders) {
        const all = positions[sender]!;
        const end = Math.min(first + this.#group, all.length);
        if (first < end) await this.#request(sender, all, first, end);
      }
    }
  }

  #request(sender: number, positions: Uint32Array, first: number, end: number): Promise<void> {
    this.#positions = positions;
    this.#first = first;
    const body = this.#writer.request(sender, positions, first, end);
    return new Promise((resolve, reject) => {
      const done = (answer: Buffer): void => {
        try {
          requireSame("receipts of a request", readReceipts(answer, this), end - first);
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      this.#connection.post(body, done, reject);
    });
  }

  receipt(index: number, seq: number, outcome: number, isDuplicate: boolean): void {
    this.#answers.take(this.#positions[this.#first + index]!, seq, outcome, isDuplicate);
  }

  event(number: number, reader: FieldReader, end: number): void {
    if (number === TRADE) this.#answers.takeTrade(reader, end);
  }

  close(): void {
    this.#connection.close();
  }
}

async function start(
  options: SideOptions,
  what: "ledger" | "exchange",
  traffic: Traffic,
  check: (answers: Answers, end: ServiceEnd) => void,
): Promise<Side> {
  const { perTurn, directory, connections } = options;
  const server = new ServiceProcess();
  const { port, frames: before } = await server.start({ what, directory, length: traffic.length });
  const answers = new Answers(traffic.length, before);
  const lanes: Lane[] = [];
  for (let at = 0; at < connections; at++) {
    lanes.push(new Lane(await HttpConnection.open(port, PATH), traffic, answers, at, options));
  }
  return {
    async turn(turn) {
      const positions = positionsOf(traffic, turn * perTurn, (turn + 1) * perTurn);
      let milliseconds = 0;
      const used = await withProcessorTime(server.pid, perTurn, async () => {
        const start = performance.now();
        await Promise.all(lanes.map((lane) => lane.send(positions)));
        milliseconds = performance.now() - start;
      });
      return { perSecond: perSecond(perTurn, milliseconds), ...used };
    },
    async finish() {
      for (const lane of lanes) lane.close();
      const end = await server.finish();
      requireSame("frames of the service", end.frames - before, traffic.length);
      check(answers, end);
      server.end();
      rmSync(directory, { recursive: true, force: true });
      return {};
    },
  };
}

/** The ledger and the payment stream. */
export function startLedgerService(options: SideOptions): Promise<Side> {
  const { traffic, stream } = paymentTraffic(options.turns * options.perTurn);
  return start(options, "ledger", traffic, ({ outcomes }, { balances }) => {
    requireSame("the ledger service", tallyOf(outcomes), tallyOf(stream.outcomes));
    requireBalances("the ledger service", balances!, stream.balances);
  });
}

/** The exchange and the order stream. */
export function startExchangeService(options: SideOptions): Promise<Side> {
  const { traffic, stream } = orderTraffic(options.turns * options.perTurn);
  return start(options, "exchange", traffic, ({ outcomes, trades, volume }, { live, seeded }) => {
    requireSame("the exchange service", tallyOf(outcomes)[0], traffic.length);
    const { expected } = stream;
    const all = { trades: trades + seeded!.trades, volume: volume + seeded!.volume, live };
    requireSame("the exchange service", all, {
      trades: expected.trades,
      volume: expected.volume,
      live: expected.live,
    });
  });
}
