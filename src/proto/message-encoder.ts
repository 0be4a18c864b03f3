/**
 * Messages of a domain: from canonical bytes straight to the wire.
 *
 * Responsible for: payloads, events, reject details, records and the changed fields of a delta, written by number; an
 * absent field and an empty list are left out, every other value is there, zeros included.
 * Not responsible for: whether the bytes are canonical: they come out of frames and codecs.
 *
 * Invariant: I1 nothing is read beyond the end that was given.
 */
import type protobuf from "protobufjs/minimal.js";
import { presenceBytes } from "../schema/layout.ts";
import type { FieldModel } from "../schema/model.ts";
import { decimalText } from "../schema/values-json.ts";
import { DELIMITED, isNumberText, type ScalarName, scalarOf, tagOf, wireTypeOf } from "./field-types.ts";
import { Halves } from "./halves.ts";
import { fault } from "./wire-error.ts";

type Writer = protobuf.Writer;

interface FieldPlan {
  readonly field: FieldModel;
  readonly scalar: ScalarName;
  /** Encoded bytes of one value, or 0 where a length leads. */
  readonly width: number;
  readonly tag: number;
  readonly isPacked: boolean;
  readonly isNumberText: boolean;
  /** Position of its presence bit; -1 where it has none. */
  readonly bit: number;
}

/** Few sets of fields change together in practice; what a hostile history makes up is not kept. */
const GROUPS_KEPT = 64;

export class MessageEncoder {
  private readonly fields: readonly FieldModel[];
  private readonly plans: readonly FieldPlan[];
  private readonly presence: number;
  private readonly halves = new Halves();
  private readonly groups = new Map<bigint, MessageEncoder>();

  constructor(fields: readonly FieldModel[]) {
    let bits = 0;
    this.fields = fields;
    this.plans = fields.map((field) => planOf(field, field.nullable ? bits++ : -1));
    this.presence = presenceBytes(fields);
  }

  /** The encoder of the fields at these positions (bit i: position i), as an update's before- or after-values. */
  changed(bits: bigint): MessageEncoder {
    const known = this.groups.get(bits);
    if (known !== undefined) return known;
    const group = new MessageEncoder(changedFields(this.fields, bits));
    if (this.groups.size < GROUPS_KEPT) this.groups.set(bits, group);
    return group;
  }

  /**
   * Writes the fields of a message, without a tag or length in front.
   *
   * @param source canonical bytes, those of the message from `at`; they end at `end` at the latest
   * @param view of `source`
   * @returns the offset behind the message
   * @throws WireFault the bytes end before the message does
   */
  encode(source: Uint8Array, view: DataView, at: number, end: number, writer: Writer): number {
    const { plans } = this;
    let next = at + this.presence;
    if (next > end) truncated();
    for (let index = 0; index < plans.length; index++) {
      const plan = plans[index]!;
      const start = next;
      next = plan.field.repeated ? endOfList(plan, view, start, end) : endOfValue(plan, view, start, end);
      if (plan.field.repeated) this.list(plan, source, view, start, writer);
      else if (plan.bit < 0 || (source[at + (plan.bit >> 3)]! & (1 << (plan.bit & 7))) !== 0) {
        writer.uint32(plan.tag);
        this.value(plan, source, view, start, next, writer);
      }
    }
    return next;
  }

  /** The offset behind a message. @throws WireFault as `encode` */
  skip(view: DataView, at: number, end: number): number {
    let next = at + this.presence;
    if (next > end) truncated();
    for (const plan of this.plans) {
      next = plan.field.repeated ? endOfList(plan, view, next, end) : endOfValue(plan, view, next, end);
    }
    return next;
  }

  private list(plan: FieldPlan, source: Uint8Array, view: DataView, at: number, writer: Writer): void {
    const count = view.getUint16(at, true);
    if (count === 0) return;
    let next = at + 2;
    if (plan.isPacked) writer.uint32(plan.tag).fork();
    for (let index = 0; index < count; index++) {
      const start = next;
      next = endOfValue(plan, view, start, source.length);
      if (!plan.isPacked) writer.uint32(plan.tag);
      this.value(plan, source, view, start, next, writer);
    }
    if (plan.isPacked) writer.ldelim();
  }

  private value(
    plan: FieldPlan,
    source: Uint8Array,
    view: DataView,
    at: number,
    end: number,
    writer: Writer,
  ): void {
    switch (plan.scalar) {
      case "bool":
        writer.bool(source[at] === 1);
        return;
      case "uint32":
      case "enum":
        writer.uint32(unsignedAt(source, at, plan.width));
        return;
      case "sint32": {
        const shift = 32 - 8 * plan.width;
        writer.sint32((unsignedAt(source, at, plan.width) << shift) >> shift);
        return;
      }
      case "uint64":
        writer.uint64(this.halves.at(view, at));
        return;
      case "sint64":
        writer.sint64(this.halves.at(view, at));
        return;
      case "fixed64":
        writer.fixed64(this.halves.at(view, at));
        return;
      default:
        if (plan.isNumberText) writer.string(numberText(plan, view, at));
        else writer.bytes(source.subarray(at + 2, end));
    }
  }
}

/** The fields at these positions (bit i: position i). */
export function changedFields(fields: readonly FieldModel[], bits: bigint): FieldModel[] {
  return fields.filter((_, position) => (bits >> BigInt(position)) & 1n);
}

function planOf(field: FieldModel, bit: number): FieldPlan {
  const scalar = scalarOf(field);
  const wireType = wireTypeOf(scalar);
  const isPacked = field.repeated && wireType !== DELIMITED;
  return {
    field,
    scalar,
    width: field.type === "text" || field.type === "bytes" ? 0 : field.width,
    tag: tagOf(field.number, isPacked ? DELIMITED : wireType),
    isPacked,
    isNumberText: isNumberText(field),
    bit,
  };
}

function truncated(): never {
  return fault("the end of the bytes", "the rest of a message");
}

function endOfValue({ width }: FieldPlan, view: DataView, at: number, end: number): number {
  let next = at + width;
  if (width === 0) next = at + 2 <= end ? at + 2 + view.getUint16(at, true) : end + 1;
  if (next > end) truncated();
  return next;
}

function endOfList(plan: FieldPlan, view: DataView, at: number, end: number): number {
  if (at + 2 > end) truncated();
  const count = view.getUint16(at, true);
  let next = at + 2;
  for (let index = 0; index < count; index++) next = endOfValue(plan, view, next, end);
  return next;
}

function unsignedAt(source: Uint8Array, at: number, width: number): number {
  let value = source[at]!;
  if (width > 1) value |= source[at + 1]! << 8;
  if (width > 2) value |= (source[at + 2]! << 16) | (source[at + 3]! << 24);
  return value >>> 0;
}

/** The one form of a decimal or an integer of 128 bits as text. */
function numberText({ field, width }: FieldPlan, view: DataView, at: number): string {
  if (width === 8) return decimalText(view.getBigInt64(at, true), field.scale);
  const low = view.getBigUint64(at, true);
  const high = field.type === "u128" ? view.getBigUint64(at + 8, true) : view.getBigInt64(at + 8, true);
  return decimalText((high << 64n) | low, field.scale);
}
