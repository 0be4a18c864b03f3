/**
 * What the random tests have exercised: field type, the form it stands in, operation and outcome.
 *
 * Responsible for: naming the combinations that are meaningful, counting them, saying which are too few.
 * Not responsible for: running anything.
 */
import type { FieldModel, KindModel, PathModel } from "../../src/schema/model.ts";

/** Takes one use of a field: the operation, and the form that the field has there. */
export type Note = (operation: string, field: FieldModel, form: string) => void;

export const TYPES = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "u128",
  "i8",
  "i16",
  "i32",
  "i64",
  "i128",
  "decimal64",
  "decimal128",
  "timestamp",
  "enum8",
  "enum16",
  "text",
  "bytes",
  "ref",
];
export const OUTCOMES = ["committed", "rejected", "faulted"];

export function typeOf(field: FieldModel): string {
  if (field.type === "decimal") return field.precision <= 18 ? "decimal64" : "decimal128";
  if (field.type !== "enum") return field.type;
  return field.enumeration!.entries.every(({ value }) => value < 256) ? "enum8" : "enum16";
}

/** Forms of a field: by itself, or as a segment of an index. */
export function formsOf(field: FieldModel, index?: PathModel, at?: number): string[] {
  if (index === undefined) return [field.repeated ? "repeated" : field.nullable ? "nullable" : "plain"];
  const { descending, when } = index.segments[at!]!;
  const direction = `${descending ? "desc" : "asc"}${when === null ? "" : "-when"}`;
  return [`${direction}${field.nullable ? "?" : ""}`];
}

/** Notes an operation on a field of a record in every form that the field has in its kind. */
export function covered(note: Note | undefined, operation: string, kind: KindModel, field: FieldModel): void {
  if (note === undefined) return;
  const position = kind.fields.indexOf(field);
  note(operation, field, formsOf(field)[0]!);
  for (const key of kind.unique) {
    if (!key.segments.some((segment) => segment.field === position)) continue;
    note(operation, field, key.segments.length === 1 ? "unique" : "unique+");
  }
  for (const index of kind.indexes) {
    index.segments.forEach((segment, at) => {
      if (segment.field === position) note(operation, field, formsOf(field, index, at)[0]!);
      if (segment.when?.field === position) note(operation, field, "when");
    });
    if (index.where.some((where) => where.field === position)) note(operation, field, "where");
  }
}

/** Counts uses, by outcome of the command that made them. */
export class Coverage {
  readonly counts = new Map<string, number>();
  private readonly pending: string[] = [];

  readonly note: Note = (operation, field, form) => {
    this.pending.push(`${typeOf(field)} ${form} ${operation}`);
  };

  /** The command that made the pending notes has this outcome. */
  settle(outcome: string): void {
    for (const use of this.pending) {
      const key = `${use} ${outcome}`;
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    }
    this.pending.length = 0;
  }

  /** Meaningful combinations that were used less often than `least`. */
  missing(least: number): string[] {
    return meaningful().filter((key) => (this.counts.get(key) ?? 0) < least);
  }
}

/** Every combination that a run must have exercised. */
export function meaningful(): string[] {
  const keys: string[] = [];
  const add = (
    types: readonly string[],
    forms: readonly string[],
    uses: readonly string[],
    outcomes = OUTCOMES,
  ) => {
    for (const type of types) {
      for (const form of forms) {
        for (const use of uses) keys.push(...outcomes.map((outcome) => `${type} ${form} ${use} ${outcome}`));
      }
    }
  };
  const segments = ["asc", "desc", "asc-when", "desc-when"].flatMap((form) => [form, `${form}?`]);
  const selectors = ["bool", "enum8", "enum16"];
  add(TYPES, ["plain", "nullable"], ["create", "update", "same", "delete", "emit"]);
  add(TYPES, ["unique", "unique+"], ["create", "delete", "lookup"]);
  add(TYPES, segments, ["create", "update", "delete", "prefix", "bound", "neighbour"]);
  add(selectors, ["when", "where"], ["create", "update", "delete"]);
  add(TYPES, ["repeated"], ["emit"]);
  add(TYPES, ["plain", "nullable"], ["reject"], ["rejected", "faulted"]);
  add(TYPES, ["plain", "nullable", "repeated"], ["payload"]);
  return keys;
}
