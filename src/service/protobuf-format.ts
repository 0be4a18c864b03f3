/**
 * Bodies in protobuf, both ways: messages of `statevec.v1` and of the domain.
 *
 * Responsible for: which message a request and an answer is. Not responsible for: its bytes (src/proto); receipts and frames
 * are made of the bytes of the history, without objects in between.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { RawFrame } from "../engine/frames.ts";
import type { Frontier } from "../engine/receipt.ts";
import type { ReceiptList } from "../engine/receipts.ts";
import type { Source } from "../engine/view.ts";
import { delimited, encodeSubmitResponse } from "../proto/answers.ts";
import { DomainMessages, messageToBytes } from "../proto/domain-messages.ts";
import { FrameEncoder } from "../proto/frame-encoder.ts";
import type { UnknownFields } from "../proto/message-decoder.ts";
import {
  FRONTIER,
  POSITION,
  RECORDS,
  REFUSAL,
  type RefusalMessage,
  SUBMIT_REQUEST,
  type SubmissionMessage,
} from "../proto/statevec-v1.ts";
import { WireError } from "../proto/wire-error.ts";
import type { SchemaModel } from "../schema/model.ts";
import type { FieldValues } from "../schema/values-json.ts";
import type { Format, FoundRecords, SubmitRequest } from "./format.ts";
import { checkCount, malformed, type Refusal, Refused } from "./refusal.ts";

export class ProtobufFormat implements Format {
  readonly contentType = "application/x-protobuf";
  readonly streamType = "application/x-protobuf; encoding=delimited";
  private readonly unknownFields: UnknownFields;
  private readonly messages: DomainMessages;
  private readonly frames: FrameEncoder;

  constructor(model: SchemaModel, unknownFields: UnknownFields) {
    this.unknownFields = unknownFields;
    this.messages = new DomainMessages(model);
    this.frames = new FrameEncoder(model);
  }

  submitRequest(body: Buffer, max: number): SubmitRequest {
    checkCount(SUBMIT_REQUEST.count("submissions", body), max);
    const { submissions, schema } = decodeRequest(body);
    if (schema.length !== 0 && schema.length !== 32)
      malformed("schema", `${schema.length} bytes`, "32 bytes: the SHA-256 of the canonical schema");
    return {
      schema: schema.length === 0 ? undefined : Buffer.from(schema).toString("hex"),
      count: submissions.length,
      add: (batch, index) => this.addSubmission(batch, index, submissions[index]!),
    };
  }

  private addSubmission(batch: EncodedCommands, index: number, submission: SubmissionMessage): void {
    const { payload, source } = submission;
    const name = this.nameOf(`submissions[${index}]`, submission);
    batch.addBytes(name, payload, { source, unknownFields: this.unknownFields });
  }

  private nameOf(place: string, { command, name }: SubmissionMessage): string {
    const { commands } = this.messages;
    if (command === 0) {
      return (
        commands.named(name)?.name ??
        malformed(`${place}.name`, name, "the name or number of a command of the schema")
      );
    }
    const known = commands.numbered(command);
    if (known === undefined)
      return malformed(`${place}.command`, command, "the number of a command of the schema");
    if (name !== "" && name !== known.name)
      return malformed(`${place}.name`, name, `${known.name}, which has the number ${command}, or no name`);
    return known.name;
  }

  addCommand(batch: EncodedCommands, name: string, body: Buffer, source: Source | undefined): void {
    batch.addBytes(name, body, { source, unknownFields: this.unknownFields });
  }

  submitResponse(receipts: ReceiptList, refusal: Refusal | undefined): Uint8Array {
    const write: Parameters<typeof encodeSubmitResponse>[1] = (index, writer) =>
      receipts.writeAt(index, writer);
    return encodeSubmitResponse(receipts.length, write, refusal && refusalMessage(refusal));
  }

  receipt(receipts: ReceiptList, index: number): Uint8Array {
    return receipts.bytesAt(index)!;
  }

  refusal(refusal: Refusal): Uint8Array {
    return REFUSAL.encode(refusalMessage(refusal));
  }

  records({ seq, kind, records, next }: FoundRecords): Uint8Array {
    const message = this.messages.kinds.named(kind.name)!;
    const found = records.map((record) => ({
      kind: kind.number,
      name: kind.name,
      sysId: record.sysId,
      revision: record.revision,
      values: messageToBytes(message, ownValues(record)),
    }));
    return RECORDS.encode({ seq, records: found, next });
  }

  frontier({ seq, digest }: Frontier): Uint8Array {
    return FRONTIER.encode({ seq, digest: hexToBytes(digest) });
  }

  position(lastSeq: bigint, frame: bigint): Uint8Array {
    return POSITION.encode({ lastSeq, frame });
  }

  frame({ body, digest }: RawFrame): Uint8Array {
    return delimited(this.frames.frame(body, digest));
  }
}

function decodeRequest(body: Buffer) {
  try {
    // The body is read before its buffer is let go.
    return SUBMIT_REQUEST.view(body);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { field, found, expected } = error;
    const message = `${field || "body"}: found ${found}, expected ${expected}; the body is a SubmitRequest of statevec.v1`;
    throw new Refused({ code: "MALFORMED", message, field });
  }
}

function refusalMessage(refusal: Refusal): RefusalMessage {
  const { code, message, index = 0, field = "", expectedSeq = 0n, lastSeq = 0n } = refusal;
  return { code, message, index, field, expectedSeq, lastSeq };
}

/** The fields of a record alone. */
function ownValues({ sysId: _sysId, revision: _revision, ...values }: FieldValues): FieldValues {
  return values;
}
