/**
 * Reads outside of commands: the verbs of a view, answering plain frozen objects.
 *
 * Responsible for: `engine.read` and its kin. Nothing is charged; a bad argument or missing record is a UsageError.
 * I1: a view is good while its reader runs; all its answers are of one frontier.
 */
import { UsageError } from "../errors.ts";
import type { Core } from "../wasm.ts";
import { Bounds, checkSysId, putKey } from "./arguments.ts";
import { type Binding, type BoundIndex, type BoundKind, type BoundLookup, nameOf } from "./binding.ts";
import { readRecord, ScratchSlot, type Values } from "./slots.ts";
import type { ListOptions, Range, View } from "./view.ts";

const NO_CURSOR = 0xffff_ffff;

export class StateView {
  private readonly core: Core;
  private readonly binding: Binding;
  private readonly slotA: ScratchSlot;
  private readonly slotB: ScratchSlot;
  private readonly bounds = new Bounds();
  /** Rises with each reader; 0 while none runs. */
  private token = 0;
  private readers = 0;
  private frontier = 0n;
  /** Open cursors of the reader that runs. */
  private cursors = new Set<number>();
  private readonly places = new WeakMap<object, { readonly kind: BoundKind; readonly sysId: bigint }>();

  constructor(core: Core, binding: Binding) {
    this.core = core;
    this.binding = binding;
    this.slotA = new ScratchSlot(core, false);
    this.slotB = new ScratchSlot(core, true);
  }

  forgetScratch(): void {
    this.slotA.forget();
    this.slotB.forget();
  }

  /** Runs a reader at a frontier. */
  run<T>(seq: bigint, reader: (view: View) => T): T {
    this.forgetScratch();
    const { token, cursors } = this;
    this.token = ++this.readers;
    this.cursors = new Set();
    this.frontier = seq;
    try {
      return reader(this.viewOf(this.token));
    } finally {
      // Lists that were left without an end would take the places of others.
      for (const cursor of this.cursors) this.core.exports.closeCursor(cursor);
      this.cursors = cursors;
      this.token = token;
    }
  }

  /** Whether a reader runs. */
  get isReading(): boolean {
    return this.token !== 0;
  }

  private viewOf(token: number): View {
    const live = <A extends unknown[], R>(verb: (...parameters: A) => R) => {
      return (...parameters: A): R => {
        if (token !== this.token) {
          throw new UsageError("view", "its reader has returned; read again", "STALE_HANDLE");
        }
        return verb.apply(this, parameters);
      };
    };
    const view = {
      seq: this.frontier,
      get: live(this.get),
      find: live(this.find),
      exists: live(this.exists),
      list: live(this.list),
      first: live(this.first),
      last: live(this.last),
      count: live(this.count),
      next: live(this.next),
      prev: live(this.prev),
    };
    return view as unknown as View;
  }

  private record(kind: BoundKind, at: number): Values {
    const values = readRecord(this.core, at, kind);
    this.places.set(values, { kind, sysId: values.sysId as bigint });
    return values;
  }

  private lookup(by: unknown, key: readonly unknown[]): { bound: BoundLookup; at: number } {
    const bound = this.binding.lookups.get(by);
    if (bound === undefined) {
      throw new UsageError("by", `found ${nameOf(by)}, expected a record or unique key of the schema`);
    }
    const { exports } = this.core;
    const problem = bound.position < 0 ? checkSysId(key) : putKey(this.slotA, bound, key);
    if (problem !== undefined) throw new UsageError(bound.name, problem);
    const { position } = bound.kind;
    const at =
      bound.position < 0
        ? exports.lookupSysId(position, key[0] as bigint, 0)
        : exports.lookupUnique(position, bound.position, 0);
    return { bound, at: at >>> 0 };
  }

  private get(by: unknown, ...key: unknown[]): Values {
    const { bound, at } = this.lookup(by, key);
    if (at !== 0) return this.record(bound.kind, at);
    throw new UsageError(
      bound.name,
      `no record has the key (${key.map(String).join(", ")}); use find where it may miss`,
    );
  }

  private find(by: unknown, ...key: unknown[]): Values | undefined {
    const { bound, at } = this.lookup(by, key);
    return at === 0 ? undefined : this.record(bound.kind, at);
  }

  private exists(by: unknown, ...key: unknown[]): boolean {
    return this.lookup(by, key).at !== 0;
  }

  private range(
    index: unknown,
    prefix: readonly unknown[],
    options: ListOptions<unknown> | undefined,
  ): BoundIndex {
    const bound = this.binding.indexes.get(index);
    if (bound === undefined)
      throw new UsageError("index", `found ${nameOf(index)}, expected an index of the schema`);
    const problem = this.bounds.put(this.slotA, this.slotB, bound, prefix, options);
    if (problem !== undefined) throw new UsageError(bound.name, problem);
    return bound;
  }

  private list(
    index: unknown,
    prefix: readonly unknown[],
    options?: ListOptions<unknown>,
  ): Generator<Values, void> {
    const { kind, position } = this.range(index, prefix, options);
    const { from, to, limit } = this.bounds;
    const reverse = options?.reverse === true ? 1 : 0;
    const cursor = this.core.exports.list(kind.position, position, prefix.length, from, to, reverse) >>> 0;
    if (cursor === NO_CURSOR)
      throw new UsageError("list", "64 lists are being walked; finish or leave one first");
    this.cursors.add(cursor);
    return this.walk(cursor, kind, limit, this.token);
  }

  private *walk(cursor: number, kind: BoundKind, limit: number, token: number): Generator<Values, void> {
    const { exports } = this.core;
    try {
      for (let left = limit; left !== 0; left--) {
        if (token !== this.token)
          throw new UsageError("list", "its reader has returned; read again", "STALE_HANDLE");
        const at = exports.step(cursor) >>> 0;
        if (at === 0) return;
        yield this.record(kind, at);
      }
    } finally {
      // The cursor of a reader that has returned is closed, and may be that of another list.
      if (token === this.token && this.cursors.delete(cursor)) exports.closeCursor(cursor);
    }
  }

  private edge(
    index: unknown,
    prefix: readonly unknown[],
    range: Range<unknown> | undefined,
    reverse: number,
  ) {
    const { kind, position } = this.range(index, prefix, range);
    const { from, to } = this.bounds;
    const at = this.core.exports.first(kind.position, position, prefix.length, from, to, reverse) >>> 0;
    return at === 0 ? undefined : this.record(kind, at);
  }

  private first(index: unknown, prefix: readonly unknown[], range?: Range<unknown>): Values | undefined {
    return this.edge(index, prefix, range, 0);
  }

  private last(index: unknown, prefix: readonly unknown[], range?: Range<unknown>): Values | undefined {
    return this.edge(index, prefix, range, 1);
  }

  private count(index: unknown, prefix: readonly unknown[], options: ListOptions<unknown>): number {
    const { kind, position } = this.range(index, prefix, options);
    const { from, to, limit } = this.bounds;
    if (limit < 0) throw new UsageError("limit", "found none, expected a bound on what is counted");
    return this.core.exports.count(kind.position, position, prefix.length, from, to, limit) >>> 0;
  }

  private neighbour(index: unknown, record: unknown, reverse: number): Values | undefined {
    const bound = this.range(index, [], undefined);
    const place = typeof record === "object" && record !== null ? this.places.get(record) : undefined;
    if (place?.kind !== bound.kind)
      throw new UsageError("record", `expected a ${bound.kind.name} of this engine`);
    const { exports } = this.core;
    const slot = exports.lookupSysId(place.kind.position, place.sysId, 0) >>> 0;
    if (slot === 0) throw new UsageError("record", "it has been deleted since it was read");
    const at = exports.neighbour(slot, bound.position, reverse) >>> 0;
    return at === 0 ? undefined : this.record(bound.kind, at);
  }

  private next(index: unknown, record: unknown): Values | undefined {
    return this.neighbour(index, record, 0);
  }

  private prev(index: unknown, record: unknown): Values | undefined {
    return this.neighbour(index, record, 1);
  }
}
