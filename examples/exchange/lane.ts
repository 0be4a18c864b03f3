/**
 * The two lanes of the exchange: handlers in TypeScript, or sealed in a module that `statevec build` made of assembly/.
 *
 * Responsible for: finding the module. Not responsible for: building it; `npm start` does.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sealedDomain } from "statevec/node";
import { exchange } from "./exchange.handlers.ts";
import { schema } from "./exchange.schema.ts";

export const LANES = ["open", "sealed"] as const;
export type LaneName = (typeof LANES)[number];

/** Where `statevec build examples/exchange` writes, seen from this file: as source, and as compiled into build/. */
const MODULE_FILES = ["./build/exchange.wasm", "../../../examples/exchange/build/exchange.wasm"];

/** The module's file, or `undefined` if it is not built. */
export function sealedModuleFile(): string | undefined {
  return MODULE_FILES.map((file) => fileURLToPath(new URL(file, import.meta.url))).find(existsSync);
}

/**
 * The exchange in a lane; the sealed one if none is asked for and it is built.
 * @throws {Error} the sealed one is asked for and not built
 */
export function exchangeIn(lane: LaneName | undefined): { lane: LaneName; domain: typeof exchange } {
  const file = lane === "open" ? undefined : sealedModuleFile();
  if (file !== undefined) return { lane: "sealed", domain: sealedDomain(readFileSync(file), { schema }) };
  if (lane !== "sealed") return { lane: "open", domain: exchange };
  throw new Error("the sealed exchange is not built: run npx statevec build examples/exchange");
}
