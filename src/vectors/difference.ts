/**
 * The first difference between two JSON values, in words.
 *
 * Responsible for: finding it and naming its place as a reader of a vector file would. Not responsible for: running.
 */
import type { JsonObject } from "./vectors.ts";

/** Where a vector and what was made now differ. */
export interface VectorDifference {
  /** Position of the step, from 1; 0: the rules at the head of the file. */
  readonly step: number;
  /** The command, or `retire`; empty at the head. */
  readonly command: string;
  /** `outcome`, `delta 1 (Account 7), after.balance`, `leaf`. */
  readonly field: string;
  /** Both sides as JSON; `nothing` where there is none. */
  readonly expected: string;
  readonly found: string;
  /** Why the command is faulted now, where words are known. */
  readonly cause?: string;
}

export type Found = Pick<VectorDifference, "field" | "expected" | "found">;

const SHOWN_MAX = 300;

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null;
}

/** Names of both, those of `found` first: they stand in the order in which they explain most. */
function namesOf(expected: JsonObject, found: JsonObject): string[] {
  return [...new Set([...Object.keys(found), ...Object.keys(expected)])];
}

/** `delta 1 (Account 7)`, `event 2 (Trade)`: an element by what it is about. */
function elementName(list: string, index: number, element: unknown): string {
  const about = isObject(element) ? (element.kind ?? element.name) : undefined;
  const singular = list === "events" ? "event" : list;
  if (about === undefined) return `${list}[${index}]`;
  const sysId = (element as JsonObject).sysId;
  return `${singular} ${index + 1} (${about}${sysId === undefined ? "" : ` ${sysId}`})`;
}

function join(place: string, name: string, isElement: boolean): string {
  if (place === "" || isElement) return name;
  return `${place}${place.endsWith(")") ? ", " : "."}${name}`;
}

/** The first difference, or nothing. @param place where the values stand; empty at the top */
export function firstDifference(expected: unknown, found: unknown, place = ""): Found | undefined {
  if (isObject(expected) && isObject(found) && Array.isArray(expected) === Array.isArray(found)) {
    const isList = Array.isArray(found);
    for (const name of namesOf(expected, found)) {
      const [left, right] = [ownMember(expected, name), ownMember(found, name)];
      const inner = isList ? elementName(place, Number(name), right ?? left) : join(place, name, false);
      const difference = firstDifference(left, right, inner);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return expected === found ? undefined : { field: place, expected: show(expected), found: show(found) };
}

function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** `step 4 (Withdraw), delta 1 (Account 1), after.balance: expected "70", found "60"` */
export function differenceText({ step, command, field, expected, found, cause }: VectorDifference): string {
  const place = step === 0 ? field : `step ${step} (${command}), ${field}`;
  const text = `${place}: expected ${expected}, found ${found}`;
  return cause === undefined ? text : `${text}; it is faulted because ${cause}`;
}
