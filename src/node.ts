/**
 * `statevec/node`: everything of `statevec`, and what only Node has: durable files, and digests on a second thread. And
 * inspection, which is not in `statevec` itself: an engine needs nothing of it.
 */
export { type RawFrame, readFrame } from "./engine/frames.ts";
export { type FileHistoryOptions, fileHistory, memoryHistory } from "./history/node/index.ts";
export * from "./index.ts";
export {
  describeModule,
  type FrameDigests,
  type Inspector,
  type InspectorOptions,
  openInspector,
} from "./inspect/index.ts";
