/**
 * What the gate says about a module or a source: findings.
 *
 * Responsible for: the shape of a finding, and that their number and their texts stay bounded and printable.
 * Not responsible for: which rules there are (handler-rules.ts, merged-rules.ts, sources/).
 *
 * I1. Texts that come out of a module (names) are shortened and hold no control characters: a finding may be
 * printed on a terminal as it is.
 */

/** One broken rule. */
export interface Finding {
  /** Identifier of the rule, the same in docs/reference/gate.md: `float`. */
  readonly rule: string;
  /** Where: `function placeOrder`, `import env.now`, `data segment 2`, `assembly/index.ts:12:7`. */
  readonly place: string;
  /** What was found, and what to do. */
  readonly message: string;
}

const FINDINGS_MAX = 100;
const NAME_LENGTH_MAX = 120;

/** Collects findings; from the hundredth on only their number. */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #seen = new Set<string>();
  #leftOut = 0;

  /** Adds a finding, unless the same rule was already found broken at the same place with the same message. */
  add(rule: string, place: string, message: string): void {
    if (this.#found.length >= FINDINGS_MAX) {
      this.#leftOut += 1;
      return;
    }
    const identity = `${rule}\n${place}\n${message}`;
    if (this.#seen.has(identity)) return;
    this.#seen.add(identity);
    this.#found.push({ rule, place, message });
  }

  get all(): Finding[] {
    if (this.#leftOut === 0) return this.#found;
    const message = `${this.#leftOut} further findings are left out; correct those above and check again`;
    return [...this.#found, { rule: "more", place: "module", message }];
  }
}

/** A name out of a module, safe to print. */
export function printable(name: string): string {
  const clean = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");
  return clean.length <= NAME_LENGTH_MAX ? clean : `${clean.slice(0, NAME_LENGTH_MAX)}...`;
}
