/**
 * Costs of index and unique-key operations in a module made from bench/assembly/key-costs.ts, in ns.
 */
import { readFileSync } from "node:fs";
import { type Figures, requireSame, type Side, type SideOptions } from "./side.ts";

/** Exports of key-costs.ts. */
interface KeyCosts {
  prepare(entries: number): void;
  insertIndex(): number;
  getIndex(): number;
  scanIndex(scans: number, length: number): number;
  removeIndex(): number;
  insertUnique(): number;
  getUnique(): number;
  removeUnique(): number;
}

/** What is used of WebAssembly, whose types come with no library of this project. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

export const OPERATIONS = [
  "index-insert",
  "index-get",
  "index-scan",
  "index-delete",
  "unique-insert",
  "unique-get",
  "unique-delete",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Collects what nothing refers to any more; there because of the options this process is started with (turns.ts). */
const collect = (globalThis as unknown as { readonly gc: () => void }).gc;

const SCAN_LENGTH = 100;
/** Each structure is filled and emptied as often as it takes to do so many operations of each sort. */
const OPERATIONS_MIN = 200_000;

function nsPerOperation(operations: number, run: () => number, expected: number): number {
  const start = performance.now();
  const found = run();
  const ns = ((performance.now() - start) * 1e6) / operations;
  requireSame("keys found", { found }, { found: expected });
  return ns;
}

/** One filling and emptying of both structures: ns by operation. */
function measureOnce(costs: KeyCosts, entries: number): number[] {
  const scans = Math.min(entries, 20_000);
  const each = (run: () => number) => nsPerOperation(entries, run, entries);
  const inserted = each(() => costs.insertIndex());
  const got = each(() => costs.getIndex());
  const start = performance.now();
  const scanned = costs.scanIndex(scans, SCAN_LENGTH);
  const scan = ((performance.now() - start) * 1e6) / scans;
  if (scanned < scans * SCAN_LENGTH * 0.9) throw new Error(`scans found ${scanned} entries only`);
  const removed = each(() => costs.removeIndex());
  return [
    inserted,
    got,
    scan,
    removed,
    each(() => costs.insertUnique()),
    each(() => costs.getUnique()),
    each(() => costs.removeUnique()),
  ];
}

export async function startKeyCosts({ module, entries }: SideOptions): Promise<Side> {
  const compiled = new Module(readFileSync(module));
  return {
    turn() {
      const figures: Record<string, number> = {};
      for (const size of entries) {
        Object.assign(figures, measureSize(compiled, size));
        // The memory of ten million entries is more than a GiB: the other sides need it now.
        collect();
      }
      return figures;
    },
    finish: () => ({}),
  };
}

/** The first filling pays for memory that no other one asks for, so with few entries it counts little. */
function measureSize(compiled: object, entries: number): Figures {
  const costs = new Instance(compiled).exports as KeyCosts;
  costs.prepare(entries);
  const rounds = Math.max(1, Math.ceil(OPERATIONS_MIN / entries));
  const sums = OPERATIONS.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [index, ns] of measureOnce(costs, entries).entries()) sums[index]! += ns;
  }
  return Object.fromEntries(OPERATIONS.map((name, index) => [`${name}-${entries}`, sums[index]! / rounds]));
}
