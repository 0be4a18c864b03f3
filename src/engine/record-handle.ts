/**
 * Record handles: what a handler holds of a record. Live: reading a field reads the record as the running command sees it.
 *
 * Responsible for: one class a kind, with a getter a field. Not responsible for: writing (transaction.ts).
 * I1: a handle is good for the command that gave it only; later it is stale (MISUSE in a handler, UsageError outside).
 * I2: a slot is not reused within a command, so the last values of a deleted record stay readable to its end.
 */
import * as abi from "../../assembly/abi.ts";
import type { Core } from "../wasm.ts";
import type { BoundField, BoundKind } from "./binding.ts";
import { readField } from "./slots.ts";

/** The command a handle belongs to. */
export interface HandleOwner {
  readonly core: Core;
  /** Rises with each command. */
  readonly token: number;
  /** A stale handle was used: faults the command that uses it, or throws a UsageError outside of commands. */
  refuseStale(): never;
}

/** A record, live. Fields begin with a letter, so none of them hides these. */
export interface RecordHandle {
  /** Its slot. */
  readonly _at: number;
  /** Of the command that gave it. */
  readonly _token: number;
}

export type HandleClass = new (at: number, token: number) => RecordHandle;

/** Types whose values are whole u64 words. */
const WORD_TYPES: ReadonlySet<number> = new Set([abi.TYPE_U64, abi.TYPE_TIMESTAMP, abi.TYPE_REF]);
const SIGNED_WORD_TYPES: ReadonlySet<number> = new Set([abi.TYPE_I64, abi.TYPE_DECIMAL64]);

// One function literal for each way to read, so that each getter stays monomorphic where it matters.

function wordGetter(owner: HandleOwner, offset: number) {
  const { core } = owner;
  return function (this: RecordHandle): bigint {
    if (this._token !== owner.token) owner.refuseStale();
    return core.u64At(this._at + offset);
  };
}

function signedWordGetter(owner: HandleOwner, offset: number) {
  const { core } = owner;
  return function (this: RecordHandle): bigint {
    if (this._token !== owner.token) owner.refuseStale();
    return core.i64At(this._at + offset);
  };
}

function u32Getter(owner: HandleOwner, offset: number) {
  const { core } = owner;
  return function (this: RecordHandle): number {
    if (this._token !== owner.token) owner.refuseStale();
    return core.u32At(this._at + offset);
  };
}

function enumGetter(owner: HandleOwner, offset: number, names: readonly (string | undefined)[]) {
  const { core } = owner;
  return function (this: RecordHandle): string {
    if (this._token !== owner.token) owner.refuseStale();
    return names[core.u8At(this._at + offset)]!;
  };
}

function fieldGetter(owner: HandleOwner, field: BoundField) {
  const { core } = owner;
  return function (this: RecordHandle): unknown {
    if (this._token !== owner.token) owner.refuseStale();
    return readField(core, this._at, field);
  };
}

function getterOf(owner: HandleOwner, field: BoundField): (this: RecordHandle) => unknown {
  const { code, nullable, enumeration } = field.model;
  if (nullable) return fieldGetter(owner, field);
  if (WORD_TYPES.has(code)) return wordGetter(owner, field.offset);
  if (SIGNED_WORD_TYPES.has(code)) return signedWordGetter(owner, field.offset);
  if (code === abi.TYPE_U32) return u32Getter(owner, field.offset);
  if (code === abi.TYPE_ENUM8) {
    const names: (string | undefined)[] = new Array(256).fill(undefined);
    for (const entry of enumeration!.entries) names[entry.value] = entry.name;
    return enumGetter(owner, field.offset, names);
  }
  return fieldGetter(owner, field);
}

/** Makes the handle class of a kind. */
export function handleClass(owner: HandleOwner, kind: BoundKind): HandleClass {
  // No base class: a constructor that calls another costs more than all reads of a typical handler.
  const Handle = class implements RecordHandle {
    readonly _at: number;
    readonly _token: number;

    constructor(at: number, token: number) {
      this._at = at;
      this._token = token;
    }
  };
  const define = (name: string, get: (this: RecordHandle) => unknown) => {
    Object.defineProperty(Handle.prototype, name, { get, enumerable: true });
  };
  for (const field of kind.fields) define(field.name, getterOf(owner, field));
  define("sysId", wordGetter(owner, abi.SLOT_SYS_ID));
  define("revision", u32Getter(owner, abi.SLOT_REVISION));
  Object.defineProperty(Handle, "name", { value: kind.name });
  return Handle;
}
