/** Inspection: texts about schemas, frames, records, keys, codes and modules, made by the module itself. */
export {
  describeModule,
  type FrameDigests,
  type Inspector,
  type InspectorOptions,
  openInspector,
} from "./inspector.ts";
