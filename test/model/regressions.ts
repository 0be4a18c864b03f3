/** Runs that once failed, as fast-check printed them: every law starts with these. */
import type { RunSpec } from "./replica.ts";

export const regressions: readonly RunSpec[] = [];
