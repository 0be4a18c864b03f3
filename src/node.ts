/**
 * `statevec/node`: everything of `statevec`, and what only Node has: durable files, and digests on a second thread.
 */
export { type FileHistoryOptions, fileHistory, memoryHistory } from "./history/node/index.ts";
export * from "./index.ts";
