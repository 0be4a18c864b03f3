/**
 * Results for people and for programs.
 */
import type { Result } from "./rows.ts";

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

/** A bar of the ratio has a sign of its own; a bar of the value is in the unit of the row. */
function barText(result: Result, bar: number | null): string {
  if (bar === null) return "-";
  const text = short(bar);
  return result.ratio === null ? text : `${text}x`;
}

function metText(result: Result): string {
  if (result.met === null) return "-";
  if (!result.met) return "no";
  const measured = result.ratio ?? result.value;
  const { better, reachFor } = result;
  const reached = reachFor !== null && (better === "more" ? measured >= reachFor : measured <= reachFor);
  return reached ? "reached" : "yes";
}

/** One line of the table. */
export function tableLine(result: Result): string {
  const { name, value, unit, peer, peerValue, ratio, bar, reachFor } = result;
  return line([
    name,
    `${short(value)} ${unit}`,
    peer ?? "-",
    peerValue === null ? "-" : short(peerValue),
    ratio === null ? "-" : `${ratio.toFixed(2)}x`,
    barText(result, bar),
    barText(result, reachFor),
    metText(result),
  ]);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/** One line of `--json`. */
export function jsonLine({ name, value, unit, peer, peerValue, ratio, bar, reachFor, met }: Result): string {
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
  });
}
