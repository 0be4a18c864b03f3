/**
 * Messages of a domain: from the wire straight to the canonical payload.
 *
 * Responsible for: presence, order, repetition, unknown fields (docs/reference/protobuf.md).
 * Not responsible for: single values (value-decoders.ts), payload checks of the schema (the core).
 *
 * Two ways lead to the same bytes. Encoders write fields by number, as the canonical form has them: `ordered` writes each
 * value where it belongs and gives up on anything else. `anyOrder` judges the bytes from first to last, notes where the
 * values stand, and then writes them by number; it alone says what is wrong.
 *
 * Invariants: I1 what `ordered` accepts, `anyOrder` would write the same; I2 an error names the first mistake in the bytes,
 * then the first required field, by number, that is missing; I3 the message is not held after the call.
 */
import protobuf from "protobufjs/minimal.js";
import { presenceBytes } from "../schema/layout.ts";
import type { FieldModel } from "../schema/model.ts";
import { DELIMITED, scalarOf, tagOf, WIRE_TYPE_NAMES, wireTypeOf } from "./field-types.ts";
import { decodeValue, describeField, type ValueDecoder, valueDecoder } from "./value-decoders.ts";
import { readLength, readTag, skipValue } from "./wire.ts";
import { WireError, WireFault } from "./wire-error.ts";

/** What becomes of fields that the schema does not have. */
export type UnknownFields = "refuse" | "ignore";

interface FieldPlan {
  readonly field: FieldModel;
  readonly value: ValueDecoder;
  /** Of one value, and of a packed list of them; the same where values can not be packed. */
  readonly valueTag: number;
  readonly listTag: number;
  /** What encoders write: of a repeated field the list. */
  readonly tag: number;
  /** Position of its presence bit; -1 where it has none. */
  readonly bit: number;
  readonly isRequired: boolean;
  readonly isPacked: boolean;
  /** Bytes where it is absent. */
  readonly absentBytes: number;
}

const NOTHING = new Uint8Array([0]).subarray(1);

export class MessageDecoder {
  private readonly plans: readonly FieldPlan[];
  private readonly byNumber: ReadonlyMap<number, number>;
  private readonly presence: number;
  /** Of `anyOrder`: field by field, where its values stand. */
  private readonly places: readonly number[][];
  private readonly reader = new protobuf.Reader(NOTHING);

  /** @param inRecord the fields of a record, whose refs are never 0 */
  constructor(fields: readonly FieldModel[], inRecord = false) {
    let bits = 0;
    this.plans = fields.map((field) => planOf(field, field.nullable ? bits++ : -1, inRecord));
    this.byNumber = new Map(fields.map((field, position) => [field.number, position]));
    this.presence = presenceBytes(fields);
    this.places = fields.map(() => []);
  }

  /**
   * Decodes a message.
   *
   * @param target has room at `at` for the largest encoding of the fields; what stands there after an error is undefined
   * @param view of `target`
   * @returns the offset behind the canonical payload
   * @throws WireError naming the field
   */
  decode(
    bytes: Uint8Array,
    target: Uint8Array,
    view: DataView,
    at: number,
    unknownFields: UnknownFields = "refuse",
  ): number {
    const { reader } = this;
    try {
      this.rewind(bytes);
      const next = this.ordered(target, view, at, unknownFields === "ignore");
      if (next >= 0) return next;
      this.rewind(bytes);
      return this.anyOrder(target, view, at, unknownFields);
    } finally {
      // I3
      reader.buf = NOTHING;
    }
  }

  private rewind(bytes: Uint8Array): void {
    const { reader } = this;
    reader.buf = bytes;
    reader.pos = 0;
    reader.len = bytes.length;
  }

  // ---- as encoders write it ------------------------------------------------------------------------------

  /** The offset behind the payload, or -1. */
  private ordered(target: Uint8Array, view: DataView, at: number, ignores: boolean): number {
    try {
      return this.orderedFields(target, view, at, ignores);
    } catch (error) {
      if (error instanceof WireFault) return -1;
      throw error;
    }
  }

  private orderedFields(target: Uint8Array, view: DataView, at: number, ignores: boolean): number {
    const { reader, plans } = this;
    const { buf, len } = reader;
    const count = plans.length;
    let next = at + this.presence;
    for (let index = at; index < next; index++) target[index] = 0;
    let position = 0;
    while (reader.pos < len) {
      let tag = buf[reader.pos]!;
      if (tag < 0x80) reader.pos++;
      else tag = readTag(reader);
      if (ignores && !this.byNumber.has(tag >>> 3)) {
        if (tag < 8) return -1;
        skipValue(reader, tag & 7);
        continue;
      }
      let plan: FieldPlan;
      for (;;) {
        if (position === count) return -1;
        plan = plans[position++]!;
        if (plan.tag === tag) break;
        if (plan.isRequired) return -1;
        next = putAbsent(plan, target, next);
      }
      if (plan.field.repeated) {
        next = this.orderedList(plan, target, view, next);
      } else {
        if (plan.bit >= 0) target[at + (plan.bit >> 3)]! |= 1 << (plan.bit & 7);
        next = decodeValue(plan.value, reader, target, view, next);
      }
    }
    for (; position < count; position++) {
      const plan = plans[position]!;
      if (plan.isRequired) return -1;
      next = putAbsent(plan, target, next);
    }
    return next;
  }

  /** A list behind its first tag: packed, or each value with the same tag. */
  private orderedList(plan: FieldPlan, target: Uint8Array, view: DataView, at: number): number {
    const { reader } = this;
    const { maxItems } = plan.field;
    let items = 0;
    let next = at + 2;
    if (plan.isPacked) {
      const { len } = reader;
      const length = readLength(reader);
      reader.len = reader.pos + length;
      for (; reader.pos < reader.len; items++) {
        if (items === maxItems) return -1;
        next = decodeValue(plan.value, reader, target, view, next);
      }
      reader.len = len;
    } else {
      let start: number;
      do {
        if (items === maxItems) return -1;
        next = decodeValue(plan.value, reader, target, view, next);
        items++;
        start = reader.pos;
      } while (start < reader.len && readTag(reader) === plan.tag);
      reader.pos = start;
    }
    target[at] = items;
    target[at + 1] = items >> 8;
    return next;
  }

  // ---- as it may come ------------------------------------------------------------------------------------

  private anyOrder(target: Uint8Array, view: DataView, at: number, unknownFields: UnknownFields): number {
    const { reader, plans, places } = this;
    for (const found of places) found.length = 0;
    while (reader.pos < reader.len) this.note(target, view, at, unknownFields);
    for (let position = 0; position < plans.length; position++) {
      const { isRequired, field } = plans[position]!;
      if (isRequired && places[position]!.length === 0) {
        throw new WireError(field.name, "nothing", describeField(field));
      }
    }
    return this.write(target, view, at);
  }

  /** Judges the next field, and notes where its values stand. */
  private note(target: Uint8Array, view: DataView, at: number, unknownFields: UnknownFields): void {
    const { reader } = this;
    let plan: FieldPlan | undefined;
    try {
      const tag = readTag(reader);
      const position = this.byNumber.get(tag >>> 3);
      if (position === undefined) {
        this.skipUnknown(tag, unknownFields);
        return;
      }
      plan = this.plans[position]!;
      const { field } = plan;
      const found = this.places[position]!;
      if (tag !== plan.valueTag && tag !== plan.listTag) wrongWireType(plan, tag & 7);
      if (found.length > 0 && !field.repeated) throw new WireFault("the field twice", "it once");
      if (tag === plan.valueTag) this.noteValue(plan, found, target, view, at);
      else {
        const { len } = reader;
        const length = readLength(reader);
        reader.len = reader.pos + length;
        while (reader.pos < reader.len) this.noteValue(plan, found, target, view, at);
        reader.len = len;
      }
    } catch (error) {
      if (error instanceof WireFault)
        throw new WireError(plan?.field.name ?? "", error.found, error.expected);
      throw error;
    }
  }

  /** Judges a value by decoding it: what is written at `at` is written over later. */
  private noteValue(plan: FieldPlan, found: number[], target: Uint8Array, view: DataView, at: number): void {
    const { repeated, maxItems } = plan.field;
    if (repeated && found.length === maxItems) {
      throw new WireFault(`more than ${maxItems} items`, `at most ${maxItems}`);
    }
    found.push(this.reader.pos);
    decodeValue(plan.value, this.reader, target, view, at);
  }

  private skipUnknown(tag: number, unknownFields: UnknownFields): void {
    const number = tag >>> 3;
    if (unknownFields === "refuse") {
      const numbers = this.plans.map(({ field }) => field.number).join(", ");
      throw new WireFault(`field number ${number}`, numbers === "" ? "no fields" : `one of ${numbers}`);
    }
    skipValue(this.reader, tag & 7);
  }

  /** Writes values that were judged, by number. */
  private write(target: Uint8Array, view: DataView, at: number): number {
    const { reader, plans, places } = this;
    let next = at + this.presence;
    for (let index = at; index < next; index++) target[index] = 0;
    for (let position = 0; position < plans.length; position++) {
      const plan = plans[position]!;
      const found = places[position]!;
      if (found.length === 0) {
        next = putAbsent(plan, target, next);
        continue;
      }
      if (plan.bit >= 0) target[at + (plan.bit >> 3)]! |= 1 << (plan.bit & 7);
      if (plan.field.repeated) {
        target[next] = found.length;
        target[next + 1] = found.length >> 8;
        next += 2;
      }
      for (const place of found) {
        reader.pos = place;
        next = decodeValue(plan.value, reader, target, view, next);
      }
    }
    return next;
  }
}

function planOf(field: FieldModel, bit: number, inRecord: boolean): FieldPlan {
  const value = valueDecoder(field, inRecord);
  const wireType = wireTypeOf(scalarOf(field));
  const valueTag = tagOf(field.number, wireType);
  const isPacked = field.repeated && wireType !== DELIMITED;
  const listTag = isPacked ? tagOf(field.number, DELIMITED) : valueTag;
  return {
    field,
    value,
    valueTag,
    listTag,
    tag: listTag,
    bit,
    isRequired: !field.nullable && !field.repeated,
    isPacked,
    absentBytes: field.repeated ? 2 : value.width || 2,
  };
}

function putAbsent({ absentBytes }: FieldPlan, target: Uint8Array, at: number): number {
  const next = at + absentBytes;
  for (let index = at; index < next; index++) target[index] = 0;
  return next;
}

function wrongWireType({ valueTag, listTag }: FieldPlan, found: number): never {
  const name = (wireType: number) => `wire type ${wireType} (${WIRE_TYPE_NAMES[wireType] ?? "none"})`;
  const expected = valueTag === listTag ? name(valueTag & 7) : `${name(valueTag & 7)}, or packed`;
  throw new WireFault(name(found), expected);
}
