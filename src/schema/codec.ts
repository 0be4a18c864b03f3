/**
 * Messages and records: their bytes and back.
 *
 * Responsible for: the one TypeScript implementation of docs/reference/values.md: presence bits, fields in number
 * order, repetition, delta groups.
 * Not responsible for: single values (value-codec.ts) or what a refusal means to the caller.
 *
 *   | presence bytes, if any field is nullable | field | field | ...      an absent field: zeros of its width
 *
 * Invariants: I1 decode(encode(x)) equals x; I2 bytes that decode are the bytes that encode would write; I3 a codec
 * keeps nothing of a call but the views it saw last, so it is safe to come back into.
 */
import { presenceBytes } from "./layout.ts";
import type { FieldModel, KindModel, MessageModel, SchemaModel } from "./model.ts";
import { type Unrolled, unroll } from "./unrolled.ts";
import { type ValueCodec, valueCodec } from "./value-codec.ts";
import { ValueError, ValueFault } from "./value-error.ts";

/** Values by field name, in field-number order; an absent one is `null`. */
export type Values = Record<string, unknown>;

/** Values and the offset behind their bytes. */
export interface Decoded<T> {
  readonly values: T;
  readonly next: number;
}

/** The views of one schema's codecs: making a DataView costs more than the fields of a small message. */
class Views {
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);

  of(bytes: Uint8Array): DataView {
    if (bytes !== this.bytes) {
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.bytes = bytes;
    }
    return this.view;
  }
}

/** The offset behind a value at `at`. @throws ValueFault it is not within `end` */
function endOf({ width }: ValueCodec, view: DataView, at: number, end: number): number {
  let next = at + width;
  if (width === 0) next = at + 2 <= end ? at + 2 + view.getUint16(at, true) : end + 1;
  if (next > end) throw new ValueFault("form", "too few bytes");
  return next;
}

/** One field of a message or record: one value, or a list of them. */
export class FieldCodec {
  readonly field: FieldModel;
  /** Largest encoding. */
  readonly sizeMax: number;
  /** Of one value, present; throws `ValueFault`. What lies in a slot of the core has the same bytes. */
  readonly value: ValueCodec;
  private readonly views: Views;

  constructor(field: FieldModel, inRecord: boolean, views: Views) {
    this.field = field;
    this.value = valueCodec(field, inRecord);
    this.sizeMax = field.repeated ? 2 + field.maxItems * this.value.sizeMax : this.value.sizeMax;
    this.views = views;
  }

  /**
   * Writes a value that is there.
   * @param target has room for `sizeMax` bytes at `at`
   * @returns the offset behind it
   * @throws ValueError naming the field
   */
  encodeValue(value: unknown, target: Uint8Array, at: number): number {
    return this.write(target, this.views.of(target), at, value);
  }

  /** Reads a value that is there. @throws ValueError naming the field */
  decodeValue(source: Uint8Array, at: number, end: number): Decoded<unknown> {
    const view = this.views.of(source);
    const next = this.ending(view, at, end);
    return { values: this.read(source, view, at, next), next };
  }

  write(bytes: Uint8Array, view: DataView, at: number, value: unknown): number {
    try {
      return this.field.repeated
        ? this.writeAll(bytes, view, at, value)
        : this.value.write(bytes, view, at, value);
    } catch (error) {
      throw this.named(error);
    }
  }

  /** @param end as `ending` says */
  read(bytes: Uint8Array, view: DataView, at: number, end: number): unknown {
    try {
      return this.field.repeated ? this.readAll(bytes, view, at) : this.value.read(bytes, view, at, end);
    } catch (error) {
      throw this.named(error);
    }
  }

  /** The error of a value codec, with the name of the field. */
  named(error: unknown): unknown {
    if (!(error instanceof ValueFault)) return error;
    return this.error(error.reason, error.found);
  }

  error(reason: ValueFault["reason"], found: unknown): ValueError {
    return new ValueError(this.field.name, this.field.number, reason, found);
  }

  private writeAll(bytes: Uint8Array, view: DataView, at: number, value: unknown): number {
    if (!Array.isArray(value)) throw new ValueFault("type", value);
    const count = value.length;
    if (count > this.field.maxItems) throw new ValueFault("range", value);
    bytes[at] = count;
    bytes[at + 1] = count >> 8;
    let next = at + 2;
    for (let index = 0; index < count; index++) next = this.value.write(bytes, view, next, value[index]);
    return next;
  }

  private readAll(bytes: Uint8Array, view: DataView, at: number): readonly unknown[] {
    const values: unknown[] = [];
    const count = view.getUint16(at, true);
    let next = at + 2;
    for (let index = 0; index < count; index++) {
      const start = next;
      next = start + (this.value.width || 2 + view.getUint16(start, true));
      values.push(this.value.read(bytes, view, start, next));
    }
    return values;
  }

  /** @returns the offset behind the field, which is within `end` */
  ending(view: DataView, at: number, end: number): number {
    try {
      return this.field.repeated ? this.endingOfAll(view, at, end) : endOf(this.value, view, at, end);
    } catch (error) {
      throw this.named(error);
    }
  }

  private endingOfAll(view: DataView, at: number, end: number): number {
    if (at + 2 > end) throw this.error("form", "too few bytes");
    const count = view.getUint16(at, true);
    if (count > this.field.maxItems) throw this.error("form", `${count} items`);
    let next = at + 2;
    for (let index = 0; index < count; index++) next = endOf(this.value, view, next, end);
    return next;
  }

  /** Bytes of an absent value. */
  get absentBytes(): number {
    return this.value.width || 2;
  }
}

/** Fields behind one group of presence bytes: a message, a record, or the changed fields of a delta entry. */
export class GroupCodec {
  readonly fields: readonly FieldCodec[];
  /** Largest encoding. */
  readonly sizeMax: number;
  private readonly names: readonly string[];
  /** Of the fields that are neither nullable nor repeated; nothing for the others. */
  private readonly simple: readonly (ValueCodec | undefined)[];
  private readonly presence: number;
  private readonly nullable: number;
  private readonly views: Views;
  private readonly known: ReadonlySet<string>;
  private readonly unrolled: Unrolled | undefined;

  /** @param unrolls false: the loops do all, as where the platform allows no code from text */
  constructor(fields: readonly FieldCodec[], views: Views, unrolls = true) {
    const models = fields.map((one) => one.field);
    this.fields = fields;
    this.names = models.map((field) => field.name);
    this.known = new Set(this.names);
    this.simple = fields.map(({ field, value }) => (field.nullable || field.repeated ? undefined : value));
    this.presence = presenceBytes(models);
    this.nullable = models.filter((field) => field.nullable).length;
    this.sizeMax = fields.reduce((sum, field) => sum + field.sizeMax, this.presence);
    this.views = views;
    this.unrolled = unrolls ? unroll(fields, this.presence) : undefined;
  }

  /**
   * Writes all values.
   * @param values an object; a property left out or `undefined` is absent, and so is `null` in a nullable field
   * @param target has room for `sizeMax` bytes at `at`
   * @returns the offset behind them
   * @throws ValueError for the first field, in number order, that is not a value; then for unknown properties
   */
  encode(values: unknown, target: Uint8Array, at: number): number {
    if (typeof values !== "object" || values === null) throw new ValueError("", 0, "type", values);
    const view = this.views.of(target);
    if (this.unrolled !== undefined) {
      try {
        const next = this.unrolled.encode(values, target, view, at);
        if (next >= 0) return next;
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
      }
    }
    return this.encodeFields(values, target, view, at);
  }

  private encodeFields(values: object, target: Uint8Array, view: DataView, at: number): number {
    const { fields, names, simple } = this;
    let next = at + this.presence;
    for (let index = at; index < next; index++) target[index] = 0;
    let bit = 0;
    let taken = 0;
    let index = 0;
    try {
      for (; index < fields.length; index++) {
        const value = (values as Values)[names[index]!];
        if (value !== undefined) taken++;
        const codec = simple[index];
        if (codec !== undefined) {
          if (value === undefined) throw new ValueFault("missing", value);
          next = codec.write(target, view, next, value);
        } else {
          next = this.writeOther(fields[index]!, target, view, at, bit, next, value);
          if (fields[index]!.field.nullable) bit++;
        }
      }
    } catch (error) {
      throw fields[index]!.named(error);
    }
    let given = 0;
    for (const _ in values) given++;
    if (given !== taken) this.refuseUnknown(values);
    return next;
  }

  /** Writes a nullable field, whose presence bit is at `bit`, or a repeated one. */
  private writeOther(
    codec: FieldCodec,
    target: Uint8Array,
    view: DataView,
    presence: number,
    bit: number,
    at: number,
    value: unknown,
  ): number {
    const there = value !== undefined && value !== null;
    if (codec.field.nullable) {
      if (there) target[presence + (bit >> 3)]! |= 1 << (bit & 7);
      else {
        target.fill(0, at, at + codec.absentBytes);
        return at + codec.absentBytes;
      }
    } else if (value === undefined) throw codec.error("missing", value);
    return codec.write(target, view, at, value);
  }

  private refuseUnknown(values: object): void {
    for (const name in values) {
      if (!this.known.has(name)) throw new ValueError(name, 0, "unknown", (values as Values)[name]);
    }
  }

  /**
   * Reads all values.
   * @throws ValueError for the first field, in number order, whose bytes are not canonical
   */
  decode(source: Uint8Array, at: number, end: number): Decoded<Values> {
    const view = this.views.of(source);
    const limit = Math.min(end, source.length);
    this.checkPresence(source, at, limit);
    const { fields, names, simple } = this;
    const values: Values = {};
    let next = at + this.presence;
    let bit = 0;
    let index = 0;
    try {
      for (; index < fields.length; index++) {
        const start = next;
        const codec = simple[index];
        if (codec !== undefined) {
          next = endOf(codec, view, start, limit);
          values[names[index]!] = codec.read(source, view, start, next);
          continue;
        }
        const field = fields[index]!;
        next = field.ending(view, start, limit);
        if (field.field.nullable) {
          const there = (source[at + (bit >> 3)]! & (1 << (bit & 7))) !== 0;
          bit++;
          if (!there) {
            requireZeros(field, source, start, next);
            values[names[index]!] = null;
            continue;
          }
        }
        values[names[index]!] = field.read(source, view, start, next);
      }
    } catch (error) {
      throw fields[index]!.named(error);
    }
    return { values, next };
  }

  /** As `decode`, but the values end exactly at `end`. */
  decodeExact(source: Uint8Array, at: number, end: number): Values {
    if (this.unrolled !== undefined && end <= source.length) {
      try {
        const values = this.unrolled.decode(source, this.views.of(source), at, end);
        if (values !== undefined) return values;
      } catch (error) {
        if (!(error instanceof ValueFault)) throw error;
      }
    }
    const { values, next } = this.decode(source, at, end);
    if (next !== end) throw new ValueError("", 0, "form", `${end - next} bytes too many`);
    return values;
  }

  private checkPresence(source: Uint8Array, at: number, end: number): void {
    if (at + this.presence > end) throw new ValueError("", 0, "form", "too few bytes");
    const unused = this.nullable & 7;
    if (unused !== 0 && source[at + this.presence - 1]! >> unused !== 0) {
      throw new ValueError("", 0, "form", "unused presence bits");
    }
  }
}

/** I2: the bytes of an absent value are zeros, and of text and bytes a length of zero. */
function requireZeros(codec: FieldCodec, source: Uint8Array, at: number, end: number): void {
  if (end - at !== codec.absentBytes) throw codec.error("form", "an absent value with bytes");
  for (let index = at; index < end; index++) {
    if (source[index] !== 0) throw codec.error("form", "an absent value that is not zero");
  }
}

/** Few sets of fields change together in practice; what a hostile history makes up is not kept. */
const GROUPS_KEPT = 64;

/** The codec of a record kind: all its fields, or the changed fields of an update. */
export class RecordCodec extends GroupCodec {
  private readonly shared: Views;
  private readonly groups = new Map<bigint, GroupCodec>();

  constructor(fields: readonly FieldCodec[], views: Views, unrolls = true) {
    super(fields, views, unrolls);
    this.shared = views;
  }

  /** The codec of the fields at these positions (bit i: position i), as an update's before- or after-values. */
  changed(bits: bigint): GroupCodec {
    const known = this.groups.get(bits);
    if (known !== undefined) return known;
    const fields = this.fields.filter((_, position) => (bits >> BigInt(position)) & 1n);
    const group = new GroupCodec(fields, this.shared, false);
    if (this.groups.size < GROUPS_KEPT) this.groups.set(bits, group);
    return group;
  }
}

/** The codecs of a whole schema, by position. */
export interface SchemaCodecs {
  readonly kinds: readonly RecordCodec[];
  readonly commands: readonly GroupCodec[];
  readonly events: readonly GroupCodec[];
  readonly rejects: readonly GroupCodec[];
}

/** Makes the codecs of a schema. @param unrolls as of `GroupCodec` */
export function compileCodecs(model: SchemaModel, unrolls = true): SchemaCodecs {
  const views = new Views();
  const fieldsOf = (owner: KindModel | MessageModel, inRecord: boolean) => {
    return owner.fields.map((field) => new FieldCodec(field, inRecord, views));
  };
  const group = (message: MessageModel) => new GroupCodec(fieldsOf(message, false), views, unrolls);
  return {
    kinds: model.kinds.map((kind) => new RecordCodec(fieldsOf(kind, true), views, unrolls)),
    commands: model.commands.map(group),
    events: model.events.map(group),
    rejects: model.rejects.map(group),
  };
}

/** Makes the codec of one message. */
export function compileMessage(message: MessageModel): GroupCodec {
  const views = new Views();
  return new GroupCodec(
    message.fields.map((field) => new FieldCodec(field, false, views)),
    views,
  );
}
