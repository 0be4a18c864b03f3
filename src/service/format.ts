/**
 * What a type of body can do: the two of them, JSON and protobuf, have this in common.
 *
 * Not responsible for: which of them a request and its answer have (media-type.ts).
 */
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { RawFrame } from "../engine/frames.ts";
import type { Frontier } from "../engine/receipt.ts";
import type { ReceiptList } from "../engine/receipts.ts";
import type { Source } from "../engine/view.ts";
import type { KindModel } from "../schema/model.ts";
import type { FieldValues } from "../schema/values-json.ts";
import type { Refusal } from "./refusal.ts";

/** The body of `POST /v1/submit`, taken apart. */
export interface SubmitRequest {
  /** SHA-256 of the sender's schema in hex, if it said so. */
  readonly schema: string | undefined;
  readonly count: number;
  /**
   * Adds a submission to a batch.
   * @throws {Refused | AdmissionError | UsageError} it is none; the batch is as before
   */
  add(batch: EncodedCommands, index: number): void;
}

/** Live records of one state. */
export interface FoundRecords {
  readonly seq: bigint;
  readonly kind: KindModel;
  /** With their fields beside. */
  readonly records: readonly (FieldValues & { readonly sysId: bigint; readonly revision: number })[];
  /** SysId of the last record if the list goes on, else 0. */
  readonly next: bigint;
}

export type Body = string | Uint8Array;

export interface Format {
  /** Of answers, and of the answer that is a stream of frames. */
  readonly contentType: string;
  readonly streamType: string;

  /** @throws {Refused} the body is no request, or one of more than `max` submissions */
  submitRequest(body: Buffer, max: number): SubmitRequest;
  /** Adds a command whose payload is the body. @throws as `SubmitRequest.add` */
  addCommand(batch: EncodedCommands, name: string, body: Buffer, source: Source | undefined): void;

  submitResponse(receipts: ReceiptList, refusal: Refusal | undefined): Body;
  receipt(receipts: ReceiptList, index: number): Body;
  refusal(refusal: Refusal): Body;
  records(found: FoundRecords): Body;
  frontier(frontier: Frontier): Body;
  /** Zeros: the source has used no seq. */
  position(lastSeq: bigint, frame: bigint): Body;
  /** A frame with what separates it from the next in a stream. */
  frame(frame: RawFrame): Body;
}
