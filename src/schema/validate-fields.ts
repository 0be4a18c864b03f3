/**
 * Checking the fields of a record, command, event or reject detail.
 *
 * Responsible for: every rule of one field list, and the field models of what passes.
 * Not responsible for: keys and indexes over the fields (validate-paths.ts).
 *
 * Invariant: I1 a field with a mistake has no model; the others do, so that later checks go on.
 */
import {
  DECIMAL_PRECISION_MAX,
  FIELD_BYTES_MAX,
  FIELDS_MAX,
  MESSAGE_BYTES_MAX,
  NUMBER_MAX,
  RECORD_BYTES_MAX,
  REJECT_DETAIL_MAX,
  REPEATED_ITEMS_MAX,
  SLOT_FIELDS,
} from "../../assembly/abi.ts";
import { type FieldSpec, fieldSpecOf, type RepeatedSpec } from "./fields.ts";
import { messageBytesMax, slotOf } from "./layout.ts";
import { type Mistakes, Numbers, show } from "./mistakes.ts";
import {
  byName,
  byNumber,
  type EnumerationModel,
  enumerationModel,
  type FieldFacts,
  type FieldModel,
  fieldModel,
  isNumberType,
  rangeOf,
} from "./model.ts";

/** Whose fields they are; some declarations belong to one of them only. */
export type Role = "record" | "command" | "event" | "reject detail";

const ENUM_VALUE_MAX = 65_535;

/** Checks field lists against one schema. */
export class FieldChecker {
  private readonly mistakes: Mistakes;
  /** Kind numbers by record name. */
  private readonly kinds: ReadonlyMap<string, number>;
  private readonly byEnumeration = new Map<string, EnumerationModel | null>();

  constructor(mistakes: Mistakes, kinds: ReadonlyMap<string, number>) {
    this.mistakes = mistakes;
    this.kinds = kinds;
  }

  /** Enumerations that fields used so far, by name. */
  enumerations(): EnumerationModel[] {
    return [...this.byEnumeration.values()].filter((one) => one !== null).sort(byName);
  }

  /** @returns models of the fields without mistakes, by number */
  check(path: string, fields: unknown, role: Role): FieldModel[] {
    const { mistakes } = this;
    if (!mistakes.object(path, fields, "an object of fields")) return [];
    const names = Object.keys(fields);
    const countMax = role === "reject detail" ? REJECT_DETAIL_MAX : FIELDS_MAX;
    if (names.length > countMax) mistakes.add(path, `${names.length} fields`, `at most ${countMax}`);
    if (role === "record" && names.length === 0) mistakes.add(path, "no fields", "at least one field");
    const numbers = new Numbers(mistakes, NUMBER_MAX);
    const models: FieldModel[] = [];
    for (const name of names) {
      const model = this.field(`${path}.${name}`, name, fields[name], role, numbers);
      if (model !== undefined) models.push(model);
    }
    models.sort(byNumber);
    this.size(path, models, role);
    return models;
  }

  private size(path: string, models: readonly FieldModel[], role: Role): void {
    if (role === "record") {
      const bytes = slotOf(models).bytes - SLOT_FIELDS;
      if (bytes > RECORD_BYTES_MAX) {
        this.mistakes.add(path, `a record of ${bytes} bytes`, `at most ${RECORD_BYTES_MAX} bytes`);
      }
    }
    const bytes = messageBytesMax(models);
    if (role !== "record" && bytes > MESSAGE_BYTES_MAX) {
      this.mistakes.add(path, `up to ${bytes} encoded bytes`, `at most ${MESSAGE_BYTES_MAX}`);
    }
  }

  private field(
    path: string,
    name: string,
    field: unknown,
    role: Role,
    numbers: Numbers,
  ): FieldModel | undefined {
    const { mistakes } = this;
    const before = mistakes.list.length;
    mistakes.memberName(path, name);
    const spec = fieldSpecOf(field);
    if (spec === undefined) {
      mistakes.add(path, show(field), "a field, as in u64(1)");
      return undefined;
    }
    const number = spec.number;
    // A repeated nothing has no number to speak of; what is repeated is the mistake.
    const numbered = spec.role === "field" || spec.element !== undefined;
    if (numbered) numbers.take(`${path}.number`, number, `field ${name}`);
    const facts = spec.role === "repeated" ? this.repeated(path, spec, role) : this.scalar(path, spec, role);
    if (mistakes.list.length > before || facts === undefined) return undefined;
    return fieldModel({ ...facts, name, number: number as number });
  }

  private repeated(
    path: string,
    spec: RepeatedSpec,
    role: Role,
  ): (Partial<FieldFacts> & Pick<FieldFacts, "type">) | undefined {
    const { mistakes } = this;
    if (role === "record" || role === "reject detail") {
      mistakes.add(path, "a repeated field", `none in a ${role}: only commands and events have them`);
    }
    if (mistakes.integer(`${path}.maxItems`, spec.maxItems, 1, REPEATED_ITEMS_MAX) === false)
      return undefined;
    if (spec.element === undefined) {
      mistakes.add(path, "no field to repeat", "a field, as in repeated(u64(1), { maxItems: 8 })");
      return undefined;
    }
    if (spec.element.nullable) mistakes.add(path, "nullable elements", "elements that are always there");
    const facts = this.scalar(path, spec.element, role);
    return facts && { ...facts, repeated: true, maxItems: spec.maxItems };
  }

  /** Everything but name, number and repetition. */
  private scalar(
    path: string,
    spec: FieldSpec,
    role: Role,
  ): (Partial<FieldFacts> & Pick<FieldFacts, "type">) | undefined {
    const { mistakes } = this;
    if (spec.immutable && role !== "record") {
      mistakes.add(path, `.immutable() in a ${role}`, ".immutable() in records only");
    }
    const common = { type: spec.type, nullable: spec.nullable, immutable: spec.immutable };
    if (spec.type === "text" || spec.type === "bytes") {
      if (!mistakes.integer(`${path}.maxBytes`, spec.maxBytes, 1, FIELD_BYTES_MAX)) return undefined;
      const notEmpty = this.notEmpty(path, spec.notEmpty, role);
      return { ...common, maxBytes: spec.maxBytes, notEmpty };
    }
    if (spec.type === "decimal") {
      const { precision, scale } = spec;
      if (!mistakes.integer(`${path}.precision`, precision, 1, DECIMAL_PRECISION_MAX)) return undefined;
      if (!mistakes.integer(`${path}.scale`, scale, 0, precision)) return undefined;
      return { ...common, precision, scale };
    }
    if (spec.type === "enum") {
      const enumeration = this.enumeration(path, spec.enumeration);
      return enumeration && { ...common, enumeration };
    }
    if (spec.type === "ref") {
      const targetKind = this.target(path, spec.target);
      return targetKind === undefined ? undefined : { ...common, targetKind };
    }
    return { ...common, ...this.bounds(path, spec, role) };
  }

  private notEmpty(path: string, notEmpty: unknown, role: Role): boolean {
    if (notEmpty === undefined) return false;
    if (typeof notEmpty !== "boolean") this.mistakes.add(`${path}.notEmpty`, show(notEmpty), "true or false");
    else if (notEmpty && role !== "command") this.checkElsewhere(`${path}.notEmpty`, role);
    return notEmpty === true;
  }

  private checkElsewhere(path: string, role: Role): void {
    this.mistakes.add(
      path,
      `a payload check in a ${role}`,
      "payload checks in commands only; see invariant()",
    );
  }

  private bounds(path: string, spec: FieldSpec, role: Role): Pick<FieldModel, "min" | "max"> {
    const min = this.bound(`${path}.min`, spec.min, spec, role);
    const max = this.bound(`${path}.max`, spec.max, spec, role);
    if (min !== null && max !== null && min > max) {
      this.mistakes.add(path, `min ${min} above max ${max}`, "min at most max");
    }
    return { min, max };
  }

  private bound(path: string, value: unknown, spec: FieldSpec, role: Role): bigint | null {
    if (value === undefined) return null;
    if (role !== "command") {
      this.checkElsewhere(path, role);
      return null;
    }
    const wanted = isNumberType(spec.type) ? "number" : "bigint";
    if (typeof value !== wanted || (wanted === "number" && !Number.isInteger(value))) {
      this.mistakes.add(path, show(value), `a whole ${wanted}, as the values of a ${spec.type} are`);
      return null;
    }
    const bound = BigInt(value as number | bigint);
    const range = rangeOf({ type: spec.type, precision: 0 });
    if (range !== null && (bound < range[0] || bound > range[1])) {
      this.mistakes.add(path, String(bound), `a value of ${spec.type}, from ${range[0]} to ${range[1]}`);
      return null;
    }
    return bound;
  }

  private target(path: string, target: unknown): number | undefined {
    const number = typeof target === "string" ? this.kinds.get(target) : undefined;
    if (number === undefined) {
      this.mistakes.add(path, `a ref to ${show(target)}`, "the name of a record of this schema");
    }
    return number;
  }

  private enumeration(path: string, value: unknown): EnumerationModel | undefined {
    const { mistakes } = this;
    const expected = "an enumeration, as made by enumeration()";
    if (!mistakes.object(path, value, expected)) return undefined;
    const { name, values } = value;
    if (!mistakes.identifier(`${path}.enumeration`, name)) return undefined;
    const place = `enumerations.${name}`;
    if (!mistakes.object(place, values, expected)) return undefined;
    const known = this.byEnumeration.get(name);
    if (known !== undefined) {
      // A null stands for one whose mistakes are reported already.
      if (known !== null && !sameEntries(known, values)) {
        mistakes.add(path, `enumeration ${name} with other values`, `the values of ${name} used elsewhere`);
        return undefined;
      }
      return known ?? undefined;
    }
    const before = mistakes.list.length;
    const entries = Object.entries(values);
    if (entries.length === 0) mistakes.add(place, "no values", "at least one value");
    const numbers = new Numbers(mistakes, ENUM_VALUE_MAX);
    for (const [entry, number] of entries) {
      mistakes.identifier(`${place}.${entry}`, entry);
      numbers.take(`${place}.${entry}`, number, entry);
    }
    const sound = mistakes.list.length === before;
    const model = sound ? enumerationModel(name, entries as [string, number][]) : null;
    this.byEnumeration.set(name, model);
    return model ?? undefined;
  }
}

function sameEntries(model: EnumerationModel, values: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(values);
  return (
    names.length === model.entries.length && names.every((name) => model.valueOf.get(name) === values[name])
  );
}
