/**
 * Values in slots: what goes into the scratch slots of the core, and what comes out of records.
 *
 * A value in a slot has the bytes of its encoding, so the codec writes and reads it where it lies; text and bytes are
 * zero beyond their length, absent values all zero.
 */
import { SLOT_PRESENCE, SLOT_REVISION, SLOT_SYS_ID } from "../../assembly/abi.ts";
import type { Core } from "../wasm.ts";
import type { BoundField, BoundKind } from "./binding.ts";

export type Values = Record<string, unknown>;

/** A scratch slot of a core, and the kind it was last used for: its other fields are zero. */
export class ScratchSlot {
  readonly at: number;
  private readonly core: Core;
  private readonly second: boolean;
  private kind: BoundKind | undefined;
  private presenceLow = 0;
  private presenceHigh = 0;

  constructor(core: Core, second: boolean) {
    this.core = core;
    this.second = second;
    this.at = second ? core.slotB : core.slotA;
  }

  /** Makes the slot one of a kind, its nullable fields absent. */
  start(kind: BoundKind): void {
    if (this.kind !== kind) {
      this.core.exports.clearSlot(this.second ? 1 : 0, kind.position);
      this.kind = kind;
    }
    this.presenceLow = kind.requiredLow;
    this.presenceHigh = kind.requiredHigh;
  }

  /** The core has used the slot itself. */
  forget(): void {
    this.kind = undefined;
  }

  /** Writes a value that is there. @throws ValueFault it is none of the field */
  put(field: BoundField, value: unknown): void {
    const { core } = this;
    const at = this.at + field.offset;
    const end = field.value.write(core.bytes, core.view, at, value);
    if (field.isVariable) core.bytes.fill(0, end, at + field.width);
    if (field.model.nullable) this.mark(field.position);
  }

  /** Makes a nullable field absent. */
  clear(field: BoundField): void {
    const at = this.at + field.offset;
    this.core.bytes.fill(0, at, at + field.width);
  }

  private mark(position: number): void {
    if (position < 32) this.presenceLow |= 1 << position;
    else this.presenceHigh |= 1 << (position - 32);
  }

  /** Writes the presence bits: required fields, and the nullable ones that were put. */
  finish(): void {
    this.core.setU32(this.at + SLOT_PRESENCE, this.presenceLow);
    this.core.setU32(this.at + SLOT_PRESENCE + 4, this.presenceHigh);
  }
}

/** Whether a field of a record is there. */
export function isPresent(core: Core, slot: number, position: number): boolean {
  const word = core.u32At(slot + SLOT_PRESENCE + (position < 32 ? 0 : 4));
  return ((word >>> (position & 31)) & 1) !== 0;
}

/** Reads one field of a record; an absent one is `null`. */
export function readField(core: Core, slot: number, field: BoundField): unknown {
  if (field.model.nullable && !isPresent(core, slot, field.position)) return null;
  const at = slot + field.offset;
  const end = field.isVariable ? at + 2 + core.view.getUint16(at, true) : at + field.width;
  return field.value.read(core.bytes, core.view, at, end);
}

/** A record as a plain frozen object: its fields, SysId and revision. */
export function readRecord(core: Core, slot: number, kind: BoundKind): Values {
  const values: Values = {};
  for (const field of kind.fields) values[field.name] = readField(core, slot, field);
  values.sysId = core.u64At(slot + SLOT_SYS_ID);
  values.revision = core.u32At(slot + SLOT_REVISION);
  return Object.freeze(values);
}
