/**
 * Commands of the payment stream as payloads of the ledger's `.proto`. All sides keep or send the same bytes.
 *
 * Not responsible for: which commands there are (ledger-stream.ts), fields (wire.ts).
 */
import {
  CAPTURE_HOLD,
  EXPIRES_NS,
  generateLedgerStream,
  type LedgerStream,
  PLACE_HOLD,
  POST_TRANSFER,
  RELEASE_HOLD,
} from "./ledger-stream.ts";
import { SENDERS, type Traffic } from "./traffic.ts";
import { FieldWriter } from "./wire.ts";

/** No payload is longer. */
const PAYLOAD_BYTES_MAX = 64;

function writePayload(writer: FieldWriter, stream: LedgerStream, position: number): void {
  const kind = stream.kinds[position]!;
  const cents = stream.cents[position]!;
  writer.uint(1, stream.ids[position]!);
  switch (kind) {
    case POST_TRANSFER:
    case PLACE_HOLD:
      writer.uint(2, stream.from[position]!);
      writer.uint(3, stream.to[position]!);
      writer.amount(4, cents);
      if (kind === PLACE_HOLD) writer.fixed64(5, EXPIRES_NS);
      return;
    case CAPTURE_HOLD:
      writer.uint(2, stream.holdIds[position]!);
      if (cents > 0) writer.amount(3, cents);
      writer.uint(4, stream.releases[position]!);
      return;
    case RELEASE_HOLD:
      return;
    default:
      throw new Error(`position ${position} has the kind ${kind}`);
  }
}

/** The payload of a command, in memory of its own. */
export function payloadOf(stream: LedgerStream, position: number): Buffer {
  const writer = new FieldWriter(PAYLOAD_BYTES_MAX);
  writePayload(writer, stream, position);
  return writer.buffer.subarray(0, writer.end);
}

/** The payment stream as traffic of the service; with the right answers. */
export function paymentTraffic(length: number): { readonly traffic: Traffic; readonly stream: LedgerStream } {
  const stream = generateLedgerStream(length);
  const traffic = {
    length,
    senderAt: (position: number) => position % SENDERS,
    commandAt: (position: number) => stream.kinds[position]!,
    writePayload: (writer: FieldWriter, position: number) => writePayload(writer, stream, position),
  };
  return { traffic, stream };
}
