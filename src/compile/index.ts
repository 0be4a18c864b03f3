/**
 * Building sealed domains: what the command line and scripts use of this folder.
 */
export {
  type BuildOptions,
  type BuildResult,
  type BuiltDomain,
  buildDomain,
  DomainBuilder,
  type FailedBuild,
  type StepTime,
} from "./build.ts";
export { type Place, type Problem, problemText } from "./problem.ts";
export { loadTool } from "./tools.ts";
export { bundleTypeScript, importBundle } from "./typescript-module.ts";
export { watchSources } from "./watch.ts";
