/** The gate over sources: `checkSources`. */
import { type Finding, Findings } from "../finding.ts";
import { SourceRules } from "./source-rules.ts";
import type { Source } from "./syntax.ts";
import { type SourceOptions, SourceOwners } from "./which-sources.ts";

/** Identifiers of the source rules. */
export const SOURCE_RULES = [
  "changetype",
  "memory-access",
  "unsafe",
  "decorator",
  "declare",
  "import-path",
  "module-state",
  "top-level-code",
  "template",
  "float",
  "outside",
  "comment",
] as const;

/**
 * Judges the sources of a compilation: every one but the SDK, generated files and the compiler's library. Meant for
 * `afterParse` of a transform, before another transform changes the tree.
 *
 * @param sources `parser.sources` (or `program.sources`) of assemblyscript COMPILER_VERSION
 * @returns what is wrong, at `file:line:column` of the source; empty if every rule holds
 */
export function checkSources(sources: readonly Source[], options: SourceOptions): Finding[] {
  const findings = new Findings();
  const owners = new SourceOwners(options);
  for (const source of sources) {
    if (owners.isUsers(source)) new SourceRules(source, owners).check(findings);
  }
  return findings.all;
}
