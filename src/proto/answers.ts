/**
 * Answers that hold what is written straight from the history: receipts and frames.
 *
 * Responsible for: SubmitResponse around receipts, and frames one behind the other in a stream.
 * Not responsible for: their bytes (frame-encoder.ts), the other messages (statevec-v1.ts).
 */
import protobuf from "protobufjs/minimal.js";
import { DELIMITED, tagOf } from "./field-types.ts";
import { REFUSAL, type RefusalMessage } from "./statevec-v1.ts";

const RECEIPTS = 1;
const REFUSED = 2;

/**
 * The SubmitResponse message.
 * @param count how many receipts
 * @param writeReceipt writes the fields of a Receipt message
 */
export function encodeSubmitResponse(
  count: number,
  writeReceipt: (index: number, writer: protobuf.Writer) => void,
  refusal: RefusalMessage | undefined,
): Uint8Array {
  const writer = new protobuf.Writer();
  for (let index = 0; index < count; index++) {
    writer.uint32(tagOf(RECEIPTS, DELIMITED)).fork();
    writeReceipt(index, writer);
    writer.ldelim();
  }
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
