/**
 * The two lanes of the ledger: handlers in TypeScript, or sealed in a module that `statevec build` made of assembly/.
 *
 * Responsible for: finding the module. Not responsible for: building it; `npm run ledger` does.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sealedDomain } from "statevec/node";
import { ledger } from "./ledger.handlers.ts";
import { schema } from "./ledger.schema.ts";

export const LANES = ["open", "sealed"] as const;
export type LaneName = (typeof LANES)[number];

/** Where `statevec build examples/ledger` writes, seen from this file: as source, and as compiled into build/. */
const MODULE_FILES = ["./build/ledger.wasm", "../../../examples/ledger/build/ledger.wasm"];

/** @throws {Error} the sealed ledger is not built */
export function ledgerIn(lane: LaneName): typeof ledger {
  if (lane === "open") return ledger;
  const file = MODULE_FILES.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
  if (file === undefined)
    throw new Error("the sealed ledger is not built: run npx statevec build examples/ledger");
  return sealedDomain(readFileSync(file), { schema });
}
