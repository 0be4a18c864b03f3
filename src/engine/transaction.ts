/**
 * The `tx` of the open lane: the operations of docs/reference/execution.md, each one or two calls of the core.
 *
 * Responsible for: arguments, values in and out, unwinding the handler once the command is decided.
 * Not responsible for: charges, faults, state: the core's.
 * I1: once the command is decided every operation throws STOP again and changes nothing, also when the handler caught it.
 */
import * as abi from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import { ValueError, ValueFault, type ValueReason } from "../schema/value-error.ts";
import type { Core } from "../wasm.ts";
import { Bounds, checkSysId, putKey, show } from "./arguments.ts";
import type { Binding, BoundField, BoundIndex, BoundKind, BoundLookup } from "./binding.ts";
import { envelopeSource } from "./envelope.ts";
import type { Running } from "./guard.ts";
import { type HandleClass, type HandleOwner, handleClass, type RecordHandle } from "./record-handle.ts";
import { ScratchSlot, type Values } from "./slots.ts";
import type { ListOptions, Range, Source, Tx } from "./view.ts";
import { Walk, type WalkOwner } from "./walk.ts";

/** What unwinds a handler whose command is decided. Preallocated: throwing it costs little. */
export const STOP: unique symbol = Symbol("statevec.stop");

/** One `tx` for all commands of an executor: `start` makes it that of the next one. */
export class Transaction implements HandleOwner, Running, WalkOwner {
  readonly core: Core;
  token = 0;
  seq = 0n;
  timeNs = 0n;
  /** Where the command lies, until its source was asked for. */
  private envelopeAt = 0;
  private sourceAsked: Source | undefined;
  private readonly binding: Binding;
  private readonly handles: readonly HandleClass[];
  private readonly kindOf: ReadonlyMap<unknown, BoundKind>;
  private readonly slotA: ScratchSlot;
  private readonly slotB: ScratchSlot;
  private readonly bounds = new Bounds();
  private active = false;
  /** What was wrong with the arguments or values that the handler gave last, in words; for diagnostics. */
  problem: string | undefined;
  /** Set while the core works for an operation. */
  private inCore = false;
  /** Set while an operation takes the handler's values: a getter among them must not start another. */
  private taking = false;

  constructor(core: Core, binding: Binding) {
    this.core = core;
    this.binding = binding;
    this.handles = binding.kinds.map((kind) => handleClass(this, kind));
    this.kindOf = new Map(this.handles.map((Handle, position) => [Handle, binding.kinds[position]!]));
    this.slotA = new ScratchSlot(core, false);
    this.slotB = new ScratchSlot(core, true);
  }

  /** @param envelopeAt of the command, in the core's memory */
  start(seq: bigint, timeNs: bigint, envelopeAt: number): void {
    this.token++;
    this.seq = seq;
    this.timeNs = timeNs;
    this.envelopeAt = envelopeAt;
    this.sourceAsked = undefined;
    this.active = true;
    this.inCore = false;
    this.taking = false;
    this.problem = undefined;
  }

  /** From here on the handles and walks of the command are stale. */
  end(): void {
    this.token++;
    this.active = false;
  }

  /** Few handlers ask, so it is read when they do. */
  get source(): Source | undefined {
    if (this.envelopeAt !== 0 && this.active) {
      this.core.refresh();
      this.sourceAsked = envelopeSource(this.core.view, this.envelopeAt);
      this.envelopeAt = 0;
    }
    return this.sourceAsked;
  }

  /** Whether an operation of the core was left by a trap or the end of the stack, seen or caught by the handler. */
  get wasCutOff(): boolean {
    return this.inCore;
  }

  /** The core has used the scratch slots itself. */
  forgetScratch(): void {
    this.slotA.forget();
    this.slotB.forget();
  }

  // ---- faults ----------------------------------------------------------------------------------------------

  overflow(): never {
    return this.fault(abi.CODE_OVERFLOW, 0);
  }

  refuseStale(): never {
    if (this.active) return this.fault(abi.CODE_MISUSE, abi.MISUSE_STALE_HANDLE);
    throw new UsageError("record", "it belongs to a command that has ended; read it again", "STALE_HANDLE");
  }

  private fault(code: number, detail: number): never {
    this.core.exports.fault(code, detail);
    throw STOP;
  }

  /** A bad argument: the charge of the operation, then MISUSE. */
  private refuse(charge: number, reason: number, problem?: string): never {
    this.problem = problem;
    this.core.exports.faultAfter(charge, abi.CODE_MISUSE, reason);
    throw STOP;
  }

  private refuseArgument(name: string, problem: string): never {
    return this.refuse(abi.WORK_LOOKUP, abi.MISUSE_BAD_ARGUMENT, `${name}: ${problem}`);
  }

  /** To be called first by every operation. */
  private check(): void {
    if (!this.active) {
      throw new UsageError(
        "tx",
        "its command has ended; a handler answers before it returns",
        "STALE_HANDLE",
      );
    }
    // An operation was left half done: nothing more may happen, whatever the handler makes of it.
    if (this.inCore || this.core.isDecided()) throw STOP;
    if (this.taking)
      this.refuse(0, abi.MISUSE_BAD_ARGUMENT, "a getter among the values uses the tx; read them first");
  }

  /** After an operation of the core, found something or not, for settling may grow memory: makes stale views again, and unwinds the handler if the command is decided by it. */
  private settle(): void {
    this.core.refresh();
    if (this.core.isDecided()) throw STOP;
  }

  // ---- lookups ---------------------------------------------------------------------------------------------

  /** What a key is looked up in. */
  private lookupOf(by: unknown): BoundLookup {
    this.check();
    return this.binding.lookups.get(by) ?? this.refuse(abi.WORK_LOOKUP, abi.MISUSE_BAD_ARGUMENT);
  }

  /** The slot under a key, or 0. */
  private slotOf(lookup: BoundLookup, key: readonly unknown[], required: number): number {
    const { exports } = this.core;
    const { position } = lookup.kind;
    let at: number;
    if (lookup.position < 0) {
      const problem = checkSysId(key);
      if (problem !== undefined) return this.refuseArgument(lookup.name, problem);
      this.inCore = true;
      at = exports.lookupSysId(position, key[0] as bigint, required) >>> 0;
      this.inCore = false;
    } else {
      const problem = putKey(this.slotA, lookup, key);
      if (problem !== undefined) return this.refuseArgument(lookup.name, problem);
      this.inCore = true;
      at = exports.lookupUnique(position, lookup.position, required) >>> 0;
      this.inCore = false;
    }
    this.settle();
    return at;
  }

  private handle(kind: BoundKind, at: number): RecordHandle {
    return new this.handles[kind.position]!(at, this.token);
  }

  get(by: unknown, ...key: unknown[]): RecordHandle {
    const lookup = this.lookupOf(by);
    return this.handle(lookup.kind, this.slotOf(lookup, key, 1));
  }

  find(by: unknown, ...key: unknown[]): RecordHandle | undefined {
    const lookup = this.lookupOf(by);
    const at = this.slotOf(lookup, key, 0);
    return at === 0 ? undefined : this.handle(lookup.kind, at);
  }

  exists(by: unknown, ...key: unknown[]): boolean {
    return this.slotOf(this.lookupOf(by), key, 0) !== 0;
  }

  // ---- indexes ---------------------------------------------------------------------------------------------

  private range(
    index: unknown,
    prefix: readonly unknown[],
    options: ListOptions<unknown> | undefined,
  ): BoundIndex {
    this.check();
    const bound = this.binding.indexes.get(index);
    if (bound === undefined) return this.refuse(abi.WORK_LOOKUP, abi.MISUSE_BAD_ARGUMENT);
    let problem: string | undefined;
    this.taking = true;
    try {
      problem = this.bounds.put(this.slotA, this.slotB, bound, prefix, options);
    } finally {
      this.taking = false;
    }
    if (problem !== undefined) return this.refuseArgument(bound.name, problem);
    return bound;
  }

  list(index: unknown, prefix: readonly unknown[], options?: ListOptions<unknown>): Iterable<unknown> {
    const bound = this.range(index, prefix, options);
    const { from, to, limit } = this.bounds;
    const { kind, position } = bound;
    const reverse = options?.reverse === true ? 1 : 0;
    this.inCore = true;
    const cursor = this.core.exports.list(kind.position, position, prefix.length, from, to, reverse) >>> 0;
    this.inCore = false;
    this.settle();
    return new Walk(this, cursor, limit, this.handles[kind.position]!);
  }

  /** The next slot of a cursor, or 0 at its end. */
  step(cursor: number): number {
    this.check();
    this.inCore = true;
    const at = this.core.exports.step(cursor) >>> 0;
    this.inCore = false;
    this.settle();
    return at;
  }

  private edge(
    index: unknown,
    prefix: readonly unknown[],
    range: Range<unknown> | undefined,
    reverse: number,
  ) {
    const { kind, position } = this.range(index, prefix, range);
    const { from, to } = this.bounds;
    this.inCore = true;
    const at = this.core.exports.first(kind.position, position, prefix.length, from, to, reverse) >>> 0;
    this.inCore = false;
    this.settle();
    return at === 0 ? undefined : this.handle(kind, at);
  }

  first(index: unknown, prefix: readonly unknown[], range?: Range<unknown>): RecordHandle | undefined {
    return this.edge(index, prefix, range, 0);
  }

  last(index: unknown, prefix: readonly unknown[], range?: Range<unknown>): RecordHandle | undefined {
    return this.edge(index, prefix, range, 1);
  }

  count(index: unknown, prefix: readonly unknown[], options: ListOptions<unknown>): number {
    const { kind, position } = this.range(index, prefix, options);
    const { from, to, limit } = this.bounds;
    if (limit < 0) return this.refuse(abi.WORK_LOOKUP, abi.MISUSE_BAD_ARGUMENT);
    this.inCore = true;
    const count = this.core.exports.count(kind.position, position, prefix.length, from, to, limit) >>> 0;
    this.inCore = false;
    this.settle();
    return count;
  }

  private neighbour(index: unknown, record: unknown, reverse: number): RecordHandle | undefined {
    this.check();
    const bound = this.binding.indexes.get(index);
    if (bound === undefined || this.kindOfHandle(record) !== bound.kind) {
      return this.refuse(abi.WORK_LOOKUP, abi.MISUSE_BAD_ARGUMENT);
    }
    const handle = record as RecordHandle;
    if (handle._token !== this.token) return this.refuse(abi.WORK_LOOKUP, abi.MISUSE_STALE_HANDLE);
    this.inCore = true;
    const at = this.core.exports.neighbour(handle._at, bound.position, reverse) >>> 0;
    this.inCore = false;
    this.settle();
    return at === 0 ? undefined : this.handle(bound.kind, at);
  }

  next(index: unknown, record: unknown): RecordHandle | undefined {
    return this.neighbour(index, record, 0);
  }

  prev(index: unknown, record: unknown): RecordHandle | undefined {
    return this.neighbour(index, record, 1);
  }

  private kindOfHandle(record: unknown): BoundKind | undefined {
    return typeof record === "object" && record !== null ? this.kindOf.get(record.constructor) : undefined;
  }

  // ---- writing ---------------------------------------------------------------------------------------------

  // The position of the first field without a byte form, and why; what the core takes beside the values.
  private badField = abi.NO_FIELD as number;
  private badReason = 0;

  private noteBad(position: number, name: string, fault: { reason: ValueReason; found: unknown }): void {
    if (position >= this.badField) return;
    this.badField = position;
    this.badReason = fault.reason === "range" ? 0 : abi.MISUSE_BAD_VALUE;
    this.problem = `${name}: ${fault.reason}: found ${show(fault.found)}`;
  }

  /** Writes one value into slot A, or notes that it has no byte form. */
  private putValue(field: BoundField, value: unknown): void {
    if (field.model.nullable && (value === null || value === undefined)) {
      this.slotA.clear(field);
      return;
    }
    try {
      this.slotA.put(field, value);
    } catch (error) {
      if (!(error instanceof ValueFault)) throw error;
      this.noteBad(field.position, field.name, error);
    }
  }

  create(kind: unknown, values: Values): RecordHandle {
    this.check();
    const bound = this.binding.records.get(kind);
    if (bound === undefined || typeof values !== "object" || values === null) {
      return this.refuse(
        abi.WORK_CREATE,
        abi.MISUSE_BAD_ARGUMENT,
        "create: expected a record of the schema and values",
      );
    }
    const unknown = unknownIn(bound, values);
    if (unknown !== undefined) {
      return this.refuse(abi.WORK_CREATE, abi.MISUSE_BAD_ARGUMENT, `${bound.name}.${unknown}: no such field`);
    }
    this.badField = abi.NO_FIELD;
    this.badReason = 0;
    this.slotA.start(bound);
    const { fields } = bound;
    this.taking = true;
    try {
      for (let position = 0; position < fields.length; position++) {
        const field = fields[position]!;
        this.putValue(field, values[field.name]);
      }
    } finally {
      this.taking = false;
    }
    this.slotA.finish();
    this.inCore = true;
    const at = this.core.exports.create(bound.position, this.badField, this.badReason) >>> 0;
    this.inCore = false;
    this.settle();
    return this.handle(bound, at);
  }

  update(record: unknown, patch: Values): void {
    this.check();
    const kind = this.kindOfHandle(record);
    if (kind === undefined || typeof patch !== "object" || patch === null) {
      return this.refuse(0, abi.MISUSE_BAD_ARGUMENT);
    }
    this.badField = abi.NO_FIELD;
    this.badReason = 0;
    this.slotA.start(kind);
    let low = 0;
    let high = 0;
    this.taking = true;
    try {
      for (const name in patch) {
        const value = patch[name];
        if (value === undefined) continue;
        const field = kind.byName.get(name);
        if (field === undefined)
          return this.refuse(0, abi.MISUSE_BAD_ARGUMENT, `${kind.name}.${name}: no such field`);
        this.putValue(field, value);
        if (field.position < 32) low |= 1 << field.position;
        else high |= 1 << (field.position - 32);
      }
    } finally {
      this.taking = false;
    }
    if ((low | high) === 0) return;
    const handle = record as RecordHandle;
    if (handle._token !== this.token) return this.refuse(0, abi.MISUSE_STALE_HANDLE);
    this.slotA.finish();
    this.inCore = true;
    this.core.exports.update(handle._at, low, high, this.badField, this.badReason);
    this.inCore = false;
    this.settle();
  }

  delete(record: unknown): void {
    this.check();
    const kind = this.kindOfHandle(record);
    if (kind === undefined) return this.refuse(abi.WORK_DELETE, abi.MISUSE_BAD_ARGUMENT);
    const handle = record as RecordHandle;
    if (handle._token !== this.token) return this.refuse(abi.WORK_DELETE, abi.MISUSE_STALE_HANDLE);
    this.inCore = true;
    this.core.exports.remove(handle._at);
    this.inCore = false;
    this.settle();
  }

  emit(event: unknown, values: Values): void {
    this.check();
    const bound = this.binding.events.get(event);
    if (bound === undefined || typeof values !== "object" || values === null) {
      return this.refuse(abi.WORK_EMIT, abi.MISUSE_BAD_ARGUMENT);
    }
    const { core } = this;
    let bytes = 0;
    this.badField = abi.NO_FIELD;
    this.badReason = 0;
    this.taking = true;
    try {
      bytes = bound.codec.encode(values, core.bytes, core.message) - core.message;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      if (error.number === 0) return this.refuse(abi.WORK_EMIT, abi.MISUSE_BAD_ARGUMENT);
      const position = bound.codec.fields.findIndex((field) => field.field.number === error.number);
      this.noteBad(position, error.field, error);
    } finally {
      this.taking = false;
    }
    this.inCore = true;
    core.exports.emit(bound.number, bytes, this.badField, this.badReason);
    this.inCore = false;
    this.settle();
  }

  reject(code: unknown, detail?: Values): never {
    this.check();
    const bound = this.binding.rejects.get(code);
    if (bound === undefined) return this.fault(abi.CODE_MISUSE, abi.MISUSE_BAD_ARGUMENT);
    const { core } = this;
    let end = 0;
    this.taking = true;
    try {
      end = bound.codec.encode(detail ?? {}, core.bytes, core.details);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      this.problem = `${error.field}: ${error.reason}: found ${show(error.found)}`;
      if (error.reason === "range") return this.fault(abi.CODE_OVERFLOW, error.number);
      return this.fault(abi.CODE_MISUSE, abi.MISUSE_BAD_VALUE);
    } finally {
      this.taking = false;
    }
    this.inCore = true;
    core.exports.reject(bound.number, end - core.details);
    this.inCore = false;
    throw STOP;
  }
}

/** The first property that is no field, or `undefined`: it would be lost without a word. */
function unknownIn(kind: BoundKind, values: Values): string | undefined {
  let count = 0;
  for (const _ in values) count++;
  // Without nullable fields as many properties as fields are the fields, or one of them is missing and found to be.
  if (count <= kind.fields.length && !kind.hasNullable) return undefined;
  for (const name in values) if (!kind.byName.has(name)) return name;
  return undefined;
}

/** The transaction as handlers see it. */
export function asTx(transaction: Transaction): Tx {
  return transaction as unknown as Tx;
}
