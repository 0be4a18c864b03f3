/**
 * What a domain declares, with all that turns it into protobuf and back: commands, events, reject details, records.
 *
 * Responsible for: finding a message by its number or name; values to bytes and back, through the canonical bytes.
 * Not responsible for: names in the `.proto` (domain-file.ts): they are not on the wire.
 */
import protobuf from "protobufjs/minimal.js";
import { compileCodecs, type GroupCodec, type RecordCodec, type Values } from "../schema/codec.ts";
import type { FieldModel, KindModel, MessageModel, SchemaModel } from "../schema/model.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { changedFields, MessageEncoder } from "./message-encoder.ts";

/** A message of a domain. */
export interface DomainMessage {
  readonly name: string;
  readonly number: number;
  readonly fields: readonly FieldModel[];
  readonly codec: GroupCodec;
  readonly decoder: MessageDecoder;
  readonly encoder: MessageEncoder;
}

/** A record kind: also the changed fields of an update. */
export interface DomainKind extends DomainMessage {
  readonly model: KindModel;
  /** The message of the fields at these positions (bit i: position i). */
  changed(bits: bigint): DomainMessage;
}

/** Messages of one role. */
export class MessageList<T extends DomainMessage> {
  private readonly byNumber: ReadonlyMap<number, T>;
  private readonly byName: ReadonlyMap<string, T>;

  constructor(messages: readonly T[]) {
    this.byNumber = new Map(messages.map((message) => [message.number, message]));
    this.byName = new Map(messages.map((message) => [message.name, message]));
  }

  numbered(number: number): T | undefined {
    return this.byNumber.get(number);
  }
  named(name: string): T | undefined {
    return this.byName.get(name);
  }
}

/** All messages of a schema. Make it once for a schema, not once for a message. */
export class DomainMessages {
  readonly model: SchemaModel;
  readonly commands: MessageList<DomainMessage>;
  readonly events: MessageList<DomainMessage>;
  readonly rejects: MessageList<DomainMessage>;
  readonly kinds: MessageList<DomainKind>;

  constructor(model: SchemaModel) {
    const codecs = compileCodecs(model);
    const list = (models: readonly MessageModel[], all: readonly GroupCodec[]) =>
      new MessageList(models.map((one, position) => messageOf(one, all[position]!)));
    this.model = model;
    this.commands = list(model.commands, codecs.commands);
    this.events = list(model.events, codecs.events);
    this.rejects = list(model.rejects, codecs.rejects);
    this.kinds = new MessageList(model.kinds.map((kind, position) => kindOf(kind, codecs.kinds[position]!)));
  }
}

function messageOf({ name, number, fields }: MessageModel, codec: GroupCodec): DomainMessage {
  const decoder = new MessageDecoder(fields);
  return { name, number, fields, codec, decoder, encoder: new MessageEncoder(fields) };
}

/** As many sets of changed fields as the codecs keep. */
const GROUPS_KEPT = 64;

function kindOf(model: KindModel, codec: RecordCodec): DomainKind {
  const { name, number, fields } = model;
  const encoder = new MessageEncoder(fields);
  const groups = new Map<bigint, DomainMessage>();
  return {
    name,
    number,
    fields,
    model,
    codec,
    encoder,
    decoder: new MessageDecoder(fields, true),
    changed(bits) {
      const known = groups.get(bits);
      if (known !== undefined) return known;
      const some = changedFields(fields, bits);
      const decoder = new MessageDecoder(some, true);
      const group = {
        name,
        number,
        fields: some,
        codec: codec.changed(bits),
        decoder,
        encoder: encoder.changed(bits),
      };
      if (groups.size < GROUPS_KEPT) groups.set(bits, group);
      return group;
    },
  };
}

/**
 * Values as the bytes of their message.
 * @throws ValueError for the first field that is not a value
 */
export function messageToBytes({ codec, encoder }: DomainMessage, values: unknown): Uint8Array {
  const canonical = new Uint8Array(codec.sizeMax);
  const end = codec.encode(values, canonical, 0);
  const writer = new protobuf.Writer();
  encoder.encode(canonical, new DataView(canonical.buffer), 0, end, writer);
  return writer.finish();
}

/**
 * The values in the bytes of a message; unknown fields are refused.
 * @throws WireError naming the field
 */
export function messageToValues({ codec, decoder }: DomainMessage, bytes: Uint8Array): Values {
  const canonical = new Uint8Array(codec.sizeMax);
  const end = decoder.decode(bytes, canonical, new DataView(canonical.buffer), 0);
  return codec.decodeExact(canonical, 0, end);
}
