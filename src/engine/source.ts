/**
 * Checking what a caller says is its source.
 */
import { UsageError } from "../errors.ts";
import type { Source } from "./view.ts";

const U64_MAX = (1n << 64n) - 1n;
const U32_MAX = 0xffff_ffff;

/** The source as it is now, checked, apart from the caller's object. */
export function ownSource(source: Source | undefined): Source | undefined {
  if (source === undefined) return undefined;
  const { client, stream, seq } = source;
  const own = Object.freeze({ client, stream, seq });
  checkSource(own);
  return own;
}

/** @throws {UsageError} a part is out of range */
export function checkSource({ client, stream, seq }: Source): void {
  const good = (value: unknown, min: bigint) => typeof value === "bigint" && value >= min && value <= U64_MAX;
  if (!good(client, 0n))
    throw new UsageError("source.client", `found ${String(client)}, expected a u64 bigint`);
  if (!Number.isInteger(stream) || stream < 0 || stream > U32_MAX) {
    throw new UsageError("source.stream", `found ${String(stream)}, expected an integer from 0 to 2^32 - 1`);
  }
  if (!good(seq, 1n))
    throw new UsageError("source.seq", `found ${String(seq)}, expected a u64 bigint from 1`);
}
