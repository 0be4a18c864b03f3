/**
 * Lint of an open domain: every rule over every node that its handlers reach.
 *
 * Not responsible for: printing (../lint.ts).
 */
import { asynchrony } from "./asynchrony.ts";
import { changesOf } from "./changes.ts";
import { type Finding, Findings } from "./finding.ts";
import { floats } from "./floats.ts";
import { locale } from "./locale.ts";
import { iterationOrder, moduleState } from "./module-state.ts";
import { outside } from "./outside.ts";
import { packages } from "./packages.ts";
import { reachOf } from "./reach.ts";
import type { RuleContext } from "./rule.ts";
import type { Sources } from "./sources.ts";
import { wideArithmetic } from "./wide-arithmetic.ts";

export interface LintReport {
  /** How many calls of `defineDomain` were found; without one there is nothing to check. */
  readonly domains: number;
  /** By place. */
  readonly findings: readonly Finding[];
}

/** Checks the domains that the sources define. */
export function lintSources(sources: Sources): LintReport {
  const reach = reachOf(sources);
  const changes = changesOf(sources, reach);
  const findings = new Findings();
  const context: RuleContext = {
    sources,
    reach,
    report: (rule, node, message) => findings.add(rule, node, message),
  };
  const rules = [
    moduleState(changes),
    iterationOrder(changes),
    floats,
    locale,
    outside,
    asynchrony,
    packages,
    wideArithmetic,
  ];
  for (const node of reach.nodes) for (const rule of rules) rule(node, context);
  return { domains: reach.domains, findings: findings.sorted() };
}
