/**
 * Bodies in JSON, both ways.
 *
 * Responsible for: the members of answers; values have the one JSON form of docs/reference/cli.md.
 * Not responsible for: requests (json-requests.ts), the form of single values (src/schema/values-json.ts).
 */
import type { Binding } from "../engine/binding.ts";
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { RawFrame } from "../engine/frames.ts";
import type { Frontier } from "../engine/receipt.ts";
import { receiptForJson } from "../engine/receipt-json.ts";
import type { ReceiptList } from "../engine/receipts.ts";
import type { Source } from "../engine/view.ts";
import { type FrameDecoder, frameDecoder } from "../history/frame.ts";
import { frameForJson } from "../history/frame-json.ts";
import type { SchemaModel } from "../schema/model.ts";
import { jsonText, valuesForJson } from "../schema/values-json.ts";
import type { Format, FoundRecords, SubmitRequest } from "./format.ts";
import { JsonRequests } from "./json-requests.ts";
import type { Refusal } from "./refusal.ts";

export class JsonFormat implements Format {
  readonly contentType = "application/json";
  readonly streamType = "application/x-ndjson";
  private readonly model: SchemaModel;
  private readonly requests: JsonRequests;
  private readonly frames: FrameDecoder;

  constructor(binding: Binding) {
    this.model = binding.model;
    this.requests = new JsonRequests(binding);
    this.frames = frameDecoder(binding.model);
  }

  submitRequest(body: Buffer, max: number): SubmitRequest {
    return this.requests.submitRequest(body, max);
  }

  addCommand(batch: EncodedCommands, name: string, body: Buffer, source: Source | undefined): void {
    this.requests.addCommand(batch, name, body, source);
  }

  submitResponse(receipts: ReceiptList, refusal: Refusal | undefined): string {
    let text = '{"receipts":[';
    for (let index = 0; index < receipts.length; index++) {
      if (index > 0) text += ",";
      text += this.receipt(receipts, index);
    }
    return refusal === undefined ? `${text}]}` : `${text}],"refusal":${this.refusal(refusal)}}`;
  }

  receipt(receipts: ReceiptList, index: number): string {
    return jsonText(receiptForJson(receipts.at(index)!, this.model));
  }

  refusal(refusal: Refusal): string {
    return jsonText(refusal);
  }

  records({ seq, kind, records, next }: FoundRecords): string {
    const found = records.map((record) => {
      const { sysId, revision } = record;
      return { kind: kind.name, sysId, revision, values: valuesForJson(kind.fields, record) };
    });
    return jsonText({ seq, records: found, next: next === 0n ? null : next });
  }

  frontier({ seq, digest }: Frontier): string {
    return jsonText({ seq, digest });
  }

  position(lastSeq: bigint, frame: bigint): string {
    return jsonText({ lastSeq, frame });
  }

  frame({ body, digest }: RawFrame): string {
    return `${jsonText(frameForJson(this.frames.decode(body, digest), this.model))}\n`;
  }
}
