/**
 * Sketches: what the payload of a command tells of the records that its handler will probably look up or create.
 *
 * A field of the payload that has the name and type of a field of a record is taken for its value; a reference is taken for
 * the record that the payload names by a unique key of its own. Nothing depends on a sketch being right: the core brings
 * what it points to into the caches ahead of the command, and no more.
 *
 * Responsible for: deriving them. Not responsible for: their words (table.ts), their use (assembly/engine/look-ahead.ts).
 */
import { SKETCHES_MAX } from "../../assembly/abi.ts";
import { isNarrow, isVariable, presenceBytes, type Slot, slotOf } from "./layout.ts";
import type { FieldModel, KindModel, MessageModel, PathModel, SchemaModel, SegmentModel } from "./model.ts";

export interface Sketch {
  /** Position of the kind. */
  readonly kind: number;
  readonly slot: Slot;
  /** Offsets in the payload and in the slot. */
  readonly copies: readonly { readonly from: number; readonly to: number; readonly width: number }[];
  /** Offset in the slot, position of the sketch whose record is referred to. */
  readonly references: readonly { readonly to: number; readonly sketch: number }[];
  /** Bit i: unique key i is known from the payload alone. */
  readonly unique: number;
  /** Bit i: unique key i is known once the references are. */
  readonly uniqueLater: number;
  /** Another sketch refers to the record. */
  readonly isReferred: boolean;
}

/** Larger records are not worth the room. */
const SLOT_BYTES_MAX = 1_024;

/** Derives the sketches of a command, by kind; `SKETCHES_MAX` at most. */
export function sketchesOf(command: MessageModel, model: SchemaModel): Sketch[] {
  const payload = placesOf(command);
  const drafts = model.kinds.map((kind, position) => new Draft(kind, position, payload));
  for (const draft of drafts) draft.findReferences(drafts);
  const kept = drafts.filter((draft) => draft.isWorthIt()).slice(0, SKETCHES_MAX);
  return kept.map((draft) => draft.sketch(kept));
}

interface Place {
  readonly field: FieldModel;
  readonly offset: number;
}

/** By name: fields of one narrow value that stand at the same place in every payload. An absent value has its place too. */
function placesOf(command: MessageModel): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  let offset = presenceBytes(command.fields);
  for (const field of command.fields) {
    if (isVariable(field) || field.repeated) break;
    if (field.width <= 8) places.set(field.name, { field, offset });
    offset += field.width;
  }
  return places;
}

class Draft {
  private readonly kind: KindModel;
  private readonly position: number;
  private readonly slot: Slot;
  /** By field position: where in the payload its value is. */
  private readonly copied = new Map<number, Place>();
  /** By field position: the draft of the record it refers to. */
  private readonly referred = new Map<number, Draft>();

  constructor(kind: KindModel, position: number, payload: ReadonlyMap<string, Place>) {
    this.kind = kind;
    this.position = position;
    this.slot = slotOf(kind.fields);
    kind.fields.forEach((field, at) => {
      const place = payload.get(field.name);
      if (place !== undefined && isNarrow(field) && isSameType(field, place.field))
        this.copied.set(at, place);
    });
  }

  findReferences(drafts: readonly Draft[]): void {
    this.kind.fields.forEach((field, at) => {
      if (field.type !== "ref" || field.nullable || this.copied.has(at)) return;
      const target = drafts.find((draft) => draft.kind.number === field.targetKind);
      if (target === undefined || target === this || target.uniqueKnown() === 0) return;
      this.referred.set(at, target);
    });
  }

  /** Whether a unique key is known, so that there is something to look for. */
  isWorthIt(): boolean {
    return this.slot.bytes <= SLOT_BYTES_MAX && (this.uniqueKnown() | this.uniqueLater()) !== 0;
  }

  sketch(kept: readonly Draft[]): Sketch {
    const { offsets } = this.slot;
    const isComplete = Array.from(this.referred.values()).every((target) => kept.includes(target));
    const unique = this.uniqueKnown();
    const uniqueLater = isComplete ? this.uniqueLater() : 0;
    const used = this.fieldsOf(unique | uniqueLater);
    return {
      kind: this.position,
      slot: this.slot,
      copies: Array.from(this.copied)
        .filter(([at]) => used.has(at))
        .map(([at, { field, offset }]) => ({ from: offset, to: offsets[at]!, width: field.width })),
      references: Array.from(this.referred)
        .filter(([at]) => used.has(at))
        .map(([at, target]) => ({ to: offsets[at]!, sketch: kept.indexOf(target) })),
      unique,
      uniqueLater,
      isReferred: kept.some((draft) => draft.refersTo(this)),
    };
  }

  /** Whether a unique key takes the SysId of the other's record. */
  private refersTo(other: Draft): boolean {
    const used = this.fieldsOf(this.uniqueLater());
    return Array.from(this.referred).some(([at, target]) => target === other && used.has(at));
  }

  /** Positions of the fields in some unique keys. */
  private fieldsOf(unique: number): ReadonlySet<number> {
    const paths = this.kind.unique.filter((_, position) => ((unique >> position) & 1) !== 0);
    return new Set(paths.flatMap((path) => path.segments.map(({ field }) => field)));
  }

  private uniqueKnown(): number {
    return bitsOf(this.kind.unique, (path) => path.segments.every(({ field }) => this.copied.has(field)));
  }

  private uniqueLater(): number {
    const isKnown = ({ field }: SegmentModel) => this.copied.has(field) || this.referred.has(field);
    return bitsOf(this.kind.unique, (path) => path.segments.every(isKnown)) & ~this.uniqueKnown();
  }
}

function isSameType(a: FieldModel, b: FieldModel): boolean {
  return (
    a.code === b.code &&
    a.width === b.width &&
    a.scale === b.scale &&
    a.targetKind === b.targetKind &&
    a.enumeration?.name === b.enumeration?.name
  );
}

function bitsOf(paths: readonly PathModel[], has: (path: PathModel) => boolean): number {
  let bits = 0;
  paths.forEach((path, position) => {
    if (has(path)) bits |= 1 << position;
  });
  return bits;
}
