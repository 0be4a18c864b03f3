/**
 * Checking invariants and conserved sums.
 *
 * Responsible for: every rule of their terms, and the invariant models of what passes.
 * Not responsible for: their numbers and names (validate.ts).
 *
 * Invariant: I1 terms over a record or field that has a mistake of its own are passed over: one cause, one mistake.
 */
import {
  OPERATOR_EQ,
  OPERATOR_GT,
  OPERATOR_GTE,
  OPERATOR_LT,
  OPERATOR_LTE,
  OPERATOR_NE,
} from "../../assembly/abi.ts";
import type { ComparisonsSpec, SumSpec } from "./invariants.ts";
import { type Mistakes, show } from "./mistakes.ts";
import {
  type ComparisonModel,
  type FieldModel,
  type InvariantModel,
  isNumberType,
  type KindModel,
  rangeOf,
  type TermModel,
} from "./model.ts";
import { recordSpecOf } from "./records.ts";

/** The words of the DSL for operators; their numbers are those of the core table. */
export const OPERATORS: ReadonlyMap<string, number> = new Map([
  ["eq", OPERATOR_EQ],
  ["ne", OPERATOR_NE],
  ["gt", OPERATOR_GT],
  ["gte", OPERATOR_GTE],
  ["lt", OPERATOR_LT],
  ["lte", OPERATOR_LTE],
]);

/** A record of the schema, with the names of its declared fields, sound or not. */
export interface CheckedKind {
  readonly definition: unknown;
  readonly model: KindModel;
  readonly declared: ReadonlySet<string>;
}

type Forms = {
  readonly [F in InvariantModel["form"]]: Omit<Extract<InvariantModel, { form: F }>, "name" | "number">;
};

/** Checks invariants against the records of one schema. */
export class InvariantChecker {
  private readonly mistakes: Mistakes;
  /** By position. */
  private readonly kinds: readonly CheckedKind[];

  constructor(mistakes: Mistakes, kinds: readonly CheckedKind[]) {
    this.mistakes = mistakes;
    this.kinds = kinds;
  }

  comparisons(path: string, spec: ComparisonsSpec): Forms["comparisons"] | undefined {
    const kind = this.kindOf(`${path}.kind`, spec.kind);
    if (!this.mistakes.object(path, spec.holds, "an object of fields and comparisons")) return undefined;
    if (kind === undefined) return undefined;
    const comparisons: (ComparisonModel | undefined)[] = [];
    for (const [name, tests] of Object.entries(spec.holds)) {
      const place = `${path}.${name}`;
      const field = this.fieldOf(place, kind, name);
      if (!this.mistakes.object(place, tests, "an object of comparisons, as in { gt: 0n }")) continue;
      for (const [word, operand] of Object.entries(tests)) {
        const operator = OPERATORS.get(word);
        if (operator === undefined) {
          this.mistakes.add(`${place}.${word}`, word, `one of ${[...OPERATORS.keys()].join(", ")}`);
        } else if (field !== undefined) {
          comparisons.push(this.comparison(`${place}.${word}`, kind, field, operator, operand));
        }
      }
      if (Object.keys(tests).length === 0) this.mistakes.add(place, "no comparison", "at least one");
    }
    if (Object.keys(spec.holds).length === 0) this.mistakes.add(path, "no comparison", "at least one");
    const sound = comparisons.filter((one) => one !== undefined);
    sound.sort((a, b) => a.field - b.field || a.operator - b.operator);
    return { form: "comparisons", kind: this.kinds.indexOf(kind), comparisons: sound };
  }

  private comparison(
    place: string,
    kind: CheckedKind,
    position: number,
    operator: number,
    operand: unknown,
  ): ComparisonModel | undefined {
    const field = kind.model.fields[position]!;
    if (field.type === "text" || field.type === "bytes") {
      this.mistakes.add(place, `${field.name}, of type ${field.type}`, "a field whose values are numbers");
      return undefined;
    }
    const ordered = operator !== OPERATOR_EQ && operator !== OPERATOR_NE;
    if (field.type === "ref" && ordered) {
      this.mistakes.add(place, "an order of refs", "eq or ne: SysIds have no business order");
      return undefined;
    }
    if (isFieldOperand(operand)) {
      const other = this.fieldOf(`${place}.field`, kind, operand.field);
      if (other === undefined) return undefined;
      if (!sameType(field, kind.model.fields[other]!)) {
        const found = describeType(kind.model.fields[other]!);
        this.mistakes.add(
          `${place}.field`,
          `${operand.field}, of type ${found}`,
          `type ${describeType(field)}`,
        );
        return undefined;
      }
      return { field: position, operator, other, value: null };
    }
    const value = this.constant(place, field, operand);
    return value === undefined ? undefined : { field: position, operator, other: null, value };
  }

  private constant(place: string, field: FieldModel, operand: unknown): bigint | undefined {
    const { mistakes } = this;
    if (field.type === "bool") {
      if (typeof operand === "boolean") return operand ? 1n : 0n;
      mistakes.add(place, show(operand), "true, false or { field }");
      return undefined;
    }
    if (field.type === "enum") {
      const value = typeof operand === "string" ? field.enumeration!.valueOf.get(operand) : undefined;
      if (value !== undefined) return BigInt(value);
      mistakes.add(place, show(operand), `a value of ${field.enumeration!.name} or { field }`);
      return undefined;
    }
    if (field.type === "ref") {
      mistakes.add(place, show(operand), "{ field }: a schema knows no SysIds");
      return undefined;
    }
    const wanted = isNumberType(field.type) ? "number" : "bigint";
    const whole = typeof operand === "bigint" || Number.isInteger(operand);
    if (typeof operand !== wanted || !whole) {
      mistakes.add(place, show(operand), `a whole ${wanted} or { field }`);
      return undefined;
    }
    const value = BigInt(operand as number | bigint);
    const [min, max] = rangeOf(field)!;
    if (value >= min && value <= max) return value;
    mistakes.add(place, String(value), `a value of the field, from ${min} to ${max}`);
    return undefined;
  }

  sum(path: string, spec: SumSpec): Forms["sum"] | undefined {
    const { mistakes } = this;
    if (!Array.isArray(spec.terms) || spec.terms.length === 0) {
      mistakes.add(path, show(spec.terms), "a list of at least one term");
      return undefined;
    }
    const before = mistakes.list.length;
    const terms = spec.terms.map((term, index) => this.term(`${path}.terms[${index}]`, term));
    if (mistakes.list.length > before || terms.includes(undefined)) return undefined;
    const sound = terms as TermModel[];
    this.agree(path, sound);
    sound.sort(byTerm);
    sound.forEach((term, index) => {
      if (index > 0 && byTerm(sound[index - 1]!, term) === 0) {
        mistakes.add(path, "the same term twice", "each term once");
      }
    });
    return { form: "sum", terms: sound };
  }

  private term(place: string, term: unknown): TermModel | undefined {
    const { mistakes } = this;
    if (!mistakes.object(place, term, 'a term, as in { of: Account, field: "balance" }')) return undefined;
    const kind = this.kindOf(`${place}.of`, term.of);
    if (kind === undefined) return undefined;
    const field = this.fieldOf(`${place}.field`, kind, term.field);
    const by = term.by ?? [];
    if (!Array.isArray(by)) {
      mistakes.add(`${place}.by`, show(by), "a list of field names");
      return undefined;
    }
    const positions = by.map((name, index) => this.fieldOf(`${place}.by[${index}]`, kind, name));
    const { fields } = kind.model;
    positions.forEach((position, index) => {
      if (position !== undefined && fields[position]!.nullable) {
        mistakes.add(`${place}.by[${index}]`, `${by[index]}, a nullable field`, "a required field");
      }
      if (position !== undefined && positions.indexOf(position) < index) {
        mistakes.add(`${place}.by[${index}]`, `${by[index]} twice`, "each field once");
      }
    });
    if (field !== undefined && (sumType(fields[field]!) === undefined || fields[field]!.nullable)) {
      const found = `${term.field}, ${fields[field]!.nullable ? "nullable" : `of type ${fields[field]!.type}`}`;
      mistakes.add(`${place}.field`, found, "a required integer or decimal field");
    }
    if (field === undefined || positions.includes(undefined)) return undefined;
    return { kind: this.kinds.indexOf(kind), field, by: positions as number[] };
  }

  /** All terms add up one kind of number, apart for keys of one shape. */
  private agree(path: string, terms: readonly TermModel[]): void {
    const fieldAt = (term: TermModel, position: number) => this.kinds[term.kind]!.model.fields[position]!;
    const first = terms[0]!;
    terms.forEach((term, index) => {
      const place = `${path}.terms[${index}]`;
      const type = sumType(fieldAt(term, term.field));
      const wanted = sumType(fieldAt(first, first.field));
      if (type !== wanted) this.mistakes.add(`${place}.field`, `${type}`, `${wanted}, as in the first term`);
      const found = term.by.map((position) => describeType(fieldAt(term, position))).join(", ");
      const expected = first.by.map((position) => describeType(fieldAt(first, position))).join(", ");
      if (found !== expected) {
        this.mistakes.add(`${place}.by`, `types (${found})`, `types (${expected}), as in the first term`);
      }
    });
  }

  private kindOf(place: string, definition: unknown): CheckedKind | undefined {
    const kind = this.kinds.find((one) => one.definition === definition);
    if (kind === undefined) {
      const name = recordSpecOf(definition)?.name;
      this.mistakes.add(place, show(name ?? definition), "a record of this schema");
    }
    return kind;
  }

  private fieldOf(place: string, kind: CheckedKind, name: unknown): number | undefined {
    const position = kind.model.fields.findIndex((field) => field.name === name);
    if (position >= 0) return position;
    if (typeof name !== "string" || !kind.declared.has(name)) {
      this.mistakes.add(place, show(name), `a field of ${kind.model.name}`);
    }
    return undefined;
  }
}

function isFieldOperand(operand: unknown): operand is { readonly field: unknown } {
  return typeof operand === "object" && operand !== null && "field" in operand;
}

/** What can be added up together: all integers, or decimals of one scale. */
function sumType(field: FieldModel): string | undefined {
  if (field.type === "decimal") return `decimal of scale ${field.scale}`;
  return /^[ui]\d+$/.test(field.type) ? "integer" : undefined;
}

function describeType(field: FieldModel): string {
  if (field.type === "decimal") return `decimal of scale ${field.scale}`;
  if (field.type === "enum") return `enum ${field.enumeration!.name}`;
  if (field.type === "ref") return `ref to kind ${field.targetKind}`;
  if (field.maxBytes > 0) return `${field.type} of at most ${field.maxBytes} bytes`;
  return field.type;
}

function sameType(a: FieldModel, b: FieldModel): boolean {
  return describeType(a) === describeType(b);
}

/** Order of terms: kind, field, then the grouping fields. */
export function byTerm(a: TermModel, b: TermModel): number {
  if (a.kind !== b.kind) return a.kind - b.kind;
  if (a.field !== b.field) return a.field - b.field;
  for (let index = 0; index < a.by.length && index < b.by.length; index++) {
    if (a.by[index] !== b.by[index]) return a.by[index]! - b.by[index]!;
  }
  return a.by.length - b.by.length;
}
