/**
 * Bodies in JSON, both ways.
 *
 * Responsible for: the members of answers; values have the one JSON form of docs/reference/cli.md.
 * Not responsible for: requests (json-requests.ts), the form of single values (src/schema/values-json.ts).
 */
import type { EncodedCommands } from "../engine/command-batch.ts";
import type { RawFrame } from "../engine/frames.ts";
import type { AnyReceipt, Frontier } from "../engine/receipt.ts";
import type { ReceiptList } from "../engine/receipts.ts";
import type { Source } from "../engine/view.ts";
import { type FrameDecoder, frameDecoder } from "../history/frame.ts";
import { frameForJson } from "../history/frame-json.ts";
import type { FieldModel, SchemaModel } from "../schema/model.ts";
import { type FieldValues, jsonText, valuesForJson } from "../schema/values-json.ts";
import type { Format, FoundRecords, SubmitRequest } from "./format.ts";
import { JsonRequests } from "./json-requests.ts";
import type { Refusal } from "./refusal.ts";

type Fields = ReadonlyMap<string, readonly FieldModel[]>;

const fieldsByName = (owners: SchemaModel["events"]): Fields =>
  new Map(owners.map(({ name, fields }) => [name, fields]));

export class JsonFormat implements Format {
  readonly contentType = "application/json";
  readonly streamType = "application/x-ndjson";
  private readonly model: SchemaModel;
  private readonly events: Fields;
  private readonly rejects: Fields;
  private readonly requests: JsonRequests;
  private readonly frames: FrameDecoder;

  constructor(model: SchemaModel) {
    this.model = model;
    this.events = fieldsByName(model.events);
    this.rejects = fieldsByName(model.rejects);
    this.requests = new JsonRequests(model);
    this.frames = frameDecoder(model);
  }

  submitRequest(body: Buffer): SubmitRequest {
    return this.requests.submitRequest(body);
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
    const receipt = receipts.at(index)!;
    const head = `{"seq":"${receipt.seq}","digest":"${receipt.digest}","duplicate":${receipt.duplicate}`;
    const reason = receipt.outcome === "committed" ? "" : `,${this.reasonText(receipt)}`;
    return `${head},"outcome":"${receipt.outcome}"${reason},"events":[${this.eventsText(receipt)}]}`;
  }

  private reasonText({
    outcome,
    code,
    detail,
  }: AnyReceipt & { readonly outcome: "rejected" | "faulted" }): string {
    const fields = outcome === "rejected" ? this.rejects.get(code) : undefined;
    const values = fields === undefined ? detail : valuesForJson(fields, detail as FieldValues);
    return `"code":${JSON.stringify(code)},"detail":${jsonText(values)}`;
  }

  private eventsText({ events }: AnyReceipt): string {
    let text = "";
    for (const { name, values } of events) {
      const fields = this.events.get(name)!;
      if (text !== "") text += ",";
      text += `{"name":${JSON.stringify(name)},"values":${jsonText(valuesForJson(fields, values as FieldValues))}}`;
    }
    return text;
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
