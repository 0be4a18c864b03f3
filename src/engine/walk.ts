/**
 * What `list` of the open lane hands over: the records of a cursor, each when it is asked for.
 *
 * Responsible for: the end, the limit, a walk whose command has ended. Not responsible for: steps (transaction.ts).
 */
import type { Core } from "../wasm.ts";
import type { HandleClass } from "./record-handle.ts";

/** The transaction that a walk belongs to. */
export interface WalkOwner {
  readonly core: Core;
  /** Another one once the command has ended. */
  readonly token: number;
  refuseStale(): never;
  /** The next slot of a cursor, or 0 at its end. */
  step(cursor: number): number;
}

/** A cursor as a one-pass iterable. */
export class Walk implements IterableIterator<unknown> {
  private readonly tx: WalkOwner;
  private readonly token: number;
  private readonly cursor: number;
  private readonly Handle: HandleClass;
  private left: number;
  private done = false;

  constructor(tx: WalkOwner, cursor: number, limit: number, Handle: HandleClass) {
    this.tx = tx;
    this.token = tx.token;
    this.cursor = cursor;
    this.left = limit;
    this.Handle = Handle;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<unknown, undefined> {
    if (this.done) return { done: true, value: undefined };
    if (this.token !== this.tx.token) this.tx.refuseStale();
    if (this.left === 0) return this.return();
    const at = this.tx.step(this.cursor);
    if (at === 0) {
      this.done = true;
      return { done: true, value: undefined };
    }
    this.left--;
    return { done: false, value: new this.Handle(at, this.token) };
  }

  return(): IteratorResult<unknown, undefined> {
    if (!this.done && this.token === this.tx.token) this.tx.core.exports.closeCursor(this.cursor);
    this.done = true;
    return { done: true, value: undefined };
  }
}
