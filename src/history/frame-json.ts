/**
 * The JSON form of a frame: names, values as docs/reference/cli.md says, nothing left out.
 *
 * Responsible for: objects for `jsonText`. Not responsible for: the form of single values (src/schema/values-json.ts).
 */

import type { FieldModel, SchemaModel } from "../schema/model.ts";
import { type FieldValues, valuesForJson } from "../schema/values-json.ts";
import type { CommandFrame, DecodedFrame, FrameDelta, FrameEvent } from "./frame.ts";

/** Fields of a kind, command or event by its name. */
export function fieldsOf(
  owners: readonly { readonly name: string; readonly fields: readonly FieldModel[] }[],
  name: string,
): readonly FieldModel[] {
  return owners.find((owner) => owner.name === name)?.fields ?? [];
}

/** Fields of the details of a frame: those that the schema declares for its reject code, else none. */
export function detailFields(frame: CommandFrame, model: SchemaModel): readonly FieldModel[] {
  return model.rejects.find(({ number }) => number === frame.codeNumber)?.fields ?? [];
}

/** Named detail of a reject or fault. */
export function detailForJson(frame: CommandFrame, model: SchemaModel): FieldValues | null {
  if (frame.detail === null) return null;
  const fields = detailFields(frame, model);
  return fields.length === 0 ? frame.detail : valuesForJson(fields, frame.detail);
}

/** One changed record. */
export function deltaForJson(delta: FrameDelta, model: SchemaModel): object {
  const fields = fieldsOf(model.kinds, delta.kind);
  const { op, kind, sysId, revision, previous } = delta;
  const values = {
    ...("before" in delta ? { before: valuesForJson(fields, delta.before) } : {}),
    ...("after" in delta ? { after: valuesForJson(fields, delta.after) } : {}),
  };
  return { op, kind, sysId, revision, previous, ...values };
}

export function eventForJson({ name, values }: FrameEvent, model: SchemaModel): object {
  return { name, values: valuesForJson(fieldsOf(model.events, name), values) };
}

/** For `jsonText`. */
export function frameForJson(frame: DecodedFrame, model: SchemaModel): object {
  const { type, seq, timeNs, epoch, bytes, digest } = frame;
  const head = { seq, type, timeNs, epoch, bytes, digest };
  switch (frame.type) {
    case "epoch": {
      const { program, semantics, parent, limits, fingerprint, schema } = frame;
      return { ...head, program, semantics, parent, limits, schema: schema.name, fingerprint };
    }
    case "retire":
      return { ...head, client: frame.client, stream: frame.stream };
    case "checkpoint":
      return { ...head, stateSeq: frame.stateSeq, stateDigest: frame.stateDigest };
    case "command":
      return {
        ...head,
        command: frame.command,
        source: frame.source,
        payload: valuesForJson(fieldsOf(model.commands, frame.command), frame.payload),
        outcome: frame.outcome,
        code: frame.code,
        detail: detailForJson(frame, model),
        sysIds: frame.sysIds,
        delta: frame.deltas.map((delta) => deltaForJson(delta, model)),
        events: frame.events.map((event) => eventForJson(event, model)),
      };
  }
}
