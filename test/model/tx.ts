/**
 * The reference model's `tx`: every operation of docs/reference/execution.md, in the steps of its tables.
 *
 * Responsible for: charges, argument and value checks, the overlay, cursors, handles, the first cause.
 * Not responsible for: admission, commit, undo (model.ts).
 *
 * I1  once `decision` is set no operation changes anything.
 */
import type { FieldModel, KindModel, MessageModel, PathModel, SchemaModel } from "../../src/schema/model.ts";
import type { Thing } from "./domain.ts";
import type { ModelEvent, ModelSource } from "./frames.ts";
import type { ModelRecord, Place, State } from "./state.ts";
import { bytesOfState, comparePlaces, compareSegment, copyRecord, entriesOf } from "./state.ts";
import type { Value, Values } from "./values.ts";
import { isSame, judge, messageBytes, ownCopy, valueBytes, valuesOf } from "./values.ts";

const Rejected = { PAYLOAD_CHECK: 60000, UNIQUE_KEY_TAKEN: 60001 };
const Limited = { WORK_EXHAUSTED: 60002, LIMIT: 60004, OVERFLOW: 60005, INVARIANT: 60006 };
const Failed = { RECORD_MISSING: 60007, MISUSE: 60008, HANDLER_FAILED: 60009 };
export const Code = { ...Rejected, ...Limited, ...Failed };
const Misuse = { REFERENCE: 1, DELETED: 2, STALE: 3, VALUE: 4, IMMUTABLE: 5, ARGUMENT: 6 };

export interface Decision {
  readonly outcome: "rejected" | "faulted";
  readonly code: number;
  readonly detail: Values;
}
/** What outlives a command. */
export interface Rules {
  readonly schema: SchemaModel;
  readonly things: ReadonlyMap<unknown, Thing>;
  /** By number. */
  readonly limits: readonly number[];
  readonly handles: WeakMap<object, { readonly session: Session; readonly record: ModelRecord }>;
  running: Session | undefined;
}
interface Cursor {
  readonly kind: KindModel;
  readonly index: PathModel;
  readonly prefix: readonly Value[];
  readonly range: any;
  readonly reverse: boolean;
  left: number;
  last: Place | undefined;
}

/** What unwinds a handler; private, so that no handler can make one. */
const UNWIND = Object.freeze({ reason: "the command is already decided" });
const END = Object.freeze({ done: true, value: undefined });
/** The signs of the order of an entry to each bound with which the entry is within it. */
const BOUNDS = { from: [0, 1], to: [-1, 0], after: [1], before: [-1] };

export class Session {
  readonly rules: Rules;
  readonly state: State;
  readonly seq: bigint;
  readonly timeNs: bigint;
  readonly source: ModelSource | undefined;
  /** Records as they were before the command, in first-touch order; undefined of a created one. */
  readonly touched = new Map<bigint, ModelRecord | undefined>();
  readonly events: ModelEvent[] = [];
  decision: Decision | undefined;
  work = 0;
  sysIdsUsed = 0;
  private bytesWritten = 0;
  private eventBytes = 0;
  private isMarked = false;
  private readonly open = new Set<Cursor>();

  constructor(rules: Rules, state: State, timeNs: bigint, source: ModelSource | undefined) {
    this.rules = rules;
    this.state = state;
    this.seq = state.seq + 1n;
    this.timeNs = timeNs;
    this.source = source;
  }

  // ---- deciding and charging -----------------------------------------------------------------------------

  decide(outcome: Decision["outcome"], code: number, detail: Values): never {
    this.decision ??= { outcome, code, detail };
    throw UNWIND;
  }
  fault(code: number, n: number): never {
    return this.decide("faulted", code, { n });
  }
  private enter(): void {
    if (this.rules.running !== this) throw new Error("this tx belongs to a command that has ended");
    if (this.decision !== undefined) throw UNWIND;
  }
  charge(cost: number): void {
    if (this.work + cost > this.rules.limits[1]!) this.fault(Code.WORK_EXHAUSTED, 0);
    this.work += cost;
  }
  private chargeBytes(bytes: number): void {
    const before = Math.ceil(this.bytesWritten / 64);
    this.bytesWritten += bytes;
    this.charge(Math.ceil(this.bytesWritten / 64) - before);
  }
  settle(): void {
    if (this.isMarked) this.checkSize();
    this.isMarked = false;
  }
  private checkSize(): void {
    if (this.state.records.size < this.rules.limits[9]! * 40) return; // no record takes 1/40 MiB
    if (bytesOfState(this.state) > this.rules.limits[9]! * 2 ** 20) this.fault(Code.LIMIT, 9);
  }
  private touch(record: ModelRecord, before: ModelRecord | undefined): void {
    if (this.touched.has(record.sysId)) return;
    if (this.touched.size + 1 > this.rules.limits[6]!) this.fault(Code.LIMIT, 6);
    this.touched.set(record.sysId, before);
  }

  // ---- arguments and values ------------------------------------------------------------------------------

  private badArgument(): never {
    return this.fault(Code.MISUSE, Misuse.ARGUMENT);
  }
  private thing(object: unknown, ...roles: Thing["role"][]): Thing {
    const thing = this.rules.things.get(object);
    return thing !== undefined && roles.includes(thing.role) ? thing : this.badArgument();
  }
  private argument(field: FieldModel | undefined, value: unknown): Value {
    if (field === undefined || value === undefined || judge(field, value) !== "ok") this.badArgument();
    return ownCopy(value);
  }
  private stored(field: FieldModel, value: unknown): Value {
    const verdict = judge(field, value);
    if (verdict === "range") this.fault(Code.OVERFLOW, field.number);
    if (verdict === "value") this.fault(Code.MISUSE, Misuse.VALUE);
    return ownCopy(value);
  }
  private storedInRecord(field: FieldModel, value: unknown): Value {
    const stored = this.stored(field, value);
    if (field.type === "ref" && stored !== null) {
      const isGivenOut = (stored as bigint) > 0n && (stored as bigint) < this.state.nextSysId;
      const live = this.state.records.get(stored as bigint);
      const isOther = live !== undefined && live.kind.number !== field.targetKind;
      if (!isGivenOut || isOther) this.fault(Code.MISUSE, Misuse.REFERENCE);
    }
    return stored;
  }
  private message({ fields }: MessageModel, values: any): Values {
    return valuesOf(fields, (field) => this.stored(field, values[field.name]));
  }

  // ---- handles -------------------------------------------------------------------------------------------

  /** A live view: it reads the record object of this command, which deletion leaves as it was. */
  private handle(record: ModelRecord | undefined): any {
    if (record === undefined) return undefined;
    const handle = new Proxy({}, { get: (_, name) => this.readHandle(record, String(name)) });
    this.rules.handles.set(handle, { session: this, record });
    return handle;
  }
  private readHandle({ sysId, revision, values }: ModelRecord, name: string): Value {
    const { running } = this.rules;
    if (running !== this) {
      running?.enter();
      running?.fault(Failed.MISUSE, Misuse.STALE);
      throw new Error("this record belongs to a command that has ended");
    }
    return name === "sysId" ? sysId : name === "revision" ? revision : ownCopy(values[name]);
  }
  private recordOf(handle: unknown): ModelRecord {
    const issued = this.rules.handles.get(handle as object);
    if (issued === undefined) return this.badArgument();
    return issued.session === this ? issued.record : this.fault(Code.MISUSE, Misuse.STALE);
  }
  private liveRecordOf(handle: unknown): ModelRecord {
    const record = this.recordOf(handle);
    if (!this.state.records.has(record.sysId)) this.fault(Code.MISUSE, Misuse.DELETED);
    return record;
  }

  // ---- lookups -------------------------------------------------------------------------------------------

  find(by: unknown, ...key: unknown[]): any {
    return this.handle(this.lookUp(by, key));
  }
  get(by: unknown, ...key: unknown[]): any {
    const { kind } = this.rules.things.get(by) ?? {};
    return this.handle(this.lookUp(by, key) ?? this.fault(Code.RECORD_MISSING, kind!.number));
  }
  exists(by: unknown, ...key: unknown[]): boolean {
    return this.lookUp(by, key) !== undefined;
  }
  private lookUp(by: unknown, key: unknown[]): ModelRecord | undefined {
    this.enter();
    this.charge(10);
    const { path, kind } = this.thing(by, "kind", "unique");
    if (path === undefined) {
      const isSysId = typeof key[0] === "bigint" && key[0] >= 0n && key[0] < 2n ** 64n;
      if (key.length !== 1 || !isSysId) this.badArgument();
      this.settle();
      const record = this.state.records.get(key[0] as bigint);
      return record?.kind === kind ? record : undefined;
    }
    const fields = path.segments.map(({ field }) => kind!.fields[field]!);
    if (key.length !== fields.length) this.badArgument();
    const values = valuesOf(fields, (field, at) => this.argument(field, key[at]));
    this.settle();
    return this.holder(kind!, path, values);
  }
  private holder(kind: KindModel, key: PathModel, values: Values): ModelRecord | undefined {
    const fields = key.segments.map(({ field }) => kind.fields[field]!);
    const holds = (record: ModelRecord) =>
      fields.every((field) => isSame(record.values[field.name]!, values[field.name]!));
    return [...this.state.records.values()].find((record) => record.kind === kind && holds(record));
  }

  // ---- index operations ----------------------------------------------------------------------------------

  list(index: unknown, prefix: unknown, options: any = {}): IterableIterator<any> {
    const cursor = this.cursor(index, prefix, options, options.reverse === true, options.limit);
    if (this.open.size + 1 > this.rules.limits[7]!) this.fault(Code.LIMIT, 7);
    this.open.add(cursor);
    const close = () => {
      this.open.delete(cursor);
      return END as IteratorResult<any>;
    };
    const next = () => {
      if (!this.open.has(cursor)) return END as IteratorResult<any>;
      this.enter();
      if (cursor.left === 0) return close();
      this.charge(2);
      this.settle();
      const record = this.following(cursor);
      if (record === undefined) return close();
      cursor.left -= 1;
      cursor.last = copyRecord(record);
      return { done: false, value: this.handle(record) };
    };
    const iterator: IterableIterator<any> = { next, return: close, [Symbol.iterator]: () => iterator };
    return iterator;
  }
  first(index: unknown, prefix: unknown, range: any = {}): any {
    return this.handle(this.following(this.cursor(index, prefix, range, false, undefined)));
  }
  last(index: unknown, prefix: unknown, range: any = {}): any {
    return this.handle(this.following(this.cursor(index, prefix, range, true, undefined)));
  }
  count(index: unknown, prefix: unknown, options: any): number {
    const cursor = this.cursor(index, prefix, options ?? {}, false, options?.limit ?? Number.NaN);
    const entries = this.entriesWithin(cursor);
    for (let counted = 0; counted < cursor.left; counted += 1) {
      this.charge(2);
      if (counted === entries.length) return counted;
    }
    return cursor.left;
  }
  next(index: unknown, handle: unknown): any {
    return this.neighbour(index, handle, false);
  }
  prev(index: unknown, handle: unknown): any {
    return this.neighbour(index, handle, true);
  }
  private neighbour(object: unknown, handle: unknown, reverse: boolean): any {
    this.enter();
    this.charge(10);
    const { kind, path } = this.thing(object, "index");
    const record = this.recordOf(handle);
    if (record.kind !== kind) this.badArgument();
    this.settle();
    const cursor = { kind: record.kind, index: path!, prefix: [], range: {}, reverse, left: 1, last: record };
    return this.handle(this.following(cursor));
  }

  /** Charges, checks the arguments, settles. */
  private cursor(object: unknown, given: any, range: any, reverse: boolean, limit: unknown): Cursor {
    this.enter();
    this.charge(10);
    const { kind, path } = this.thing(object, "index");
    const fields = path!.segments.map(({ field }) => kind!.fields[field]!);
    const prefix = Array.from(given as unknown[], (value, at) => this.argument(fields[at], value));
    const bounds = Object.keys(BOUNDS).filter((name) => range[name] !== undefined);
    for (const name of bounds) this.argument(fields[prefix.length], range[name]);
    if (["from", "after"].every((name) => bounds.includes(name))) this.badArgument();
    if (["to", "before"].every((name) => bounds.includes(name))) this.badArgument();
    const left = limit ?? Number.POSITIVE_INFINITY;
    const isLimit = Number.isInteger(limit) && (limit as number) >= 0 && (limit as number) < 2 ** 32;
    if (limit !== undefined && !isLimit) this.badArgument();
    this.settle();
    return { kind: kind!, index: path!, prefix, range, reverse, left: left as number, last: undefined };
  }
  private entriesWithin(cursor: Cursor): ModelRecord[] {
    return entriesOf(this.state, cursor.kind, cursor.index).filter((record) => isInRange(cursor, record));
  }
  private following(cursor: Cursor): ModelRecord | undefined {
    const { kind, index, reverse, last } = cursor;
    const entries = this.entriesWithin(cursor);
    if (reverse) entries.reverse();
    if (last === undefined) return entries[0];
    return entries.find((record) => comparePlaces(kind, index, record, last) * (reverse ? -1 : 1) > 0);
  }

  // ---- writing -------------------------------------------------------------------------------------------

  create(object: unknown, given: any): any {
    this.enter();
    this.charge(20);
    const kind = this.thing(object, "kind").kind!;
    this.settle();
    const values = valuesOf(kind.fields, (field) => this.storedInRecord(field, given[field.name]));
    const record: ModelRecord = { sysId: this.state.nextSysId, kind, revision: 1, lastFrame: 0n, values };
    this.chargeBytes(valueBytes(kind.fields, values));
    this.touch(record, undefined);
    kind.unique.forEach((key, position) => {
      const isTaken = this.holder(kind, key, values) !== undefined;
      if (isTaken) this.decide("rejected", Code.UNIQUE_KEY_TAKEN, { kind: kind.number, position });
    });
    this.state.records.set(record.sysId, record);
    this.checkSize();
    this.state.nextSysId += 1n;
    this.sysIdsUsed += 1;
    return this.handle(record);
  }
  update(handle: unknown, patch: any): void {
    this.enter();
    if (Object.values(patch).every((value) => value === undefined)) return;
    const record = this.liveRecordOf(handle);
    for (const field of record.kind.fields) {
      if (patch[field.name] === undefined) continue;
      this.touch(record, copyRecord(record));
      this.charge(1);
      if (field.immutable) this.fault(Code.MISUSE, Misuse.IMMUTABLE);
      record.values[field.name] = this.storedInRecord(field, patch[field.name]);
      this.chargeBytes(valueBytes([field], record.values));
      this.isMarked = true;
    }
  }
  delete(handle: unknown): void {
    this.enter();
    this.charge(20);
    const record = this.liveRecordOf(handle);
    this.settle();
    this.touch(record, copyRecord(record));
    this.state.records.delete(record.sysId);
  }
  emit(object: unknown, given: any): void {
    this.enter();
    this.charge(10);
    const { fields, number } = this.thing(object, "event").message!;
    const values = this.message(this.thing(object, "event").message!, given);
    if (this.events.length + 1 > this.rules.limits[4]!) this.fault(Code.LIMIT, 4);
    this.eventBytes += 4 + messageBytes(fields, values);
    if (this.eventBytes > this.rules.limits[5]!) this.fault(Code.LIMIT, 5);
    this.chargeBytes(valueBytes(fields, values));
    this.events.push({ number, values });
  }
  reject(object: unknown, detail: any = {}): never {
    this.enter();
    const message = this.thing(object, "reject").message!;
    return this.decide("rejected", message.number, this.message(message, detail));
  }
}

function isInRange({ kind, index, prefix, range }: Cursor, { values }: ModelRecord): boolean {
  const order = (at: number, bound: Value) => compareSegment(kind, index.segments[at]!, values, bound);
  const isWithin = ([name, signs]: [string, number[]]) =>
    range[name] === undefined || signs.includes(Math.sign(order(prefix.length, range[name])));
  return prefix.every((value, at) => order(at, value) === 0) && Object.entries(BOUNDS).every(isWithin);
}
