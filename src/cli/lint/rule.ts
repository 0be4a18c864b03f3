/** What a rule is given, and what it is. */
import type ts from "typescript";
import type { RuleName } from "./finding.ts";
import type { Reach } from "./reach.ts";
import type { Sources } from "./sources.ts";

export interface RuleContext {
  readonly sources: Sources;
  readonly reach: Reach;
  /** Where a rule stands at a node, says so once. */
  report(rule: RuleName, node: ts.Node, message: string): void;
}

/** Looks at one node of what handlers reach. */
export type NodeRule = (node: ts.Node, context: RuleContext) => void;
