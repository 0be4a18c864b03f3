/**
 * The addresses of reads: `/v1/keys/Order/byOrderId?field.orderId=7`, `/v1/indexes/Order/book?field.instrument=3&to=100`.
 *
 * Responsible for: values as they stand in an address. Not responsible for: what the service makes of it; it judges every value.
 */

import { bytesToHex } from "@noble/hashes/utils.js";
import type { BoundField, BoundIndex, BoundLookup } from "../engine/binding.ts";
import { UsageError } from "../errors.ts";
import { valuesForJson } from "../schema/values-json.ts";

/** Where a list starts, ends and goes on. */
export interface ListQuery {
  readonly from?: unknown;
  readonly to?: unknown;
  readonly after?: unknown;
  readonly before?: unknown;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: bigint | undefined;
}

/** A value as text; the same text as in JSON, without quotes. */
function textOf({ model, name }: BoundField, value: unknown): string {
  if (value === undefined || value === null)
    throw new UsageError(name, `found ${String(value)}, expected a value`);
  const shown = valuesForJson([model], { [model.name]: value })[model.name];
  return shown instanceof Uint8Array ? bytesToHex(shown) : String(shown);
}

/** The address of the record under a SysId or a unique key. */
export function lookupPath(lookup: BoundLookup, key: readonly unknown[]): string {
  const { kind, key: fields, name } = lookup;
  if (lookup.position < 0) {
    if (key.length !== 1 || typeof key[0] !== "bigint") {
      throw new UsageError(name, "expected one SysId");
    }
    return `/v1/records/${kind.name}/${key[0]}`;
  }
  if (key.length !== fields.length) {
    throw new UsageError(name, `found ${key.length} key parts, expected ${fields.length}`);
  }
  const query = new URLSearchParams();
  for (const [index, field] of fields.entries())
    query.append(`field.${field.name}`, textOf(field, key[index]));
  return `/v1/keys/${kind.name}/${name.slice(kind.name.length + 1)}?${query}`;
}

/** The address of a part of an index. */
export function listPath(index: BoundIndex, prefix: readonly unknown[], options: ListQuery): string {
  const { kind, segments, name } = index;
  if (!Array.isArray(prefix) || prefix.length > segments.length) {
    throw new UsageError(`${name}.prefix`, `expected an array of at most ${segments.length} values`);
  }
  const query = new URLSearchParams();
  for (const [position, value] of prefix.entries()) {
    const field = segments[position]!;
    query.append(`field.${field.name}`, textOf(field, value));
  }
  const next = segments[prefix.length];
  for (const bound of ["from", "to", "after", "before"] as const) {
    const value = options[bound];
    if (value === undefined) continue;
    if (next === undefined) throw new UsageError(bound, "the prefix is a whole key, expected no bound");
    query.append(bound, textOf(next, value));
  }
  if (options.reverse === true) query.append("reverse", "true");
  if (options.limit !== undefined) query.append("limit", String(options.limit));
  if (options.cursor !== undefined) query.append("cursor", String(options.cursor));
  return `/v1/indexes/${kind.name}/${name.slice(kind.name.length + 1)}?${query}`;
}
