/**
 * What clients send to a service: commands of many senders, in requests of statevec.v1.
 *
 * Responsible for: who sends what in which order, and SubmitRequests.
 * Not responsible for: payloads (ledger-wire.ts, exchange-wire.ts), connections (sides/service.ts).
 */
import { FieldWriter } from "./wire.ts";

/** How many senders, each a stream of its own for exactly-once. */
export const SENDERS = 64;
const CLIENT = 1;
/** No submission is longer. */
const SUBMISSION_BYTES_MAX = 128;

/** Commands by position. What becomes of one depends on earlier ones of its own sender alone. */
export interface Traffic {
  readonly length: number;
  senderAt(position: number): number;
  /** The number of its command in the schema. */
  commandAt(position: number): number;
  writePayload(writer: FieldWriter, position: number): void;
}

/** The positions of each sender in a part of the traffic. */
export function positionsOf(traffic: Traffic, from: number, to: number): Uint32Array[] {
  const positions: number[][] = Array.from({ length: SENDERS }, () => []);
  for (let position = from; position < to; position++) positions[traffic.senderAt(position)]!.push(position);
  return positions.map((all) => Uint32Array.from(all));
}

/** Makes SubmitRequests in one buffer: each is good until the next. */
export class RequestWriter {
  readonly #writer: FieldWriter;
  readonly #traffic: Traffic;
  /** The last seq of each sender. */
  readonly #seqs = new Uint32Array(SENDERS);

  /** @param commandsMax of one request */
  constructor(traffic: Traffic, commandsMax: number) {
    this.#writer = new FieldWriter(commandsMax * SUBMISSION_BYTES_MAX);
    this.#traffic = traffic;
  }

  /** The next commands of a sender: those of `positions` from `first` to before `end`. */
  request(sender: number, positions: Uint32Array, first: number, end: number): Buffer {
    const writer = this.#writer;
    const traffic = this.#traffic;
    let seq = this.#seqs[sender]!;
    writer.end = 0;
    for (let at = first; at < end; at++) {
      const position = positions[at]!;
      const submission = writer.open(1);
      writer.uint(1, traffic.commandAt(position));
      const payload = writer.open(3);
      traffic.writePayload(writer, position);
      writer.close(payload);
      const source = writer.open(4);
      writer.uint(1, CLIENT);
      // A stream number of the order stream's own setup is not among them: they begin with 2.
      writer.uint(2, sender + 2);
      writer.uint(3, ++seq);
      writer.close(source);
      writer.close(submission);
    }
    this.#seqs[sender] = seq;
    return writer.buffer.subarray(0, writer.end);
  }
}
