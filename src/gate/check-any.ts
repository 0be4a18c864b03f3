/**
 * The gate over a module that somebody else built: `checkAnyModule`.
 *
 * Responsible for: telling a handler module from a merged domain, the rules of each, and saying which rules could
 * not be judged.
 */
import { type Finding, Findings } from "./finding.ts";
import { checkHandlerRules } from "./handler-rules.ts";
import { checkMergedRules, isDomain } from "./merged-rules.ts";
import { readModule } from "./module-reader.ts";

/** Rules that a module says nothing about. */
export interface Unjudged {
  readonly what: string;
  /** Why not, and what to do instead. */
  readonly why: string;
}

export interface ModuleReport {
  /** `handlers`: a module to be merged with the core. `domain`: a merged one. `unknown`: the bytes are no module. */
  readonly kind: "handlers" | "domain" | "unknown";
  /** What is wrong; empty if every rule that could be judged holds. */
  readonly findings: readonly Finding[];
  /** Identifiers of the rules that were judged. */
  readonly judged: readonly string[];
  readonly notJudged: readonly Unjudged[];
}

const RULES_OF_HANDLERS = [
  "malformed",
  "import",
  "import-type",
  "export",
  "memory",
  "global",
  "mutable-global",
  "start",
  "table",
  "data",
  "float",
  "threads",
  "relaxed-simd",
  "bulk-memory",
  "memory-size",
  "instruction",
  "recursion",
  "call-depth",
] as const;
const RULES_OF_DOMAINS = [
  "malformed",
  "import",
  "export",
  "section",
  "float",
  "threads",
  "relaxed-simd",
] as const;

const SOURCES: Unjudged = {
  what: "source rules",
  why:
    "a module does not show its sources: whether handlers keep state in memory from one command to the next, write " +
    "where they should not, or let + - * wrap. Build it from its sources with statevec build, which checks them",
};
const STATIC_DATA: Unjudged = {
  what: "static data",
  why: "only running shows whether handlers write their static data; audit compares it after every command",
};
const FUEL: Unjudged = {
  what: "fuel",
  why: "the module is not metered yet; statevec build injects fuel once it has passed",
};
const HANDLER_PART: Unjudged = {
  what: "rules of handler code alone: mutable-global, start, table, data, bulk-memory, memory-size, instruction, recursion, call-depth",
  why:
    "core and handlers are merged and no longer told apart, and the core may do what handlers may not. statevec build " +
    "checked them before the merge; build the domain from its sources and compare the hashes",
};
const CHARGES: Unjudged = {
  what: "fuel",
  why: "that handler code is charged in every loop can not be seen behind the merge; statevec build injects it",
};

/**
 * Judges a module without its sources.
 *
 * @param bytes anything; neither their content nor their length makes this throw or hang
 */
export function checkAnyModule(bytes: Uint8Array): ModuleReport {
  const findings = new Findings();
  const { model, problem } = readModule(bytes);
  if (!model) {
    findings.add("malformed", "module", `${problem}; build it again`);
    return { kind: "unknown", findings: findings.all, judged: ["malformed"], notJudged: [SOURCES] };
  }
  if (isDomain(model)) {
    checkMergedRules(model, findings);
    const notJudged = [HANDLER_PART, CHARGES, SOURCES, STATIC_DATA];
    return { kind: "domain", findings: findings.all, judged: RULES_OF_DOMAINS, notJudged };
  }
  checkHandlerRules(model, findings);
  const notJudged = [FUEL, SOURCES, STATIC_DATA];
  return { kind: "handlers", findings: findings.all, judged: RULES_OF_HANDLERS, notJudged };
}
