/**
 * Random programs: blocks of statements over what is in scope.
 *
 * Responsible for: programs that do something: records are looked up where they are likely to be, walks change what they
 * walk over. Not responsible for: values (generate-expression.ts).
 */
import type { FieldModel } from "../../../src/schema/model.ts";
import { type Choices, tapesOf } from "./choices.ts";
import { Expressions, type Scope } from "./generate-expression.ts";
import type { Assignment, Expression, Numeric, Program, Statement, Type } from "./language.ts";
import { fieldOf, kindOf, model, typeOf } from "./shape.ts";

const STATEMENTS_MAX = 15;
const EMPTY: Scope = { records: [], locals: [] };
const LOCAL_TYPES: readonly Type[] = [
  "u64",
  "u64",
  "u64",
  "u64",
  "i64",
  "u128",
  "i128",
  "u32",
  "bool",
  "side",
  "text",
  "bytes",
];

const PAYLOAD_ID: Expression = { is: "payload", type: "u32", field: "k" };
const SEQ_ID: Expression = {
  is: "convert",
  type: "u32",
  value: { is: "context", type: "u64", what: "seq" },
};

/** What the walks do that come behind the calculations. */
const WALKED = ["update", "delete", "create", "emit", "hold", "edge", "emit", "repeat"] as const;
const NUMERICS: readonly Numeric[] = ["u64", "i64", "u128", "i128"];

/** @returns the programs of a seed, always the same; the first ones calculate, so that no form of `num` is left out */
export function programsOf(seed: number, count: number): Program[] {
  return tapesOf(seed, count).map((choices, at) => {
    const type = NUMERICS[at];
    return {
      command: `P${at}`,
      body:
        type === undefined
          ? new Statements(choices).program(at)
          : calculation(type, new Expressions(choices)),
    };
  });
}

/** Sees the answer of every verb and mode of a type. */
function calculation(type: Numeric, expressions: Expressions): Statement[] {
  return expressions.everyCall(type).map((value) => ({ does: "see", value }));
}

class Statements {
  readonly #choices: Choices;
  readonly #expressions: Expressions;
  #left = STATEMENTS_MAX;
  #names = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#expressions = new Expressions(choices);
  }

  /** Most programs begin with a record of an id of the payload: made if it is not there, then looked up. */
  program(at: number): Statement[] {
    const walked = WALKED[at - NUMERICS.length];
    if (walked !== undefined) return [this.#createAbsent(EMPTY, "Item"), this.#walk(walked, at)];
    const kind = [undefined, "Account", "Item", "Item"][at % 4];
    if (kind === undefined) return this.#block(EMPTY, 3, 6);
    const name = this.#name("r");
    const lookup = { kind, key: "byId", values: [PAYLOAD_ID] };
    const body = this.#block(withRecord(EMPTY, name, kind), 3, 6);
    return [this.#createAbsent(EMPTY, kind), { does: "find", lookup, name, body, otherwise: [] }];
  }

  /** A walk over items that does the same with each of them. */
  #walk(form: (typeof WALKED)[number], at: number): Statement {
    const name = this.#name("r");
    const inside = withRecord(EMPTY, name, "Item");
    const made = form === "create" ? this.#createAbsent(inside, "Item") : this.#make(form, inside, 1);
    const range = {
      kind: "Item",
      index: this.#choices.pick(kindOf("Item").indexes).name,
      prefix: [],
      bounds: [],
    };
    const limit = { is: "literal", type: "u32", value: 1 + (at % 4) } as const;
    const body = [{ does: "seeRecord", kind: "Item", record: name } as const, made];
    return {
      does: "scan",
      range,
      reverse: at % 2 === 0,
      limit: at % 3 === 0 ? null : limit,
      name,
      body,
      until: null,
    };
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  #block(start: Scope, depth: number, most: number): Statement[] {
    const statements: Statement[] = [];
    const count = 1 + this.#choices.below(most);
    let scope = start;
    for (let n = 0; n < count && this.#left > 0; n += 1) {
      this.#left -= 1;
      const made = this.#statement(scope, depth);
      statements.push(...made);
      scope = made.reduce((known, statement) => this.#within(known, statement), scope);
      // What stands behind it is not reached.
      if (made.some((statement) => statement.does === "reject" && statement.returns)) break;
    }
    return statements;
  }

  /** The scope behind a statement. */
  #within(scope: Scope, statement: Statement): Scope {
    if (statement.does === "get") return withRecord(scope, statement.name, statement.lookup.kind);
    if (statement.does === "create") return withRecord(scope, statement.name, statement.kind);
    if (statement.does !== "let") return scope;
    return { ...scope, locals: [...scope.locals, { name: statement.name, type: statement.value.type }] };
  }

  #statement(scope: Scope, depth: number): Statement[] {
    const some = scope.records.length > 0 ? 1 : 0;
    const nested = depth > 0 ? 1 : 0;
    const form = this.#choices.weighted({
      let: 5,
      see: 4,
      accumulate: scope.locals.some(({ type }) => type === "u64") ? 14 : 0,
      seeRecord: 3 * some,
      get: 1,
      find: 6 * nested,
      edge: 4 * nested,
      near: 4 * some * nested,
      scan: 6 * nested,
      create: 2,
      update: 9 * some,
      delete: 3 * some,
      emit: 4,
      reject: 3,
      if: 4 * nested,
      repeat: 2 * nested,
      hold: 1,
      trap: 0,
      createAbsent: 5,
      move: 3 * nested,
      rare: 1,
    });
    if (form === "move") return [this.#move(scope)];
    if (form === "createAbsent") return [this.#createAbsent(scope, this.#kind())];
    return [
      this.#make(
        form === "rare" ? this.#choices.pick(["trap", "hold", "reject", "get"]) : form,
        scope,
        depth,
      ),
    ];
  }

  #make(form: Exclude<Statement["does"], never>, scope: Scope, depth: number): Statement {
    const choices = this.#choices;
    const expressions = this.#expressions;
    const record = () => choices.pick(scope.records);
    switch (form) {
      case "let":
        return { does: form, name: this.#name("v"), value: expressions.of(choices.pick(LOCAL_TYPES), scope) };
      case "see":
        return { does: form, value: expressions.of(choices.pick(LOCAL_TYPES), scope) };
      case "accumulate": {
        const able = scope.locals.filter(({ type }) => type === "u64");
        return { does: form, name: choices.pick(able).name, value: expressions.of("u64", scope, 1) };
      }
      case "seeRecord": {
        const { name, kind } = record();
        return { does: form, kind, record: name };
      }
      case "get":
        return { does: form, lookup: expressions.lookup(scope), name: this.#name("r") };
      case "create":
        return this.#create(scope, this.#kind());
      case "update":
        return this.#update(scope);
      case "delete":
        return { does: form, record: record().name };
      case "emit":
        return this.#emit(scope);
      case "reject":
        return {
          does: "if",
          test: expressions.of("bool", scope),
          body: [this.#reject(scope)],
          otherwise: [],
        };
      case "hold": {
        const times = choices.chance(50) ? 2 : 7;
        return { does: form, range: expressions.range(scope), times, name: this.#name("i") };
      }
      case "trap":
        return { does: form, how: choices.pick(["null", "assert"]), name: this.#name("r") };
      default:
        return this.#nesting(form, scope, depth - 1);
    }
  }

  #nesting(
    form: "find" | "edge" | "near" | "scan" | "if" | "repeat",
    scope: Scope,
    depth: number,
  ): Statement {
    const choices = this.#choices;
    const expressions = this.#expressions;
    const maybe = (kind: string) => {
      const name = this.#name("r");
      return {
        name,
        body: this.#block(withRecord(scope, name, kind), depth, 4),
        otherwise: choices.chance(40) ? this.#block(scope, depth, 2) : [],
      };
    };
    switch (form) {
      case "find": {
        const lookup = expressions.lookup(scope);
        return { does: form, lookup, ...maybe(lookup.kind) };
      }
      case "edge": {
        const range = expressions.range(scope);
        return { does: form, verb: choices.pick(["first", "last"]), range, ...maybe(range.kind) };
      }
      case "near": {
        const { name: record, kind } = choices.pick(scope.records);
        const index = choices.pick(kindOf(kind).indexes).name;
        return { does: form, verb: choices.pick(["next", "prev"]), kind, index, record, ...maybe(kind) };
      }
      case "if":
        return {
          does: form,
          test: expressions.of("bool", scope),
          body: this.#block(scope, depth, 3),
          otherwise: choices.chance(50) ? this.#block(scope, depth, 2) : [],
        };
      case "repeat": {
        const times = choices.chance(35)
          ? ({ is: "literal", type: "u32", value: 3_000 } as const)
          : expressions.of("u32", scope, 0);
        return { does: form, times, name: this.#name("i"), body: this.#block(scope, depth, 3) };
      }
      case "scan":
        return this.#scan(scope, depth);
    }
  }

  #scan(scope: Scope, depth: number): Statement {
    const choices = this.#choices;
    const expressions = this.#expressions;
    const range = expressions.range(scope, choices.chance(75) ? "Item" : "Account");
    const name = this.#name("r");
    const inside = withRecord(scope, name, range.kind);
    return {
      does: "scan",
      range,
      reverse: choices.chance(40),
      limit: choices.chance(30) ? expressions.of("u32", scope, 0) : null,
      name,
      body: [{ does: "seeRecord", kind: range.kind, record: name }, ...this.#block(inside, depth, 4)],
      until: choices.chance(35) ? expressions.of("bool", inside) : null,
    };
  }

  /** Moves something between two accounts of one side, which keeps their sum. */
  #move(scope: Scope): Statement {
    const [from, to] = [this.#name("r"), this.#name("r")];
    const lookup = this.#expressions.lookup(scope, "Account");
    const amount: Expression = { is: "literal", type: "i64", value: this.#choices.pick([1n, 2n, 7n, 30n]) };
    const balance = (record: string) => ({ is: "field", type: "i64", record, field: "balance" }) as const;
    const update = (record: string, verb: "add" | "sub"): Statement => ({
      does: "update",
      kind: "Account",
      record,
      name: this.#name("v"),
      values: [
        { field: "balance", value: { is: "operator", type: "i64", verb, values: [balance(record), amount] } },
      ],
    });
    const side = {
      field: "side",
      value: { is: "field", type: "side", record: from, field: "side" },
    } as const;
    const range = { kind: "Account", index: "richest", prefix: [side], bounds: [] } as const;
    const body = [update(from, "sub"), update(to, "add")];
    const edge: Statement = {
      does: "edge",
      verb: this.#choices.pick(["first", "last"]),
      range,
      name: to,
      body,
      otherwise: [],
    };
    return { does: "find", lookup, name: from, body: [edge], otherwise: [] };
  }

  // ---- writing ---------------------------------------------------------------------------------------------

  #assignment(field: FieldModel, scope: Scope): Assignment {
    return { field: field.name, value: this.#expressions.valueFor(field, scope) };
  }

  /** The kind to create: more items than accounts. */
  #kind(): string {
    return this.#choices.chance(70) ? "Item" : "Account";
  }

  /** Creates a record with an id that no other one has. */
  #createAbsent(scope: Scope, kind: string): Statement {
    const id = this.#choices.chance(60) ? PAYLOAD_ID : SEQ_ID;
    const taken = { is: "exists", type: "bool", lookup: { kind, key: "byId", values: [id] } } as const;
    const body = [this.#create(scope, kind, id)];
    return { does: "if", test: { is: "not", type: "bool", value: taken }, body, otherwise: [] };
  }

  #create(scope: Scope, kind: string, id?: Expression): Statement {
    const values = kindOf(kind).fields.map((field) => {
      // A new record has no balance to begin with, or the sums would not add up.
      const isZero = field.name === "balance" && !this.#choices.chance(5);
      if (isZero) return { field: field.name, value: { is: "literal", type: "i64", value: 0n } } as const;
      if (field.name === "id" && id !== undefined) return { field: field.name, value: id };
      return this.#assignment(field, scope);
    });
    return { does: "create", kind, name: this.#name("r"), values };
  }

  #update(scope: Scope): Statement {
    const { name: record, kind } = this.#choices.pick(scope.records);
    const able = kindOf(kind).fields.filter(
      ({ immutable, name }) => !immutable && (name !== "balance" || this.#choices.chance(6)),
    );
    const chosen = able.filter(() => this.#choices.chance(30));
    const fields = chosen.length > 0 ? chosen : [this.#choices.pick(able)];
    const values = fields.map((field) => this.#assignment(field, scope));
    return { does: "update", kind, record, values, name: this.#name("v") };
  }

  #emit(scope: Scope): Statement {
    const event = model.events.find(({ name }) => name === "Told")!;
    const values = event.fields
      .filter(({ repeated }) => !repeated)
      .map((field) => this.#assignment(field, scope));
    const count = this.#choices.chance(4) ? 5 : this.#choices.below(5);
    const list = Array.from({ length: count }, () => this.#expressions.of("u64", scope, 1));
    return { does: "emit", event: event.name, values, list };
  }

  #reject(scope: Scope): Statement {
    const code = this.#choices.pick(model.rejects);
    const values = code.fields.map((field) => this.#assignment(field, scope));
    return { does: "reject", code: code.name, values, returns: this.#choices.chance(60) };
  }
}

function withRecord(scope: Scope, name: string, kind: string): Scope {
  return { ...scope, records: [...scope.records, { name, kind }] };
}

/** Of an assignment: the type that its value has. */
export function typeIn(kind: string, { field }: Assignment): Type {
  return typeOf(fieldOf(kind, field));
}
