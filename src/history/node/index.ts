/** What the Node adapters offer; nothing else of this folder is for use outside it. */
export { type FileHistoryOptions, fileHistory } from "./file-history.ts";
export { memoryHistory } from "./memory.ts";
