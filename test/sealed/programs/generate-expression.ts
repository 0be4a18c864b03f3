/**
 * Random expressions: of a type, over what is in scope.
 *
 * Responsible for: values that mostly fit, so that most commands commit, and now and then are at an edge or beyond it.
 */
import type { FieldModel, KindModel } from "../../../src/schema/model.ts";
import type { Choices } from "./choices.ts";
import type {
  BoundName,
  Expression,
  Literal,
  Lookup,
  Mode,
  Numeric,
  Range,
  Segment,
  Type,
  Verb,
} from "./language.ts";
import { fieldOf, model, payload, typeOf } from "./shape.ts";

/** What a statement may name. */
export interface Scope {
  readonly records: readonly { readonly name: string; readonly kind: string }[];
  readonly locals: readonly { readonly name: string; readonly type: Type }[];
}

const U64_MAX = 2n ** 64n - 1n;
const I64_MAX = 2n ** 63n - 1n;
const SMALL = [0n, 1n, 2n, 3n, 5n, 10n, 25n, 100n];
/** The first ones are the likeliest; those from EDGE on are rare. */
const EDGES: Readonly<Record<Type, readonly Literal[]>> = {
  u64: [13n, U64_MAX, 2n ** 32n, 2n ** 63n],
  i64: [-1n, -7n, -35n, I64_MAX, -(2n ** 63n), 10n ** 9n],
  u128: [2n ** 64n, 2n ** 128n - 1n, 2n ** 127n],
  i128: [-1n, -35n, 2n ** 127n - 1n, -(2n ** 127n), 10n ** 24n, -(2n ** 64n)],
  u32: [7, 12, 30, 4_294_967_295],
  bool: [true, false],
  side: ["Buy", "Sell", "Both"],
  text: ["é", "zzzzzz", "a\0", "seven b", "more than twelve bytes", "\u{10000}"],
  bytes: ["255,0", "1,2,3,4", "1,2,3,4,5,6"],
};
const COMMON: Readonly<Record<Type, readonly Literal[]>> = {
  u64: SMALL,
  i64: SMALL,
  u128: SMALL,
  i128: SMALL,
  u32: [0, 1, 2, 3, 4, 5],
  bool: [true, false],
  side: ["Buy", "Sell", "Both"],
  text: ["", "a", "b", "ab"],
  bytes: ["", "1", "0"],
};
/** No value of the type: only where it goes straight to the core. */
const NO_VALUE: Partial<Record<Type, Literal>> = { side: "Nothing", text: "\ud800" };
const CONVERSIONS: readonly (readonly [from: Type, to: Type])[] = [
  ["u32", "u64"],
  ["u64", "i64"],
  ["i64", "u64"],
  ["u64", "u32"],
  ["i64", "i128"],
  ["u64", "u128"],
  ["i128", "i64"],
  ["u128", "u64"],
  ["u128", "i128"],
  ["i128", "u128"],
];
const MODES: readonly Mode[] = ["truncate", "floor", "ceil", "halfUp", "halfEven"];
const ROUNDED: readonly Verb[] = ["div", "mulDiv", "rescale"];
const VERBS: readonly Verb[] = ["add", "sub", "mul", "div", "mulDiv", "rescale"];

export class Expressions {
  readonly #choices: Choices;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** @param depth how deep it may nest */
  of(type: Type, scope: Scope, depth = 2): Expression {
    const choices = this.#choices;
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const form = choices.weighted({
        literal: 3,
        payload: 3,
        local: 2,
        field: 4,
        compound: depth > 0 ? 3 : 0,
      });
      if (form === "literal") break;
      const found =
        form === "compound" ? this.#compound(type, scope, depth - 1) : this.#read(form, type, scope, depth);
      if (found !== undefined) return found;
    }
    return this.literal(type);
  }

  literal(type: Type): Expression {
    const pool = this.#choices.chance(4) ? EDGES[type] : COMMON[type];
    return { is: "literal", type, value: this.#choices.pick(pool) };
  }

  /** A value for a field: mostly one, null where that is allowed, now and then no value at all. */
  valueFor(field: FieldModel, scope: Scope): Expression | null {
    const choices = this.#choices;
    if (field.nullable && choices.chance(20)) return null;
    const type = typeOf(field);
    const none = NO_VALUE[type];
    if (none !== undefined && choices.chance(1)) return { is: "literal", type, value: none };
    if (field.type === "ref") return this.#reference(scope);
    if (field.type === "text" && choices.chance(60))
      return { is: "literal", type, value: choices.pick(COMMON.text) };
    return this.of(type, scope);
  }

  /** The SysId of a record, mostly one of the right kind. */
  #reference(scope: Scope): Expression | null {
    const accounts = scope.records.filter(({ kind }) => kind === "Account");
    const able = accounts.length > 0 && !this.#choices.chance(2) ? accounts : scope.records;
    if (able.length === 0) return null;
    return { is: "field", type: "u64", record: this.#choices.pick(able).name, field: "sysId" };
  }

  #read(
    form: "payload" | "local" | "field",
    type: Type,
    scope: Scope,
    depth: number,
  ): Expression | undefined {
    if (form === "payload") return this.#payload(type, scope, depth);
    if (form === "field") return this.#field(type, scope, depth);
    const locals = scope.locals.filter((local) => local.type === type);
    return locals.length === 0 ? undefined : { is: "local", type, name: this.#choices.pick(locals).name };
  }

  #payload(type: Type, scope: Scope, depth: number): Expression | undefined {
    const able = payload.filter((field) => typeOf(field) === type);
    if (able.length === 0) return undefined;
    const { name, nullable } = this.#choices.pick(able);
    if (!nullable) return { is: "payload", type, field: name };
    return { is: "payloadOr", type, field: name, other: this.of(type, scope, Math.min(depth - 1, 0)) };
  }

  #field(type: Type, scope: Scope, depth: number): Expression | undefined {
    if (scope.records.length === 0) return undefined;
    const { name: record, kind } = this.#choices.pick(scope.records);
    const able = model.kinds
      .find(({ name }) => name === kind)!
      .fields.filter((field) => typeOf(field) === type);
    const extra = type === "u64" ? ["sysId"] : type === "u32" ? ["revision"] : [];
    const field = this.#choices.pick([...able.map(({ name }) => name), ...extra, ""]);
    if (field === "") return undefined;
    if (extra.includes(field) || !fieldOf(kind, field).nullable) return { is: "field", type, record, field };
    return { is: "fieldOr", type, record, field, other: this.of(type, scope, Math.min(depth - 1, 0)) };
  }

  // ---- compound --------------------------------------------------------------------------------------------

  #compound(type: Type, scope: Scope, depth: number): Expression | undefined {
    const choices = this.#choices;
    switch (type) {
      case "bool":
        return this.#test(scope, depth);
      case "u32": {
        if (choices.chance(50)) return this.#convert(type, scope, depth);
        if (choices.chance(15)) return { is: "items", type };
        return { is: "count", type, range: this.range(scope), limit: this.of("u32", scope, 0) };
      }
      case "side":
      case "text":
      case "bytes":
        return undefined;
      default:
        return this.#number(type, scope, depth);
    }
  }

  #number(type: Numeric, scope: Scope, depth: number): Expression {
    const choices = this.#choices;
    const form = choices.weighted({ num: 5, operator: 4, convert: 2, special: type === "u64" ? 3 : 0 });
    if (form === "num") return this.#num(type, scope, depth);
    if (form === "convert") return this.#convert(type, scope, depth);
    if (form === "operator") {
      const verb = choices.pick(["add", "sub", "mul"] as const);
      return { is: "operator", type, verb, values: this.#operands(type, verb, scope, depth) };
    }
    const values = [this.of(type, scope, depth), this.of(type, scope, depth)];
    const special = choices.weighted({ divide: 4, context: 3, item: 1 });
    if (special === "divide") {
      const divisor = choices.chance(80) ? this.#divisor("u64") : values[1]!;
      return { is: "divide", type: "u64", sign: choices.pick(["/", "%"]), values: [values[0]!, divisor] };
    }
    if (special === "item") {
      const first = { is: "literal", type: "u32", value: 0 } as const;
      return { is: "item", type: "u64", index: choices.chance(70) ? first : this.of("u32", scope, 0) };
    }
    return { is: "context", type: "u64", what: choices.pick(["seq", "timeNs", "source"]) };
  }

  /** Every verb and mode of a type, over small operands of the payload: most of them have an answer. */
  everyCall(type: Numeric): Expression[] {
    const operand = payload.find((field) => typeOf(field) === type)!;
    const value: Expression = { is: "payload", type, field: operand.name };
    const two: Expression = { is: "literal", type, value: 2n };
    const more: Expression = { is: "operator", type, verb: "add", values: [value, two] };
    const operators = (["sub", "mul"] as const).map(
      (verb): Expression => ({ is: "operator", type, verb, values: [more, two] }),
    );
    const calls = VERBS.flatMap((verb) => {
      const count = verb === "mulDiv" ? 3 : verb === "rescale" ? 1 : 2;
      const values = [more, two, this.#divisor(type)].slice(0, count);
      const modes = ROUNDED.includes(verb) ? MODES : MODES.slice(0, 1);
      return modes.map(
        (mode): Expression => ({ is: "num", type, call: { verb, values, scales: [3, 2], mode } }),
      );
    });
    return [...operators, ...calls];
  }

  #num(type: Numeric, scope: Scope, depth: number): Expression {
    const choices = this.#choices;
    const verb = choices.pick(VERBS);
    const values = this.#operands(type, verb, scope, depth);
    const divides = verb === "div" || verb === "mulDiv";
    if (divides && choices.chance(80)) values[values.length - 1] = this.#divisor(type);
    const scales = [choices.below(6), choices.chance(3) ? 39 : choices.below(6)] as const;
    return { is: "num", type, call: { verb, values, scales, mode: choices.pick(MODES) } };
  }

  /** What is taken from an unsigned number is mostly small: else most of such commands would fault. */
  #operands(type: Numeric, verb: Verb, scope: Scope, depth: number): Expression[] {
    const count = verb === "mulDiv" ? 3 : verb === "rescale" ? 1 : 2;
    const values = Array.from({ length: count }, () => this.of(type, scope, depth));
    const isSmall = verb === "sub" && type.startsWith("u") && !this.#choices.chance(15);
    if (isSmall) values[1] = { is: "literal", type, value: BigInt(this.#choices.below(2)) };
    return values;
  }

  #divisor(type: Numeric): Expression {
    const signs = type.startsWith("i") && this.#choices.chance(40) ? -1n : 1n;
    return { is: "literal", type, value: signs * this.#choices.pick([1n, 2n, 3n, 4n, 7n, 10n, 2n ** 33n]) };
  }

  #convert(type: Type, scope: Scope, depth: number): Expression {
    const able = CONVERSIONS.filter(([, to]) => to === type);
    const [from] = this.#choices.pick(able);
    return { is: "convert", type, value: this.of(from, scope, depth) };
  }

  #test(scope: Scope, depth: number): Expression {
    const choices = this.#choices;
    const form = choices.weighted({ compare: 6, logic: depth > 0 ? 2 : 0, not: 1, exists: 2, has: 2 });
    if (form === "not") return { is: "not", type: "bool", value: this.of("bool", scope, 0) };
    if (form === "exists") return { is: "exists", type: "bool", lookup: this.lookup(scope) };
    if (form === "logic") {
      const values = [this.of("bool", scope, depth - 1), this.of("bool", scope, depth - 1)];
      return { is: "logic", type: "bool", sign: choices.pick(["&&", "||"]), values };
    }
    if (form === "has") return this.#has(scope);
    const type = choices.pick<Type>(["u64", "i64", "u128", "i128", "u32", "side", "text", "bytes"]);
    const isOrdered = !["side", "text", "bytes"].includes(type);
    const sign = choices.pick(isOrdered ? (["==", "!=", "<", "<="] as const) : (["==", "!="] as const));
    return {
      is: "compare",
      type: "bool",
      sign,
      values: [this.of(type, scope, depth), this.of(type, scope, depth)],
    };
  }

  #has(scope: Scope): Expression {
    const items = scope.records.filter(({ kind }) => kind === "Item");
    if (items.length === 0) return { is: "payloadHas", type: "bool", field: this.#choices.pick(["m", "n"]) };
    const field = this.#choices.pick(["score", "note", "owner", "wealth"]);
    return { is: "fieldHas", type: "bool", record: this.#choices.pick(items).name, field };
  }

  // ---- lookups and ranges ----------------------------------------------------------------------------------

  lookup(scope: Scope, wanted?: string): Lookup {
    const choices = this.#choices;
    const kind = model.kinds.find(({ name }) => name === wanted) ?? choices.pick(model.kinds);
    const key = choices.pick([...kind.unique.map(({ name }) => name), ""]);
    if (key === "") return { kind: kind.name, key: null, values: [this.of("u64", scope, 1)] };
    const path = kind.unique.find(({ name }) => name === key)!;
    const like = scope.records.filter((record) => record.kind === kind.name);
    const values = path.segments.map(({ field }) => {
      const { name } = kind.fields[field]!;
      const type = typeOf(kind.fields[field]!);
      if (like.length > 0 && choices.chance(30))
        return { is: "field", type, record: choices.pick(like).name, field: name } as const;
      return this.valueFor(kind.fields[field]!, scope)!;
    });
    return { kind: kind.name, key, values };
  }

  range(scope: Scope, wanted?: string): Range {
    const choices = this.#choices;
    const kind = model.kinds.find(({ name }) => name === wanted) ?? choices.pick(model.kinds);
    const index = choices.pick(kind.indexes);
    const length = choices.below(index.segments.length + 1);
    const prefix = index.segments
      .slice(0, Math.min(length, choices.below(3)))
      .map(({ field }) => this.#segment(kind, field, scope));
    const next = index.segments[prefix.length];
    const names = next === undefined ? [] : this.#bounds();
    const bounds = names.map((bound) => ({ ...this.#segment(kind, next!.field, scope), bound }));
    return { kind: kind.name, index: index.name, prefix, bounds };
  }

  #bounds(): BoundName[] {
    const choices = this.#choices;
    const low: BoundName[] = choices.chance(30) ? [choices.pick(["from", "after"])] : [];
    const high: BoundName[] = choices.chance(30) ? [choices.pick(["to", "before"])] : [];
    // Two lower bounds are a bad argument in both lanes.
    return choices.chance(1) ? ["from", "after"] : [...low, ...high];
  }

  #segment(kind: KindModel, at: number, scope: Scope): Segment {
    const field = kind.fields[at]!;
    return { field: field.name, value: this.valueFor(field, scope) };
  }
}
