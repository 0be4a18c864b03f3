/**
 * A schema bound to a core: what stands between a definition object and its positions, codecs and views.
 *
 * Responsible for: finding all of it once, so that an operation costs one Map look-up. Not responsible for: operations.
 */
import { MessageDecoder } from "../proto/message-decoder.ts";
import { compileCodecs, type GroupCodec, type RecordCodec } from "../schema/codec.ts";
import { definitionsOf, modelOf } from "../schema/define-schema.ts";
import type { AnyRecord, Schema } from "../schema/index.ts";
import { slotOf } from "../schema/layout.ts";
import type { FieldModel, KindModel, PathModel, SchemaModel } from "../schema/model.ts";
import type { ValueCodec } from "../schema/value-codec.ts";

/** A field of a record: where it is and how it is written and read. */
export interface BoundField {
  readonly name: string;
  readonly position: number;
  readonly model: FieldModel;
  /** From the start of the slot. */
  readonly offset: number;
  /** Writes and reads one value where it lies. */
  readonly value: ValueCodec;
  /** Bytes of the slot that the value may fill; text and bytes are zero beyond their length. */
  readonly width: number;
  /** text, bytes */
  readonly isVariable: boolean;
}

/** A record kind. */
export interface BoundKind {
  readonly name: string;
  readonly position: number;
  readonly number: number;
  readonly model: KindModel;
  readonly fields: readonly BoundField[];
  readonly byName: ReadonlyMap<string, BoundField>;
  readonly hasNullable: boolean;
  /** Presence bits of the required fields: positions 0 to 31, and from 32. */
  readonly requiredLow: number;
  readonly requiredHigh: number;
  readonly codec: RecordCodec;
}

/** A kind (by SysId) or one of its unique keys. */
export interface BoundLookup {
  readonly kind: BoundKind;
  /** -1: by SysId */
  readonly position: number;
  readonly key: readonly BoundField[];
  readonly name: string;
}

export interface BoundIndex {
  readonly kind: BoundKind;
  readonly position: number;
  readonly segments: readonly BoundField[];
  readonly name: string;
}

export interface BoundMessage {
  readonly name: string;
  readonly number: number;
  readonly codec: GroupCodec;
}

/** A command: also read from protobuf. */
export interface BoundCommand extends BoundMessage {
  readonly decoder: MessageDecoder;
}

/** Everything an executor needs to know of a schema. */
export interface Binding {
  readonly model: SchemaModel;
  readonly kinds: readonly BoundKind[];
  readonly records: ReadonlyMap<unknown, BoundKind>;
  readonly lookups: ReadonlyMap<unknown, BoundLookup>;
  readonly indexes: ReadonlyMap<unknown, BoundIndex>;
  readonly events: ReadonlyMap<unknown, BoundMessage>;
  readonly eventsByNumber: ReadonlyMap<number, BoundMessage>;
  readonly rejects: ReadonlyMap<unknown, BoundMessage>;
  readonly commands: ReadonlyMap<string, BoundCommand>;
  readonly commandsByNumber: ReadonlyMap<number, BoundMessage>;
}

/** Presence bits of the required fields among the 32 from a position on. */
function presenceOf(model: KindModel, from: number): number {
  let bits = 0;
  model.fields.slice(from, from + 32).forEach((field, index) => {
    if (!field.nullable) bits |= 1 << index;
  });
  return bits;
}

function bindKind(model: KindModel, position: number, codec: RecordCodec): BoundKind {
  const { offsets } = slotOf(model.fields);
  const fields = model.fields.map((field, at): BoundField => {
    return {
      name: field.name,
      position: at,
      model: field,
      offset: offsets[at]!,
      value: codec.fields[at]!.value,
      width: field.width,
      isVariable: field.type === "text" || field.type === "bytes",
    };
  });
  return {
    name: model.name,
    position,
    number: model.number,
    model,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    hasNullable: model.fields.some((field) => field.nullable),
    requiredLow: presenceOf(model, 0),
    requiredHigh: presenceOf(model, 32),
    codec,
  };
}

const fieldsOfPath = (kind: BoundKind, path: PathModel) =>
  path.segments.map((one) => kind.fields[one.field]!);

/** Binds the definitions of a schema. */
export function bindSchema(schema: Schema): Binding {
  const model = modelOf(schema);
  const codecs = compileCodecs(model);
  const definitions = definitionsOf(schema);
  const kinds = model.kinds.map((kind, position) => bindKind(kind, position, codecs.kinds[position]!));
  const records = new Map<unknown, BoundKind>();
  const lookups = new Map<unknown, BoundLookup>();
  const indexes = new Map<unknown, BoundIndex>();
  for (const { definition, position, unique, indexes: paths } of definitions.records) {
    const kind = kinds[position]!;
    records.set(definition, kind);
    lookups.set(definition, { kind, position: -1, key: [], name: kind.name });
    for (const path of unique) {
      const name = `${kind.name}.${path.name}`;
      lookups.set(path.definition, {
        kind,
        position: path.position,
        key: fieldsOfPath(kind, path.model),
        name,
      });
    }
    for (const path of paths) {
      const name = `${kind.name}.${path.name}`;
      const segments = fieldsOfPath(kind, path.model);
      indexes.set(path.definition, { kind, position: path.position, segments, name });
    }
  }
  const message = (codec: GroupCodec, one: { name: string; number: number }): BoundMessage => {
    return { name: one.name, number: one.number, codec };
  };
  const events = definitions.events.map(
    (one) => [one.definition, message(codecs.events[one.position]!, one)] as const,
  );
  const rejects = definitions.rejects.map(
    (one) => [one.definition, message(codecs.rejects[one.position]!, one)] as const,
  );
  const commands = definitions.commands.map((one): BoundCommand => {
    return { ...message(codecs.commands[one.position]!, one), decoder: new MessageDecoder(one.fields) };
  });
  return {
    model,
    kinds,
    records,
    lookups,
    indexes,
    events: new Map(events),
    eventsByNumber: new Map(events.map(([, event]) => [event.number, event])),
    rejects: new Map(rejects),
    commands: new Map(commands.map((command) => [command.name, command])),
    commandsByNumber: new Map(commands.map((command) => [command.number, command])),
  };
}

/** What a record definition is called in a message, whatever was passed. */
export function nameOf(thing: unknown): string {
  if (typeof thing === "object" && thing !== null && "name" in thing)
    return String((thing as AnyRecord).name);
  return thing === null ? "null" : typeof thing;
}
