/**
 * Messages of `statevec.v1` as plain objects: from a table of fields to bytes and back.
 *
 * Responsible for: proto3 without explicit presence: zero, empty and none are left out, and read back as such. Unknown
 * fields are ignored, so that a newer peer may say more; everything else is read as strictly as a domain's messages.
 * Not responsible for: which messages there are (statevec-v1.ts), frames and receipts on their hot path (frame-encoder.ts).
 */
import protobuf from "protobufjs/minimal.js";
import { isUtf8, readText } from "../schema/utf8.ts";
import { DELIMITED, FIXED64, tagOf, VARINT, WIRE_TYPE_NAMES } from "./field-types.ts";
import { Halves } from "./halves.ts";
import { moveFixed64, moveVarint64, readLength, readTag, readUint32, skipValue } from "./wire.ts";
import { fault, WireError, WireFault } from "./wire-error.ts";

type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

export type PlainType = "bool" | "uint32" | "uint64" | "fixed64" | "string" | "bytes";

/** A field of a message: of a plain type, or another message. */
export interface PlainField {
  readonly number: number;
  readonly type: PlainType | PlainMessage<any>;
  readonly isRepeated: boolean;
}

/** A field. */
export function plain(number: number, type: PlainField["type"]): PlainField {
  return { number, type, isRepeated: false };
}

/** A repeated field. */
export function plainList(number: number, type: PlainField["type"]): PlainField {
  return { number, type, isRepeated: true };
}

type Fields = Record<string, unknown>;

/** What reading a field takes. */
interface FieldReader {
  readonly name: string;
  readonly field: PlainField;
  /** With the wire type that it must have, unless it is a packed list. */
  readonly tag: number;
}

const EMPTY = Object.freeze(new Uint8Array([0]).subarray(1)) as Uint8Array;

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The reading of one message and those in it. */
class Reading {
  /** Bytes are views of the message. */
  readonly isView: boolean;
  /** A number of 64 bits on its way: written in here, and read again at once. */
  private readonly bytes = new Uint8Array(8);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly longs = new BigUint64Array(this.bytes.buffer);

  constructor(isView: boolean) {
    this.isView = isView;
  }

  long(type: "uint64" | "fixed64", reader: Reader): bigint {
    if (type === "uint64") moveVarint64(reader, this.view, 0, false);
    else moveFixed64(reader, this.bytes, 0);
    // As the element of an array it is a bigint without a call; where bytes are in the other order, they are turned.
    return isLittleEndian ? this.longs[0]! : this.view.getBigUint64(0, true);
  }
}

/** A message whose objects are of type `T`: all fields but messages are there, those of messages may be `undefined`. */
export class PlainMessage<T extends object> {
  /** As in the `.proto`: `SubmitRequest`. */
  readonly name: string;
  /** By name, as in the objects. */
  readonly fields: Readonly<Record<string, PlainField>>;
  private readonly entries: readonly (readonly [name: string, field: PlainField])[];
  /** With every field at its zero; lists are made for each message. */
  private readonly zeros: Readonly<Fields>;
  private readonly lists: readonly string[];
  /** By number. */
  private readonly readers: readonly (FieldReader | undefined)[];

  constructor(name: string, fields: { readonly [K in keyof Required<T>]: PlainField }) {
    this.name = name;
    this.fields = fields as Readonly<Record<string, PlainField>>;
    this.entries = Object.entries(this.fields).sort(([, a], [, b]) => a.number - b.number);
    this.zeros = Object.fromEntries(this.entries.map(([key, { type }]) => [key, zeroOf(type)]));
    this.lists = this.entries.filter(([, { isRepeated }]) => isRepeated).map(([key]) => key);
    const readers: (FieldReader | undefined)[] = [];
    for (const [key, field] of this.entries)
      readers[field.number] = { name: key, field, tag: tagOf(field.number, wireTypeOf(field.type)) };
    this.readers = Array.from(readers);
  }

  /** The bytes of a message. */
  encode(values: T): Uint8Array {
    const writer = new protobuf.Writer();
    this.write(values, writer);
    return writer.finish();
  }

  /** Writes the fields, without a tag or length in front. */
  write(values: T, writer: Writer): void {
    for (const [name, field] of this.entries) {
      const value = (values as Fields)[name];
      if (value === undefined) continue;
      if (field.isRepeated) writeList(field, value as readonly unknown[], writer);
      else if (typeof field.type !== "string" || !isZero(value)) writeValue(field, value, writer);
    }
  }

  /** @throws WireError naming the field; bytes are copied */
  decode(bytes: Uint8Array): T {
    return this.read(new protobuf.Reader(bytes), new Reading(false));
  }

  /** As `decode`, for who is done with the message before the bytes change: bytes in it are views of them. */
  view(bytes: Uint8Array): T {
    return this.read(new protobuf.Reader(bytes), new Reading(true));
  }

  /**
   * How many elements a repeated field of messages has, without making any of them: two bytes are enough for one.
   * Counts up to what can not be read; `decode` says what that is.
   */
  count(name: keyof T & string, bytes: Uint8Array): number {
    const number = this.entries.find(([own]) => own === name)![1].number;
    const reader = new protobuf.Reader(bytes);
    let count = 0;
    try {
      while (reader.pos < reader.len) {
        const tag = readTag(reader);
        if (tag >>> 3 === number) count++;
        skipValue(reader, tag & 7);
      }
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
    }
    return count;
  }

  /** Reads up to the end of the reader. @throws WireError */
  read(reader: Reader, reading: Reading): T {
    const values: Fields = { ...this.zeros };
    for (const name of this.lists) values[name] = [];
    let seen = 0;
    while (reader.pos < reader.len) seen |= this.readField(reader, values, seen, reading);
    return values as T;
  }

  /** @param seen bit i: field number i was read @returns the bit of the field that was read now */
  private readField(reader: Reader, values: Fields, seen: number, reading: Reading): number {
    let at = "";
    try {
      const tag = readTag(reader);
      const known = this.readers[tag >>> 3];
      if (known === undefined) {
        skipValue(reader, tag & 7);
        return 0;
      }
      const { name, field } = known;
      at = name;
      if (field.isRepeated) {
        readElements(field, tag, reader, values[name] as unknown[], reading);
        return 0;
      }
      const bit = 1 << field.number;
      if ((seen & bit) !== 0) fault("the field twice", "it once");
      if (tag !== known.tag) requireWireType(tag, wireTypeOf(field.type));
      values[name] = readValue(field.type, reader, reading);
      return bit;
    } catch (error) {
      const place = at === "" ? this.name : `${this.name}.${at}`;
      if (error instanceof WireFault) throw new WireError(place, error.found, error.expected);
      throw error;
    }
  }
}

// ---- writing ---------------------------------------------------------------------------------------------

function isZero(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  return value === 0 || value === 0n || value === "" || value === false;
}

function writeList(field: PlainField, values: readonly unknown[], writer: Writer): void {
  if (values.length === 0) return;
  if (field.type !== "uint32") {
    for (const value of values) writeValue(field, value, writer);
    return;
  }
  writer.uint32(tagOf(field.number, DELIMITED)).fork();
  for (const value of values) writer.uint32(value as number);
  writer.ldelim();
}

function writeValue({ number, type }: PlainField, value: unknown, writer: Writer): void {
  writer.uint32(tagOf(number, wireTypeOf(type)));
  if (typeof type !== "string") {
    writer.fork();
    type.write(value as object, writer);
    writer.ldelim();
    return;
  }
  switch (type) {
    case "bool":
      writer.bool(value as boolean);
      return;
    case "uint32":
      writer.uint32(value as number);
      return;
    case "uint64":
      writer.uint64(new Halves().of(value as bigint));
      return;
    case "fixed64":
      writer.fixed64(new Halves().of(value as bigint));
      return;
    case "string":
      writer.string(value as string);
      return;
    case "bytes":
      writer.bytes(value as Uint8Array);
  }
}

// ---- reading ---------------------------------------------------------------------------------------------

function wireTypeOf(type: PlainField["type"]): number {
  if (type === "bool" || type === "uint32" || type === "uint64") return VARINT;
  return type === "fixed64" ? FIXED64 : DELIMITED;
}

function requireWireType(tag: number, expected: number): void {
  const found = tag & 7;
  if (found === expected) return;
  const name = (wireType: number) => `wire type ${wireType} (${WIRE_TYPE_NAMES[wireType] ?? "none"})`;
  fault(name(found), name(expected));
}

function zeroOf(type: PlainField["type"]): unknown {
  switch (type) {
    case "bool":
      return false;
    case "uint32":
      return 0;
    case "uint64":
    case "fixed64":
      return 0n;
    case "string":
      return "";
    case "bytes":
      return EMPTY;
    default:
      return undefined;
  }
}

/** One element, or a packed list of numbers. */
function readElements(
  field: PlainField,
  tag: number,
  reader: Reader,
  list: unknown[],
  reading: Reading,
): void {
  const isPacked = wireTypeOf(field.type) === VARINT && (tag & 7) === DELIMITED;
  if (!isPacked) {
    requireWireType(tag, wireTypeOf(field.type));
    list.push(readValue(field.type, reader, reading));
    return;
  }
  const { len } = reader;
  const length = readLength(reader);
  reader.len = reader.pos + length;
  while (reader.pos < reader.len) list.push(readValue(field.type, reader, reading));
  reader.len = len;
}

function readValue(type: PlainField["type"], reader: Reader, reading: Reading): unknown {
  switch (type) {
    case "bool": {
      const value = readUint32(reader);
      if (value > 1) fault(String(value), "0 or 1");
      return value === 1;
    }
    case "uint32":
      return readUint32(reader);
    case "uint64":
    case "fixed64":
      return reading.long(type, reader);
    default:
      return readDelimited(type, reader, reading);
  }
}

function readDelimited(
  type: "string" | "bytes" | PlainMessage<any>,
  reader: Reader,
  reading: Reading,
): unknown {
  const length = readLength(reader);
  const start = reader.pos;
  const end = start + length;
  if (typeof type !== "string") {
    const { len } = reader;
    reader.len = end;
    const value = type.read(reader, reading);
    reader.len = len;
    return value;
  }
  reader.pos = end;
  // Unless views are wanted a copy in any case: the slice of a Node.js Buffer would be a view.
  if (type === "bytes")
    return reading.isView ? reader.buf.subarray(start, end) : new Uint8Array(reader.buf.subarray(start, end));
  if (!isUtf8(reader.buf, start, end)) fault("bytes that are not UTF-8", "text");
  return readText(reader.buf, start, end)!;
}
