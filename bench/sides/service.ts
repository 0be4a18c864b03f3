/**
 * The ledger as a service: the sealed ledger on a file history behind HTTP in one process, and this process as its clients.
 *
 * Requests are made while the clock runs, and every receipt is read: each frame must be answered exactly once, with the outcome of
 * the reference. At the end balances are compared and the history is audited.
 * Responsible for: sending the stream. Not responsible for: the server (../service-program.ts).
 */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HttpConnection } from "../http-connection.ts";
import { readReceipts } from "../ledger-answers.ts";
import {
  generateLedgerStream,
  type LedgerStream,
  requireBalances,
  SOURCES,
  tallyOf,
} from "../ledger-stream.ts";
import { RequestWriter } from "../ledger-wire.ts";
import type { ServiceReply, ServiceRequest } from "../service-program.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

const PROGRAM = fileURLToPath(new URL("../service-program.js", import.meta.url));
const PATH = "/v1/submit";
const CLIENT = 1;

class ServerProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(PROGRAM, [], { stdio: ["ignore", 2, 2, "ipc"], serialization: "advanced" });
  }

  ask(request: ServiceRequest): Promise<Exclude<ServiceReply, { failure: string }>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the server ended with ${code}`));
      this.#child.once("exit", onExit);
      this.#child.once("message", (reply: ServiceReply) => {
        this.#child.off("exit", onExit);
        if ("failure" in reply) reject(new Error(`the server: ${reply.failure}`));
        else resolve(reply);
      });
      this.#child.send(request);
    });
  }

  end(): void {
    this.#child.disconnect();
  }
}

/** What the clients were answered, by position; which frames they were told of. */
class Answers {
  readonly outcomes: Uint8Array;
  readonly #before: number;
  readonly #isAnswered: Uint8Array;

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
}

/** One connection, and the senders whose commands it carries by turns, a request at a time. */
class Lane {
  readonly #connection: HttpConnection;
  readonly #writer: RequestWriter;
  readonly #answers: Answers;
  readonly #sources: readonly number[];
  readonly #commands: number;

  constructor(
    connection: HttpConnection,
    stream: LedgerStream,
    answers: Answers,
    at: number,
    options: SideOptions,
  ) {
    const { connections, group } = options;
    this.#connection = connection;
    this.#writer = new RequestWriter(stream, CLIENT, group);
    this.#answers = answers;
    this.#sources = Array.from({ length: SOURCES / connections }, (_, index) => at + index * connections);
    this.#commands = group;
  }

  /** Sends commands `from` to before `to` of each of its senders. */
  send(from: number, to: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let turn = 0;
      let first = from;
      let source = 0;
      let end = 0;
      const next = (): void => {
        if (turn === this.#sources.length) {
          turn = 0;
          first += this.#commands;
        }
        if (first >= to) return resolve();
        source = this.#sources[turn++]!;
        end = Math.min(first + this.#commands, to);
        this.#connection.post(this.#writer.request(source, first, end), done, reject);
      };
      const done = (body: Buffer): void => {
        try {
          const count = readReceipts(body, (index, seq, outcome, isDuplicate) =>
            this.#answers.take((first + index) * SOURCES + source, seq, outcome, isDuplicate),
          );
          if (count !== end - first) throw new Error(`found ${count} receipts, expected ${end - first}`);
          next();
        } catch (error) {
          reject(error);
        }
      };
      next();
    });
  }

  close(): void {
    this.#connection.close();
  }
}

export async function startService(options: SideOptions): Promise<Side> {
  const { turns, perTurn, directory, connections } = options;
  const stream = generateLedgerStream(turns * perTurn);
  const server = new ServerProcess();
  const started = await server.ask({ say: "start", directory });
  if (!("port" in started)) throw new Error("the server did not say its port");
  const answers = new Answers(stream.length, started.frames);
  const lanes: Lane[] = [];
  for (let at = 0; at < connections; at++) {
    lanes.push(new Lane(await HttpConnection.open(started.port, PATH), stream, answers, at, options));
  }
  const perSource = perTurn / SOURCES;
  return {
    async turn(turn) {
      const from = turn * perSource;
      const start = performance.now();
      await Promise.all(lanes.map((lane) => lane.send(from, from + perSource)));
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    async finish() {
      requireSame("the service", tallyOf(answers.outcomes), tallyOf(stream.outcomes));
      for (const lane of lanes) lane.close();
      const ended = await server.ask({ say: "finish" });
      if (!("balances" in ended)) throw new Error("the server did not say its balances");
      requireSame("frames of the service", ended.frames - started.frames, stream.length);
      requireBalances("the service", ended.balances, stream.balances);
      server.end();
      rmSync(directory, { recursive: true, force: true });
      return {};
    },
  };
}
