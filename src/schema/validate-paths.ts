/**
 * Checking the unique keys and canonical indexes of a record.
 *
 * Responsible for: every rule of paths, and the path models of what passes.
 * Not responsible for: the fields themselves (validate-fields.ts) or key bytes (layout.ts).
 *
 * Invariant: I1 a path over a field that has a mistake of its own is passed over: one cause, one mistake.
 */
import { INDEX_SEGMENTS_MAX, KEY_BYTES_MAX, PATHS_MAX } from "../../assembly/abi.ts";
import { keyBytes } from "./layout.ts";
import { type Mistakes, show } from "./mistakes.ts";
import { byName, type FieldModel, type PathModel, type SegmentModel, type WhereModel } from "./model.ts";

/** A field that a path names: sound, unknown, or known but with a mistake of its own. */
type Found = { readonly field: FieldModel; readonly position: number } | undefined;

/** Checks the paths of one record. */
export class PathChecker {
  private readonly mistakes: Mistakes;
  private readonly fields: readonly FieldModel[];
  /** Names of all declared fields, sound or not. */
  private readonly declared: ReadonlySet<string>;

  constructor(mistakes: Mistakes, fields: readonly FieldModel[], declared: ReadonlySet<string>) {
    this.mistakes = mistakes;
    this.fields = fields;
    this.declared = declared;
  }

  /** @returns models of the unique keys without mistakes, by name */
  unique(path: string, declared: unknown): PathModel[] {
    return this.paths(path, declared, "unique keys", (place, value) => {
      if (!this.fieldList(place, value)) return undefined;
      const segments = value.map((name, index) => this.uniqueSegment(`${place}[${index}]`, name));
      return { segments, where: [] };
    });
  }

  /** @returns models of the canonical indexes without mistakes, by name */
  indexes(path: string, declared: unknown): PathModel[] {
    return this.paths(path, declared, "indexes", (place, value) => {
      const partial = typeof value === "object" && value !== null && !Array.isArray(value);
      const { on, where } = partial ? (value as { on?: unknown; where?: unknown }) : { on: value, where: {} };
      if (!this.fieldList(partial ? `${place}.on` : place, on)) return undefined;
      const segments: (SegmentModel | undefined)[] = [];
      on.forEach((one, index) => {
        segments.push(this.segment(`${place}${partial ? ".on" : ""}[${index}]`, one, segments));
      });
      return { segments, where: this.where(`${place}.where`, where, partial) };
    });
  }

  private paths(
    path: string,
    declared: unknown,
    what: string,
    check: (
      place: string,
      value: unknown,
    ) =>
      | { segments: readonly (SegmentModel | undefined)[]; where: readonly (WhereModel | undefined)[] }
      | undefined,
  ): PathModel[] {
    const { mistakes } = this;
    if (declared === undefined) return [];
    if (!mistakes.object(path, declared, `an object of ${what}`)) return [];
    const names = Object.keys(declared);
    if (names.length > PATHS_MAX) mistakes.add(path, `${names.length} ${what}`, `at most ${PATHS_MAX}`);
    const models: PathModel[] = [];
    for (const name of names) {
      const place = `${path}.${name}`;
      mistakes.memberName(place, name);
      const parts = check(place, declared[name]);
      if (parts === undefined) continue;
      this.repeatedFields(place, parts.segments);
      if (parts.segments.includes(undefined) || parts.where.includes(undefined)) continue;
      const model = { name, ...parts } as PathModel;
      const bytes = keyBytes(model, this.fields);
      if (bytes > KEY_BYTES_MAX) {
        mistakes.add(place, `a key of ${bytes} bytes`, `at most ${KEY_BYTES_MAX} bytes`);
      }
      models.push(model);
    }
    return models.sort(byName);
  }

  private fieldList(place: string, value: unknown): value is readonly unknown[] {
    if (Array.isArray(value) && value.length >= 1 && value.length <= INDEX_SEGMENTS_MAX) return true;
    const found = Array.isArray(value) ? `${value.length} segments` : show(value);
    this.mistakes.add(place, found, `1..${INDEX_SEGMENTS_MAX} segments`);
    return false;
  }

  private repeatedFields(place: string, segments: readonly (SegmentModel | undefined)[]): void {
    const seen = new Set<number>();
    for (const segment of segments) {
      if (segment === undefined) continue;
      if (seen.has(segment.field)) {
        const name = this.fields[segment.field]!.name;
        this.mistakes.add(place, `${name} twice`, "each field at most once in a key");
      }
      seen.add(segment.field);
    }
  }

  private find(place: string, name: unknown): Found {
    const position = this.fields.findIndex((field) => field.name === name);
    if (position >= 0) return { field: this.fields[position]!, position };
    if (typeof name !== "string" || !this.declared.has(name)) {
      this.mistakes.add(place, show(name), "a field of this record");
    }
    return undefined;
  }

  private uniqueSegment(place: string, name: unknown): SegmentModel | undefined {
    const found = this.find(place, name);
    if (found === undefined) return undefined;
    const { field, position } = found;
    if (!field.immutable) this.mistakes.add(place, `${field.name}, a mutable field`, "an immutable field");
    if (field.nullable) this.mistakes.add(place, `${field.name}, a nullable field`, "a required field");
    return { field: position, descending: false, when: null };
  }

  private segment(
    place: string,
    segment: unknown,
    earlier: readonly (SegmentModel | undefined)[],
  ): SegmentModel | undefined {
    if (typeof segment === "string") {
      const found = this.find(place, segment);
      return found && { field: found.position, descending: false, when: null };
    }
    const expected = "a field name, { asc: field } or { desc: field }, each with an optional when";
    if (!this.mistakes.object(place, segment, expected)) return undefined;
    const { asc, desc, when, ...others } = segment;
    if ((asc === undefined) === (desc === undefined) || Object.keys(others).length > 0) {
      this.mistakes.add(place, `an object with ${Object.keys(segment).join(", ")}`, expected);
      return undefined;
    }
    const found = this.find(place, asc ?? desc);
    const condition = when === undefined ? null : this.when(`${place}.when`, when, earlier);
    if (found === undefined || condition === undefined) return undefined;
    return { field: found.position, descending: desc !== undefined, when: condition };
  }

  private when(
    place: string,
    when: unknown,
    earlier: readonly (SegmentModel | undefined)[],
  ): SegmentModel["when"] | undefined {
    if (!this.mistakes.object(place, when, "an object of one field and one value")) return undefined;
    const names = Object.keys(when);
    if (names.length !== 1) {
      this.mistakes.add(place, `${names.length} fields`, "one field and one value");
      return undefined;
    }
    const name = names[0]!;
    const found = this.find(place, name);
    if (found === undefined) return undefined;
    if (!earlier.some((segment) => segment?.field === found.position)) {
      this.mistakes.add(place, name, "a field that is an earlier segment of this index");
      return undefined;
    }
    if (!this.selects(place, found.field)) return undefined;
    const value = this.selected(`${place}.${name}`, found.field, when[name]);
    return value === undefined ? undefined : { field: found.position, value };
  }

  private where(place: string, where: unknown, partial: boolean): (WhereModel | undefined)[] {
    if (!partial) return [];
    if (!this.mistakes.object(place, where, "an object of fields and lists of values")) return [undefined];
    const names = Object.keys(where);
    if (names.length === 0)
      this.mistakes.add(place, "no fields", "at least one field; without any, leave out where");
    const conditions = names.map((name) => this.condition(`${place}.${name}`, name, where[name]));
    return conditions.sort((a, b) => (a?.field ?? 0) - (b?.field ?? 0));
  }

  private condition(place: string, name: string, values: unknown): WhereModel | undefined {
    const found = this.find(place, name);
    if (found === undefined || !this.selects(place, found.field)) return undefined;
    if (!Array.isArray(values) || values.length === 0) {
      this.mistakes.add(place, show(values), "a list of at least one value");
      return undefined;
    }
    const numbers = values.map((value, index) => this.selected(`${place}[${index}]`, found.field, value));
    const sound = numbers.filter((number) => number !== undefined);
    if (new Set(sound).size < sound.length) this.mistakes.add(place, show(values), "each value once");
    if (sound.length < numbers.length) return undefined;
    return { field: found.position, values: sound.sort((a, b) => a - b) };
  }

  /** Whether a direction or condition may depend on this field. */
  private selects(place: string, field: FieldModel): boolean {
    const fits = (field.type === "enum" || field.type === "bool") && !field.nullable;
    if (!fits) {
      const found = `${field.name}, ${field.nullable ? "a nullable" : "of type"} ${field.type}`;
      this.mistakes.add(place, found, "a required enum or bool field");
    }
    return fits;
  }

  private selected(place: string, field: FieldModel, value: unknown): number | undefined {
    if (field.type === "bool") {
      if (typeof value === "boolean") return value ? 1 : 0;
      this.mistakes.add(place, show(value), "true or false");
      return undefined;
    }
    const number = typeof value === "string" ? field.enumeration!.valueOf.get(value) : undefined;
    if (number === undefined) {
      const names = field.enumeration!.entries.map((entry) => entry.name).join(", ");
      this.mistakes.add(place, show(value), `one of ${names}`);
    }
    return number;
  }
}
