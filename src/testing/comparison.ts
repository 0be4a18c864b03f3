/**
 * A frame beside what was expected of it: one walk over both, line by line.
 *
 * Responsible for: finding what differs and showing it where it is. Not responsible for: running anything.
 * I1: a line with `expected` is a difference; without one the frame is as expected. I2: every part of the frame has a
 * line, whether it differs or not.
 */
import type { CommandFrame, FrameDelta, FrameEvent } from "../history/frame.ts";
import type { AnyChange, AnyExpectation, AnyValues } from "./expectation.ts";
import { literal, sameValue } from "./values-text.ts";

/** One line of a frame in a failure message. */
export interface Line {
  readonly depth: number;
  readonly label: string;
  readonly text: string;
  /** What was expected instead. */
  readonly expected?: string;
}

const NONE = "none";
const NOT_EXPECTED = "not there";

function line(depth: number, label: string, text: string, expected?: string): Line {
  return expected === undefined ? { depth, label, text } : { depth, label, text, expected };
}

/** Compares a frame with an expectation. */
export function compareFrame(frame: CommandFrame, expected: AnyExpectation): Line[] {
  return [
    line(0, "command", `${frame.command} ${literal(frame.payload)}`),
    ...sourceLines(frame),
    outcomeLine(frame, expected),
    ...listLines("changes", frame.deltas, expected.changes, changeLines),
    ...listLines("events", frame.events, expected.events, eventLines),
  ];
}

function sourceLines({ source }: CommandFrame): Line[] {
  if (source === null) return [];
  const { client, stream, seq } = source;
  return [line(0, "source", `client ${client}, stream ${stream}, seq ${seq}`)];
}

// ---- outcome ---------------------------------------------------------------------------------------------

function outcomeText(outcome: string, code: string | null | undefined, detail: unknown): string {
  const parts = [outcome, code ?? ""];
  const text = literal(detail ?? {});
  if (text !== "{}") parts.push(text);
  return parts.filter((part) => part !== "").join(" ");
}

function outcomeLine(frame: CommandFrame, expected: AnyExpectation): Line {
  const { code, detail } = expected;
  const actual = outcomeText(frame.outcome, frame.code, frame.detail);
  const agrees =
    frame.outcome === expected.outcome &&
    (code === undefined || frame.code === code) &&
    named(detail).every((name) => sameValue(frame.detail?.[name], detail![name]));
  return line(0, "outcome", actual, agrees ? undefined : outcomeText(expected.outcome, code, detail));
}

/** The fields that an expectation names. */
function named(values: AnyValues | undefined): string[] {
  return Object.keys(values ?? {}).filter((name) => values![name] !== undefined);
}

// ---- lists -----------------------------------------------------------------------------------------------

/** A list and each of its entries; without an expectation of it nothing of it differs. */
function listLines<A, E>(
  label: string,
  actual: readonly A[],
  expected: readonly E[] | undefined,
  entryLines: (position: number, actual: A | undefined, expected: E | undefined, compares: boolean) => Line[],
): Line[] {
  const length = Math.max(actual.length, expected?.length ?? 0);
  const heading = actual.length === 0 ? NONE : "";
  const count = expected === undefined || expected.length === actual.length ? undefined : expected.length;
  const lines = [line(0, label, heading, count === undefined ? undefined : `${count || NONE}`)];
  for (let at = 0; at < length; at++) {
    lines.push(...entryLines(at + 1, actual[at], expected?.[at], expected !== undefined));
  }
  return lines;
}

function changeText(change: AnyChange): string {
  const { op, kind, sysId, revision } = change;
  const place = sysId === undefined ? "" : ` SysId ${sysId}`;
  return `${op} ${kind}${place}${revision === undefined ? "" : `, revision ${revision}`}`;
}

function changeLines(
  position: number,
  actual: FrameDelta | undefined,
  expected: AnyChange | undefined,
  compares: boolean,
): Line[] {
  const label = String(position);
  if (actual === undefined) {
    const { before, after } = expected!;
    return [line(1, label, NONE, `${changeText(expected!)} ${literal(after ?? before ?? {})}`)];
  }
  if (expected === undefined) {
    const lines = [line(1, label, changeText(actual), compares ? NOT_EXPECTED : undefined)];
    return [...lines, ...fieldLines(actual, undefined)];
  }
  const agrees =
    actual.op === expected.op &&
    actual.kind === expected.kind &&
    (expected.sysId === undefined || actual.sysId === expected.sysId) &&
    (expected.revision === undefined || actual.revision === expected.revision);
  const heading = line(1, label, changeText(actual), agrees ? undefined : changeText(expected));
  return [heading, ...fieldLines(actual, agrees ? expected : undefined)];
}

/** Before and after, field by field. */
function fieldLines(actual: FrameDelta, expected: AnyChange | undefined): Line[] {
  const before: AnyValues | undefined = actual.op === "insert" ? undefined : actual.before;
  const after: AnyValues | undefined = actual.op === "delete" ? undefined : actual.after;
  const names = new Set([
    ...Object.keys(before ?? {}),
    ...Object.keys(after ?? {}),
    ...named(expected?.before),
    ...named(expected?.after),
  ]);
  return [...names].map((name) => {
    const sides = [before, after].filter((side) => side !== undefined);
    const text = sides.map((side) => (name in side ? literal(side[name]) : "unchanged")).join(" -> ");
    return line(2, name, text, fieldExpectation(name, before, after, expected));
  });
}

function fieldExpectation(
  name: string,
  before: AnyValues | undefined,
  after: AnyValues | undefined,
  expected: AnyChange | undefined,
): string | undefined {
  if (expected === undefined) return undefined;
  const problems: string[] = [];
  const compare = (word: string, actual: AnyValues | undefined, wanted: AnyValues | undefined) => {
    if (wanted?.[name] !== undefined && !sameValue(actual?.[name], wanted[name])) {
      problems.push(`${literal(wanted[name])} ${word}`);
    }
  };
  compare("before", before, expected.before);
  compare("after", after, expected.after);
  const names = expected.op === "update" && expected.after !== undefined;
  if (names && expected.after![name] === undefined && after !== undefined && name in after) {
    problems.push("unchanged");
  }
  return problems.length === 0 ? undefined : problems.join(", ");
}

function eventLines(
  position: number,
  actual: FrameEvent | undefined,
  expected: { readonly name: string; readonly values?: AnyValues | undefined } | undefined,
  compares: boolean,
): Line[] {
  const label = String(position);
  if (actual === undefined) {
    return [line(1, label, NONE, `${expected!.name} ${literal(expected!.values ?? {})}`)];
  }
  const agrees = expected?.name === actual.name;
  const note = compares && !agrees ? (expected?.name ?? NOT_EXPECTED) : undefined;
  const values = agrees ? expected?.values : undefined;
  const names = new Set([...Object.keys(actual.values), ...named(values)]);
  const lines = [...names].map((name) => {
    const wanted = values?.[name];
    const differs = wanted !== undefined && !sameValue(actual.values[name], wanted);
    return line(2, name, literal(actual.values[name]), differs ? literal(wanted) : undefined);
  });
  return [line(1, label, actual.name, note), ...lines];
}

// ---- text ------------------------------------------------------------------------------------------------

const LABEL_WIDTH = 14;
const TEXT_WIDTH = 48;

/** Lines as text: `x` marks those that differ, what was expected stands beside them. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map(({ depth, label, text, expected }) => {
      const left = `${"  ".repeat(depth)}${label} `.padEnd(LABEL_WIDTH) + text;
      if (expected === undefined) return `  ${left}`.trimEnd();
      return `x ${left.padEnd(TEXT_WIDTH)}  expected ${expected}`;
    })
    .join("\n");
}
