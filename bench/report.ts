/**
 * Results for people and for programs.
 */
import type { ReachPeer, Result } from "./group.ts";

const COLUMNS = ["row", "value", "peer", "peer's value", "ratio", "bar", "reach for", "met"] as const;
const WIDTHS = [22, 26, 40, 12, 7, 9, 9, 7] as const;

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) =>
      index === 0 || index === 2 ? cell.padEnd(WIDTHS[index]!) : cell.padStart(WIDTHS[index]!),
    )
    .join("  ")
    .trimEnd();
}

export function headLine(): string {
  return line(COLUMNS);
}

/** Three significant digits, thousands apart. */
function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

function ratioText(ratio: number | null): string {
  return ratio === null ? "-" : `${ratio.toFixed(2)}x`;
}

/** A bar of the ratio has a sign of its own; a bar of the value is in the unit of the row. */
function barText(result: Result, bar: number | null): string {
  if (bar === null) return "-";
  const text = short(bar);
  return result.peer === null ? text : `${text}x`;
}

function isReached({ better, reachFor }: Result, measured: number): boolean {
  return reachFor !== null && (better === "more" ? measured >= reachFor : measured <= reachFor);
}

function metText(result: Result): string {
  if (result.met === null) return "-";
  if (!result.met) return "no";
  if (result.reachPeer !== null) return "yes";
  return isReached(result, result.ratio ?? result.value) ? "reached" : "yes";
}

/** The line of what a row reaches for, where that is about a peer of its own. */
function reachLine(result: Result, { name, value, ratio }: ReachPeer): string {
  const reached = ratio === null ? "-" : isReached(result, ratio) ? "reached" : "no";
  return line([
    result.name,
    "",
    name,
    value === null ? "-" : short(value),
    ratioText(ratio),
    "-",
    barText(result, result.reachFor),
    reached,
  ]);
}

/** A row of the table: a line, and a second one where what it reaches for is about a peer of its own. */
export function tableLine(result: Result): string {
  const { name, value, unit, peer, peerValue, ratio, bar, reachFor, reachPeer } = result;
  const first = line([
    name,
    `${short(value)} ${unit}`,
    peer ?? "-",
    peerValue === null ? "-" : short(peerValue),
    ratioText(ratio),
    barText(result, bar),
    reachPeer === null ? barText(result, reachFor) : "-",
    metText(result),
  ]);
  return reachPeer === null ? first : `${first}\n${reachLine(result, reachPeer)}`;
}

/** A value seen with so many orders or entries. */
export interface SizedValue {
  readonly name: string;
  readonly size: number;
  readonly value: number;
}

/**
 * How values grow with the size: the logarithm of each size, the value over the first one, and by how much the value rose with
 * each doubling since the line before. A cost of log n rises by the same with each doubling, a cost of n by twice as much.
 */
export function growthLines(points: readonly SizedValue[], unit: string): string[] {
  return points.map(({ name, size, value }, at) => {
    const before = points[at - 1];
    const head = `${name.padEnd(WIDTHS[0])}log2 n ${Math.log2(size).toFixed(1).padStart(4)}`;
    const times = `${(value / points[0]!.value).toFixed(2)}x ${points[0]!.name}`;
    if (before === undefined) return `${head}  ${times}`;
    const rise = (value - before.value) / Math.log2(size / before.size);
    return `${head}  ${times}  ${rise < 0 ? "-" : "+"}${Math.abs(rise).toFixed(3)} ${unit} a doubling`;
  });
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/** One line of `--json`. */
export function jsonLine(result: Result): string {
  const { name, value, unit, peer, peerValue, ratio, bar, reachFor, met, reachPeer } = result;
  return JSON.stringify({
    row: name,
    value: rounded(value),
    unit,
    peer,
    peerValue: rounded(peerValue),
    ratio: rounded(ratio),
    bar,
    reachFor,
    met,
    reachPeer: reachPeer?.name ?? null,
    reachPeerValue: rounded(reachPeer?.value ?? null),
    reachRatio: rounded(reachPeer?.ratio ?? null),
  });
}
