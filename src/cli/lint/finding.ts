/**
 * What lint says of a place in the source.
 *
 * Responsible for: the rules by name, and where a finding stands.
 */
import type ts from "typescript";

/** Every rule. docs/guide/lint.md says what each is about. */
export const RULES = [
  "module-state",
  "float",
  "locale",
  "clock",
  "entropy",
  "captured-clock",
  "async",
  "environment",
  "iteration-order",
  "wide-arithmetic",
  "package",
] as const;
export type RuleName = (typeof RULES)[number];

/** These are no mistakes: they say where to look. */
const INFORMATION: ReadonlySet<RuleName> = new Set<RuleName>(["wide-arithmetic", "package"]);

export interface Finding {
  readonly rule: RuleName;
  /** `information` is worth knowing and does not make lint fail. */
  readonly severity: "error" | "information";
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** What was found, why it matters, what to do. */
  readonly message: string;
}

/** Path, line and column of a node. */
export function placeOf(node: ts.Node): Pick<Finding, "file" | "line" | "column"> {
  const source = node.getSourceFile();
  const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return { file: source.fileName, line: line + 1, column: character + 1 };
}

/** Collects findings; one of a rule at a place is enough. */
export class Findings {
  readonly #byPlace = new Map<string, Finding>();

  add(rule: RuleName, node: ts.Node, message: string): void {
    const place = placeOf(node);
    const key = `${place.file}:${place.line}:${place.column}:${rule}`;
    if (this.#byPlace.has(key)) return;
    const severity = INFORMATION.has(rule) ? "information" : "error";
    this.#byPlace.set(key, { rule, severity, ...place, message });
  }

  /** By file, line, column and rule. */
  sorted(): Finding[] {
    return [...this.#byPlace.values()].sort(
      (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column || compare(a.rule, b.rule),
    );
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
