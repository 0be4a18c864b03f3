/**
 * `statevec/vectors`: commands and what became of each, recorded in JSON files, checked in any test runner.
 */
export { changedVectors, checkVectors, runVectors } from "./check.ts";
export { differenceText, type VectorDifference } from "./difference.ts";
export { formatVectors } from "./format.ts";
export { vectorsOfHistory } from "./history-vectors.ts";
export { parseScript, parseVectors } from "./parse.ts";
export type {
  CommandStep,
  JsonObject,
  Lane,
  RetireStep,
  ScriptStep,
  VectorResult,
  VectorRules,
  VectorScript,
  VectorSource,
  VectorStep,
  Vectors,
} from "./vectors.ts";
