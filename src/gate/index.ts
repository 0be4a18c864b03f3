/**
 * The determinism gate: what handler code may be, and the fuel that it burns.
 *
 * Responsible for: what other rooms use of this one.
 */
export { checkHandlerModule, staticDataEnd } from "./check-handlers.ts";
export type { Finding } from "./finding.ts";
export { injectFuel } from "./fuel.ts";
export { OPERATIONS, type Signature } from "./operations-list.ts";
