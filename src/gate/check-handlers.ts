/** The gate over a handler module as the compiler made it: `checkHandlerModule`, `staticDataEnd`. */
import { UsageError } from "../errors.ts";
import { type Finding, Findings } from "./finding.ts";
import { checkHandlerRules, endOfStaticData } from "./handler-rules.ts";
import { readModule } from "./module-reader.ts";

/**
 * Judges a handler module by the bytecode rules, before fuel is injected.
 *
 * @param bytes anything; they are copied, and neither their content nor their length makes this throw or hang
 * @returns what is wrong; empty if every rule holds
 */
export function checkHandlerModule(bytes: Uint8Array): Finding[] {
  const findings = new Findings();
  const { model, problem } = readModule(bytes);
  if (model) checkHandlerRules(model, findings);
  else findings.add("malformed", "module", `${problem}; build it again`);
  return findings.all;
}

/**
 * Where the static data of a handler module ends, for `dataEnd` of a domain.
 *
 * @param bytes a handler module without findings
 * @returns the address behind its last data segment; HANDLER_DATA_START if it has none
 * @throws UsageError BAD_ARGUMENT if the bytes are no module
 */
export function staticDataEnd(bytes: Uint8Array): number {
  const { model, problem } = readModule(bytes);
  if (model) return endOfStaticData(model);
  throw new UsageError("bytes", `${problem}; check the module with checkHandlerModule first`);
}
