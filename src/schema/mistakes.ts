/**
 * The mistakes of a schema, gathered.
 *
 * Responsible for: collecting mistakes with path, found and expected, and the checks that every definition needs
 * (names, numbers, sizes).
 * Not responsible for: the rules of fields, paths and invariants (validate-*.ts).
 *
 * Invariant: I1 nothing here throws on bad definitions: one mistake never hides the next.
 */
import type { SchemaMistake } from "../errors.ts";

/** Letters first, so that a name is also a protobuf identifier and never one of JavaScript's `__proto__`. */
const IDENTIFIER = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;

/** Names that fields and paths can not have: the engine's own, and what every JavaScript object answers to. */
const RESERVED = new Set([
  "sysId",
  "revision",
  "name",
  "kind",
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/** Whether `value` can name a definition. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && IDENTIFIER.test(value);
}

/** Whether fields and paths can not have this name. */
export function isReserved(name: string): boolean {
  return RESERVED.has(name);
}

/** How a value is shown in a mistake. */
export function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "an object";
  return value === undefined ? "nothing" : String(value);
}

/** Gathers mistakes. */
export class Mistakes {
  readonly list: SchemaMistake[] = [];

  add(path: string, found: string, expected: string): void {
    this.list.push({ path, found, expected });
  }

  /** @returns whether `name` is an identifier; otherwise it is a mistake */
  identifier(path: string, name: unknown): name is string {
    if (isIdentifier(name)) return true;
    this.add(path, show(name), "a name of 1..63 ASCII letters, digits and _, a letter first");
    return false;
  }

  /** @returns whether `name` is free for a field or path; otherwise it is a mistake */
  memberName(path: string, name: string): boolean {
    if (!this.identifier(path, name)) return false;
    if (!isReserved(name)) return true;
    this.add(path, show(name), "another name: this one is reserved");
    return false;
  }

  /** @returns whether `value` is an integer `number` from `min` to `max`; otherwise it is a mistake */
  integer(path: string, value: unknown, min: number, max: number): value is number {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return true;
    this.add(path, show(value), `a whole number from ${min} to ${max}`);
    return false;
  }

  /** @returns whether `value` is an object whose properties can be read; otherwise it is a mistake */
  object(path: string, value: unknown, expected: string): value is Readonly<Record<string, unknown>> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return true;
    this.add(path, show(value), expected);
    return false;
  }
}

/** Finds numbers that two definitions of one space share. */
export class Numbers {
  private readonly mistakes: Mistakes;
  private readonly max: number;
  private readonly owners = new Map<number, string>();

  constructor(mistakes: Mistakes, max: number) {
    this.mistakes = mistakes;
    this.max = max;
  }

  /** @returns whether `number` is in range and free; otherwise it is a mistake at `path` */
  take(path: string, number: unknown, owner: string): number is number {
    if (!this.mistakes.integer(path, number, 1, this.max)) return false;
    const other = this.owners.get(number);
    if (other !== undefined) {
      this.mistakes.add(path, `${number}, the number of ${other}`, "a number that nothing else has");
      return false;
    }
    this.owners.set(number, owner);
    return true;
  }
}
