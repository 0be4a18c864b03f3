/**
 * Arguments of lookups: keys, prefixes and bounds, checked and written into the scratch slots.
 *
 * Responsible for: what counts as a bad argument (docs/reference/execution.md, "Finer points"). The answer is a sentence
 * or nothing; a transaction makes MISUSE of it, a view outside of commands a UsageError.
 */
import { BOUND_EXCLUSIVE, BOUND_INCLUSIVE, BOUND_NONE } from "../../assembly/abi.ts";
import { ValueFault } from "../schema/value-error.ts";
import type { BoundField, BoundIndex, BoundLookup } from "./binding.ts";
import type { ScratchSlot } from "./slots.ts";
import type { ListOptions } from "./view.ts";

const U32_MAX = 0xffff_ffff;
const U64_MAX = (1n << 64n) - 1n;

function putKeyPart(slot: ScratchSlot, field: BoundField, value: unknown): string | undefined {
  if (value === null && field.model.nullable) {
    slot.clear(field);
    return undefined;
  }
  try {
    slot.put(field, value);
  } catch (error) {
    if (!(error instanceof ValueFault)) throw error;
    return `${field.name}: found ${show(value)}, expected a value of ${field.model.type}`;
  }
  return undefined;
}

/** A value as messages show it: long text is cut. */
export function show(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}

/** What is wrong with a SysId, if anything: any u64 is one. */
export function checkSysId(key: readonly unknown[]): string | undefined {
  if (key.length !== 1) return `found ${key.length} key parts, expected one SysId`;
  const [sysId] = key;
  if (typeof sysId !== "bigint" || sysId < 0n || sysId > U64_MAX)
    return `found ${show(sysId)}, expected a SysId`;
  return undefined;
}

/** Writes a unique key; what is wrong with it, if anything. */
export function putKey(slot: ScratchSlot, lookup: BoundLookup, key: readonly unknown[]): string | undefined {
  const fields = lookup.key;
  if (key.length !== fields.length) return `found ${key.length} key parts, expected ${fields.length}`;
  slot.start(lookup.kind);
  for (let index = 0; index < fields.length; index++) {
    const problem = putKeyPart(slot, fields[index]!, key[index]);
    if (problem !== undefined) return problem;
  }
  slot.finish();
  return undefined;
}

/** The two bounds of a range, as the core takes them. */
export class Bounds {
  from = BOUND_NONE as number;
  to = BOUND_NONE as number;
  /** Records at the most; -1 = no limit. */
  limit = -1;

  /** Writes prefix and bounds into both slots; what is wrong with them, if anything. */
  put(
    a: ScratchSlot,
    b: ScratchSlot,
    index: BoundIndex,
    prefix: readonly unknown[],
    options: ListOptions<unknown> | undefined,
  ): string | undefined {
    const { segments } = index;
    this.from = BOUND_NONE;
    this.to = BOUND_NONE;
    this.limit = -1;
    if (!Array.isArray(prefix)) return "prefix: expected an array";
    if (prefix.length > segments.length)
      return `prefix: found ${prefix.length} parts, expected ${segments.length} at most`;
    a.start(index.kind);
    b.start(index.kind);
    for (let part = 0; part < prefix.length; part++) {
      const problem =
        putKeyPart(a, segments[part]!, prefix[part]) ?? putKeyPart(b, segments[part]!, prefix[part]);
      if (problem !== undefined) return problem;
    }
    const problem =
      options === undefined ? undefined : this.putOptions(a, b, segments[prefix.length], options);
    if (problem !== undefined) return problem;
    a.finish();
    b.finish();
    return undefined;
  }

  private putOptions(
    a: ScratchSlot,
    b: ScratchSlot,
    segment: BoundField | undefined,
    options: ListOptions<unknown>,
  ): string | undefined {
    const { from, to, after, before, limit } = options;
    if (limit !== undefined) {
      if (!Number.isInteger(limit) || limit < 0 || limit > U32_MAX)
        return `limit: found ${show(limit)}, expected 0..2^32-1`;
      this.limit = limit;
    }
    if (from !== undefined && after !== undefined) return "from and after: expected one of them";
    if (to !== undefined && before !== undefined) return "to and before: expected one of them";
    const lowGiven = from !== undefined || after !== undefined;
    const highGiven = to !== undefined || before !== undefined;
    if (!lowGiven && !highGiven) return undefined;
    if (segment === undefined) return "a bound: the prefix is a whole key, expected no bound";
    let problem: string | undefined;
    if (lowGiven) {
      this.from = from !== undefined ? BOUND_INCLUSIVE : BOUND_EXCLUSIVE;
      problem = putKeyPart(a, segment, from !== undefined ? from : after);
    }
    if (highGiven && problem === undefined) {
      this.to = to !== undefined ? BOUND_INCLUSIVE : BOUND_EXCLUSIVE;
      problem = putKeyPart(b, segment, to !== undefined ? to : before);
    }
    return problem;
  }
}
