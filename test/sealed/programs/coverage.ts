/**
 * What the random programs have exercised, and what came of the commands that did.
 *
 * Responsible for: counting, and the list of what no run may leave out.
 */
import type { DecodedFrame } from "../../../src/history/frame.ts";
import { IN_SCAN } from "./print-open.ts";

const WITHIN = ["update", "delete", "create Item", "emit", "first", "seeRecord Item"];
const STATEMENTS = [
  ...["let", "accumulate", "see", "if", "repeat", "update", "delete", "emit", "hold"],
  ...["create Account", "create Item", "seeRecord Account", "seeRecord Item"],
  ...["get byId", "find SysId", "find byId", "find byLabel", "first", "last", "next", "prev"],
  ...["scan", "scan until", "scan limited", "scan reverse", "scan reverse until", "scan reverse limited"],
  ...WITHIN.map((what) => `${what}${IN_SCAN}`),
];
const TYPES = ["u64", "i64", "u128", "i128"];
const MODES = ["truncate", "floor", "ceil", "halfUp", "halfEven"];
const ARITHMETIC = TYPES.flatMap((type) => [
  ...["add", "sub", "mul"].flatMap((verb) => [`num.${type}.${verb}`, `operator ${type} ${verb}`]),
  ...["div", "mulDiv", "rescale"].flatMap((verb) => MODES.map((mode) => `num.${type}.${verb} ${mode}`)),
]);
const REJECTS = ["reject PLAIN", "reject NUMBERS", "reject WORDS"];
const CODES = [
  ...["rejected PLAIN", "rejected NUMBERS", "rejected WORDS", "rejected PAYLOAD_CHECK"],
  ...["rejected UNIQUE_KEY_TAKEN", "faulted WORK_EXHAUSTED", "faulted OVERFLOW", "faulted RECORD_MISSING"],
  ...["faulted HANDLER_FAILED", "faulted INVARIANT BALANCED", "faulted INVARIANT COVERED"],
  ...["faulted MISUSE DELETED_RECORD", "faulted MISUSE BAD_ARGUMENT", "faulted MISUSE BAD_VALUE"],
  ...["faulted LIMIT events", "faulted LIMIT cursors", "faulted LIMIT touchedRecords"],
];

/** Counts of what was done, by outcome of the command, and of outcomes. */
export class Coverage {
  readonly counts = new Map<string, number>();
  readonly #pending = new Set<string>();

  /** To be told of everything that a running program does. */
  readonly mark = (what: string): void => {
    this.#pending.add(what).add(what.replace(IN_SCAN, ""));
  };

  /** The command that did it is this frame. */
  settle(frame: DecodedFrame): void {
    if (frame.type !== "command") return;
    const { outcome, code, detail } = frame;
    const [of] = Object.values(detail ?? {});
    const names = ["INVARIANT", "MISUSE", "LIMIT"].includes(code ?? "") ? [code, of] : [code];
    this.#count(outcome === "committed" ? outcome : [outcome, ...names].join(" "));
    for (const what of this.#pending) this.#count(`${what}: ${outcome}`);
    this.#pending.clear();
  }

  #count(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** What was done in fewer than `least` commands that committed, and which outcomes were not seen so often. */
  missing(least: number): string[] {
    const wanted = [
      ...[...STATEMENTS, ...ARITHMETIC].map((what) => `${what}: committed`),
      ...REJECTS.map((what) => `${what}: rejected`),
      ...["committed", ...CODES],
    ];
    return wanted.filter((key) => (this.counts.get(key) ?? 0) < least);
  }
}
