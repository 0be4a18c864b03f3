/**
 * `statevec/browser`: everything of `statevec`, and what a page needs to audit a history that it was given as bytes.
 */
export type { HistoryFile } from "./history/segments/files-in-memory.ts";
export { historyFromFiles } from "./history/segments/history-from-files.ts";
export * from "./index.ts";
