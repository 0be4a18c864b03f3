/**
 * Programs: what random commands do. A command's payload carries a program, one generic handler interprets it over
 * `tx`, so that the very same function runs in the engine's open lane and in the reference model.
 *
 * Responsible for: the operations, their interpretation, and making what a handler sees reach the frame.
 * Not responsible for: which programs are run (generate.ts) and what they should answer (model.ts).
 *
 * I1  everything read is mixed into `seen`, which ends in an event or in the details of a reject.
 * I2  every program ends: loops are bounded by the program, whatever `tx` answers.
 */
import { modelOf, type Schema } from "../../src/schema/define-schema.ts";
import type { FieldModel, KindModel, PathModel, SchemaModel } from "../../src/schema/model.ts";
import { covered, formsOf, type Note } from "./coverage.ts";
import { NO_VALUE, OUT_OF_RANGE, pick, select } from "./pools.ts";

/** Numbers choose among what there is, so that every program fits every schema. */
export type Operation =
  | { readonly op: "load"; readonly kind: number; readonly index: number; readonly reverse: boolean }
  | { readonly op: "create"; readonly kind: number; readonly values: readonly number[] }
  | { readonly op: "byId"; readonly verb: Lookup; readonly kind: number; readonly id: number }
  | ({ readonly op: "byKey"; readonly verb: Lookup; readonly kind: number; readonly key: number } & Like)
  | { readonly op: "update"; readonly record: number; readonly patch: readonly (readonly [number, number])[] }
  | { readonly op: "same" | "add"; readonly record: number; readonly field: number; readonly by: number }
  | { readonly op: "delete" | "read"; readonly record: number }
  | ({ readonly op: "scan"; readonly verb: "list" | "first" | "last" | "count" } & Scan)
  | ({ readonly op: "sweep"; readonly kind: number; readonly index: number } & Bounds)
  | { readonly op: "near"; readonly verb: "next" | "prev"; readonly record: number }
  | { readonly op: "hold"; readonly kind: number; readonly index: number; readonly times: number }
  | { readonly op: "emit"; readonly event: number; readonly values: readonly number[] }
  | { readonly op: "reject"; readonly code: number; readonly values: readonly number[] }
  | { readonly op: "try"; readonly body: readonly Operation[] }
  | { readonly op: "num"; readonly type: number; readonly verb: number; readonly values: readonly number[] }
  | { readonly op: "throw" | "divide" | "step" | "context" | "clock" };
type Lookup = "get" | "find" | "exists";
/** A key: that of a record when `like` is above 0, else by selectors. */
interface Like {
  readonly like: number;
  readonly values: readonly number[];
}
interface Bounds extends Like {
  /** 0 none, 1 inclusive, 2 exclusive */
  readonly low: number;
  readonly high: number;
}
interface Scan extends Bounds {
  readonly kind: number;
  readonly index: number;
  readonly prefix: number;
  readonly reverse: boolean;
  readonly limit: number;
  /** Done with each record that a list hands over; in it, record 0 is that record. */
  readonly body: readonly Operation[];
}

export interface ProgramEnvironment {
  /** Checked arithmetic of the side that runs. */
  readonly num: any;
  readonly note?: Note | undefined;
  /** Takes what the handler saw, for people. */
  readonly trace?: string[] | undefined;
}

const STEPS_MAX = 24;
const NUM_TYPES = ["u64", "i64", "i128", "u128"];
const NUM_VERBS = ["add", "sub", "mul", "div", "mulDiv", "rescale"];
const NUM_VALUES = [0n, 1n, 7n, 2n ** 63n - 1n, -3n, 2n ** 32n, 15n, 25n, 2n, -(2n ** 63n), 10n ** 18n, -35n];
const ROUNDINGS = ["truncate", "floor", "ceil", "halfUp", "halfEven"];

/** Handlers for the commands of generated schemas: `Run` interprets its program, `Feed` echoes its payload. */
export function programHandlers(schema: Schema, environment: ProgramEnvironment) {
  const model = modelOf(schema);
  return {
    Run: (tx: any, command: any) =>
      new Run(schema, model, environment, tx).start(JSON.parse(command.program)),
    Feed: (tx: any, { mode, ...fields }: any) => {
      if (mode === 1) throw new Error("asked to fail");
      if (mode === 2) throw tx.get((schema.records as any)[model.kinds[0]!.name], 0n);
      tx.emit((schema.events as any).Echo, fields);
    },
  };
}

class Run {
  private readonly schema: any;
  private readonly model: SchemaModel;
  private readonly environment: ProgramEnvironment;
  private readonly tx: any;
  private readonly handles: { readonly kind: KindModel; readonly record: any }[] = [];
  private readonly held: Iterator<unknown>[] = [];
  private seen = 0x811c9dc5;

  constructor(schema: Schema, model: SchemaModel, environment: ProgramEnvironment, tx: any) {
    this.schema = schema;
    this.model = model;
    this.environment = environment;
    this.tx = tx;
  }

  start(program: readonly Operation[]): void {
    this.run(program);
    this.tx.emit(this.schema.events.Seen, { hash: this.seen });
  }

  private run(program: readonly Operation[]): void {
    for (const operation of program) this.perform(operation);
  }

  private perform(operation: Operation): void {
    const { tx } = this;
    switch (operation.op) {
      case "load":
        return this.load(operation);
      case "create":
        return this.create(operation);
      case "byId":
      case "byKey":
        return this.lookUp(operation);
      case "scan":
        return this.scan(operation);
      case "sweep":
        return this.sweep(operation);
      case "hold":
        return this.hold(operation);
      case "step":
        for (const iterator of this.held) this.see(iterator.next().done);
        return;
      case "emit":
      case "reject":
        return this.say(operation);
      case "try":
        return this.attempt(operation.body);
      case "num":
        return this.calculate(operation);
      case "context":
        return this.see(tx.seq, tx.timeNs, tx.source?.client, tx.source?.stream, tx.source?.seq);
      case "clock":
        return this.see(typeof Date.now());
      case "throw":
        throw new RangeError("thrown by the program");
      case "divide":
        return this.see(1n / BigInt(this.held.length - this.held.length));
      default:
        return this.withRecord(operation);
    }
  }

  /** Operations on a record that the program already holds; 0 is the newest. */
  private withRecord(operation: Extract<Operation, { record: number }>): void {
    const handle = this.handleAt(operation.record);
    if (handle === undefined) return;
    const { kind, record } = handle;
    if (operation.op === "update") {
      const patch = operation.patch.flatMap(([at, selector]) =>
        this.assignable(kind, at).map((field) => {
          covered(this.environment.note, "update", kind, field);
          return [field.name, this.storable(field, selector)] as const;
        }),
      );
      return this.tx.update(record, Object.fromEntries(patch));
    }
    if (operation.op === "add") {
      const field = this.assignable(kind, operation.field)[0]!;
      const value = record[field.name];
      const isNumber = (typeof value === "number" || typeof value === "bigint") && field.type !== "ref";
      covered(this.environment.note, isNumber ? "update" : "same", kind, field);
      const by: any = typeof value === "bigint" ? BigInt(operation.by) : operation.by;
      return this.tx.update(record, { [field.name]: isNumber ? value + by : value });
    }
    if (operation.op === "same") {
      const mutable = kind.fields.filter(({ immutable }) => !immutable);
      for (const field of mutable) covered(this.environment.note, "same", kind, field);
      return this.tx.update(record, Object.fromEntries(mutable.map(({ name }) => [name, record[name]])));
    }
    if (operation.op === "near") {
      for (const index of kind.indexes) {
        for (const at of index.segments.keys()) this.noteSegment("neighbour", kind, index, at);
        this.keep(kind, this.tx[operation.verb](this.path(kind, index), record));
      }
      return;
    }
    if (operation.op === "read") return this.read(kind, record);
    for (const field of kind.fields) covered(this.environment.note, "delete", kind, field);
    this.tx.delete(record);
    this.read(kind, record);
  }

  private load({ kind: at, index, reverse }: Extract<Operation, { op: "load" }>): void {
    const kind = pick(this.model.kinds, at);
    const path = this.path(kind, pick(kind.indexes, index));
    for (const record of this.tx.list(path, [], { reverse, limit: 3 })) this.keep(kind, record);
  }

  private create({ kind: at, values }: Extract<Operation, { op: "create" }>): void {
    const kind = pick(this.model.kinds, at);
    const given = kind.fields.map((field, position) => {
      covered(this.environment.note, "create", kind, field);
      return [field.name, this.storable(field, values[position] ?? position)] as const;
    });
    this.keep(kind, this.tx.create(this.schema.records[kind.name], Object.fromEntries(given)));
  }

  private lookUp(operation: Extract<Operation, { op: "byId" | "byKey" }>): void {
    const kind = pick(this.model.kinds, operation.kind);
    const definition = this.schema.records[kind.name];
    if (operation.op === "byId" || kind.unique.length === 0) {
      const id = operation.op === "byId" ? operation.id : operation.key;
      return this.answer(kind, operation.verb, this.tx[operation.verb](definition, this.sysIdFor(id)));
    }
    const path = pick(kind.unique, operation.key);
    const form = path.segments.length === 1 ? "unique" : "unique+";
    const key = path.segments.map(({ field: position }, at) => {
      const field = kind.fields[position]!;
      this.environment.note?.("lookup", field, form);
      return this.keyValue(kind, field, operation, at);
    });
    this.answer(kind, operation.verb, this.tx[operation.verb](definition[path.name], ...key));
  }

  private scan(operation: Extract<Operation, { op: "scan" }>): void {
    const kind = pick(this.model.kinds, operation.kind);
    const index = pick(kind.indexes, operation.index);
    const length = operation.prefix % (index.segments.length + 1);
    const [prefix, options] = this.range(kind, index, length, operation);
    const path = this.path(kind, index);
    if (operation.verb === "count")
      return this.see(this.tx.count(path, prefix, { ...options, limit: operation.limit }));
    if (operation.verb !== "list") return this.keep(kind, this.tx[operation.verb](path, prefix, options));
    if (operation.limit < 10) options.limit = operation.limit;
    if (operation.reverse) options.reverse = true;
    let steps = 0;
    for (const record of this.tx.list(path, prefix, options)) {
      this.keep(kind, record);
      this.run(operation.body);
      steps += 1;
      if (steps === STEPS_MAX) break;
    }
  }

  /** Every prefix of an index, with bounds on the segment behind it. */
  private sweep(operation: Extract<Operation, { op: "sweep" }>): void {
    const kind = pick(this.model.kinds, operation.kind);
    const index = pick(kind.indexes, operation.index);
    for (let length = 0; length <= index.segments.length; length += 1) {
      const [prefix, options] = this.range(kind, index, length, operation);
      const record = this.tx[length % 2 === 0 ? "first" : "last"](this.path(kind, index), prefix, options);
      this.see(record?.sysId, this.tx.count(this.path(kind, index), prefix, { ...options, limit: 9 }));
    }
  }

  private range(kind: KindModel, index: PathModel, length: number, given: Bounds): [unknown[], any] {
    const keyAt = (at: number, shift = 0) => {
      const field = kind.fields[index.segments[at]!.field]!;
      return this.keyValue(kind, field, given, at + shift);
    };
    const prefix = Array.from({ length }, (_, at) => keyAt(at));
    for (const at of prefix.keys()) this.noteSegment("prefix", kind, index, at);
    const options: Record<string, unknown> = {};
    if (length < index.segments.length) {
      if (given.low > 0) options[given.low === 1 ? "from" : "after"] = keyAt(length);
      if (given.high > 0) options[given.high === 1 ? "to" : "before"] = keyAt(length, 1);
      if (given.low + given.high > 0) this.noteSegment("bound", kind, index, length);
    }
    return [prefix, options];
  }

  /** Opens cursors that stay open. */
  private hold({ kind: at, index, times }: Extract<Operation, { op: "hold" }>): void {
    const kind = pick(this.model.kinds, at);
    const path = this.path(kind, pick(kind.indexes, index));
    for (let opened = 0; opened < times; opened += 1) {
      const iterator = this.tx.list(path, [])[Symbol.iterator]();
      this.held.push(iterator);
      const { done, value } = iterator.next();
      if (!done) this.keep(kind, value);
    }
  }

  private say(operation: Extract<Operation, { op: "emit" | "reject" }>): void {
    const isEvent = operation.op === "emit";
    const choices = isEvent ? this.model.events : this.model.rejects;
    const message = pick(choices, isEvent ? operation.event : operation.code);
    const values = message.fields.map((field, at) => {
      this.environment.note?.(isEvent ? "emit" : "reject", field, formsOf(field)[0]!);
      return [field.name, select(field, operation.values[at] ?? at)] as const;
    });
    const given = Object.fromEntries(values);
    if (isEvent) return this.tx.emit(this.schema.events[message.name], given);
    this.tx.reject(this.schema.rejects[message.name], { ...given, seen: this.seen });
  }

  private attempt(body: readonly Operation[]): void {
    try {
      this.run(body);
    } catch {
      this.see("caught");
    }
  }

  private calculate({ type, verb, values }: Extract<Operation, { op: "num" }>): void {
    const [a, b, c] = [0, 1, 2].map((at) => pick(NUM_VALUES, values[at] ?? at)) as [bigint, bigint, bigint];
    const mode = pick(ROUNDINGS, values[3] ?? 0);
    const arithmetic = this.environment.num[pick(NUM_TYPES, type)];
    const name = pick(NUM_VERBS, verb);
    if (name === "rescale")
      return this.see(arithmetic.rescale(a, (values[1] ?? 1) % 4, (values[2] ?? 2) % 4, mode));
    if (name === "mulDiv") return this.see(arithmetic.mulDiv(a, b, c, mode));
    this.see(name === "div" ? arithmetic.div(a, b, mode) : arithmetic[name](a, b));
  }

  // ---- values --------------------------------------------------------------------------------------------

  private handleAt(at: number) {
    return this.handles.length === 0
      ? undefined
      : this.handles[this.handles.length - 1 - (at % this.handles.length)];
  }
  private path(kind: KindModel, path: PathModel): unknown {
    return this.schema.records[kind.name][path.name];
  }
  private noteSegment(operation: string, kind: KindModel, index: PathModel, at: number): void {
    const field = kind.fields[index.segments[at]!.field]!;
    this.environment.note?.(operation, field, formsOf(field, index, at)[0]!);
  }

  /** A SysId: of a record that the program holds, a small number, or none at all. */
  private sysIdFor(selector: number): unknown {
    if (selector >= NO_VALUE) return pick([1, "1", -1n, 2n ** 64n], selector);
    if (selector >= OUT_OF_RANGE) return pick([0n, 2n ** 64n - 1n, 10n ** 9n], selector);
    const handle = selector < 32 ? this.handleAt(selector) : undefined;
    return handle === undefined ? BigInt(selector % 32) : handle.record.sysId;
  }

  /** Fields to assign: the mutable ones of an index, or any one; an immutable one now and then. */
  private assignable(kind: KindModel, at: number): FieldModel[] {
    if (at % 17 === 16) return [pick(kind.fields, at)];
    const mutable = kind.fields.filter(({ immutable }) => !immutable);
    const index = pick(kind.indexes, at);
    const segments = index.segments.map(({ field }) => kind.fields[field]!);
    const moving = segments.filter((field) => mutable.includes(field));
    if (at % 3 > 0 && moving.length > 0) return moving;
    return [pick(mutable.length === 0 ? kind.fields : mutable, at)];
  }

  /** What is written into a field of a record: refs are mostly good ones. */
  private storable(field: FieldModel, selector: number): unknown {
    if (field.type !== "ref") return select(field, selector);
    if (selector >= OUT_OF_RANGE) return pick([0n, 10n ** 9n, 2n ** 64n, 1, "1", -1n], selector);
    if (field.nullable && selector % 4 === 1) return null;
    const target = this.model.kinds.find(({ number }) => number === field.targetKind)!;
    const held = this.handles.filter(({ kind }) => kind === target);
    if (held.length > 0) return pick(held, selector).record.sysId;
    for (const record of this.tx.list(this.path(target, target.indexes[0]!), [], { limit: 1 }))
      return record.sysId;
    return field.nullable ? null : BigInt(1 + selector);
  }

  private keyValue(kind: KindModel, field: FieldModel, { like, values }: Like, at: number): unknown {
    const handle = like > 0 ? this.handleAt(like - 1) : undefined;
    if (handle?.kind === kind) return handle.record[field.name];
    const selector = values[at] ?? at;
    if (field.type !== "ref") return select(field, selector);
    return field.nullable && selector % 4 === 1 ? null : this.sysIdFor(selector);
  }

  // ---- what the handler sees -----------------------------------------------------------------------------

  private answer(kind: KindModel, verb: Lookup, result: any): void {
    if (verb === "exists") this.see(result);
    else this.keep(kind, result);
  }
  private keep(kind: KindModel, record: any): void {
    if (record === undefined) return this.see("nothing");
    this.handles.push({ kind, record });
    this.read(kind, record);
  }
  private read(kind: KindModel, record: any): void {
    this.see(record.sysId, record.revision, ...kind.fields.map(({ name }) => record[name]));
  }
  private see(...things: unknown[]): void {
    const text = things.map(String).join(" ");
    this.environment.trace?.push(text);
    for (let at = 0; at < text.length; at += 1) {
      this.seen = Math.imul(this.seen ^ text.charCodeAt(at), 0x01000193) >>> 0;
    }
  }
}
