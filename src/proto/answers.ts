/**
 * Answers that hold messages which are bytes already: receipts and frames straight from the history.
 *
 * Responsible for: SubmitResponse around the bytes of receipts, and frames one behind the other in a stream.
 * Not responsible for: those bytes (frame-encoder.ts), the other messages (statevec-v1.ts).
 */
import protobuf from "protobufjs/minimal.js";
import { DELIMITED, tagOf } from "./field-types.ts";
import { REFUSAL, type RefusalMessage } from "./statevec-v1.ts";

const RECEIPTS = 1;
const REFUSED = 2;

/**
 * The SubmitResponse message.
 * @param count how many receipts
 * @param receipt the bytes of each Receipt message
 */
export function encodeSubmitResponse(
  count: number,
  receipt: (index: number) => Uint8Array,
  refusal: RefusalMessage | undefined,
): Uint8Array {
  const writer = new protobuf.Writer();
  for (let index = 0; index < count; index++) writer.uint32(tagOf(RECEIPTS, DELIMITED)).bytes(receipt(index));
  if (refusal !== undefined) {
    writer.uint32(tagOf(REFUSED, DELIMITED)).fork();
    REFUSAL.write(refusal, writer);
    writer.ldelim();
  }
  return writer.finish();
}

/** A message behind its length as a varint, as streams have it. */
export function delimited(message: Uint8Array): Uint8Array {
  return new protobuf.Writer().bytes(message).finish();
}
