/**
 * `statevec/service`: an engine behind HTTP.
 */
export { bearerToken } from "./bearer-token.ts";
export { type Listener, type ListenOptions, listen } from "./listen.ts";
export type { ServiceMetrics } from "./metrics.ts";
export type { ServiceLimits, ServiceOptions } from "./options.ts";
export type { Refusal, RefusalCode } from "./refusal.ts";
export { createService, type Service } from "./service.ts";
