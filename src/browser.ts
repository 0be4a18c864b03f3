/**
 * `statevec/browser`: everything of `statevec`, and what a page needs to audit a history that it was given as bytes and to
 * read what stands in it. Inspection is not in `statevec` itself: an engine needs nothing of it.
 */
export { type RawFrame, readFrame } from "./engine/frames.ts";
export type { HistoryFile } from "./history/segments/files-in-memory.ts";
export { historyFromFiles } from "./history/segments/history-from-files.ts";
export * from "./index.ts";
export {
  describeModule,
  type FrameDigests,
  type Inspector,
  type InspectorOptions,
  openInspector,
} from "./inspect/index.ts";
