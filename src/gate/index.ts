/**
 * The determinism gate: what handler code may be, and the fuel that it burns.
 *
 * Responsible for: what other rooms use of this one.
 */
export { checkAnyModule, type ModuleReport, type Unjudged } from "./check-any.ts";
export { checkHandlerModule, staticDataEnd } from "./check-handlers.ts";
export type { Finding } from "./finding.ts";
export { injectFuel } from "./fuel.ts";
export { SECTION_OF_MODULE, SECTION_OF_SCHEMA } from "./merged-rules.ts";
export { MODULE_BYTES_MAX } from "./module-reader.ts";
export { OPERATIONS, type Signature } from "./operations-list.ts";
export { listRawArithmetic } from "./sources/arithmetic.ts";
export { checkSources, SOURCE_RULES } from "./sources/check-sources.ts";
export { COMPILER_VERSION, type Source } from "./sources/syntax.ts";
export type { SourceOptions } from "./sources/which-sources.ts";
