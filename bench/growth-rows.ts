/**
 * The rows of growth: what a command costs with more and more resting orders.
 *
 * Responsible for: the numbers of orders, and notes that show the growth. Not responsible for: the commands (sides/growth.ts).
 */
import { alone, contender, type Group, type Row, run } from "./group.ts";
import { growthLines } from "./report.ts";
import { medianOf } from "./turns.ts";

const UNIT = "us/command";

interface GrowthRow extends Row {
  readonly orders: number;
}

function growthRow(orders: number, isLong: boolean): GrowthRow {
  const name = `growth-${orders.toExponential().replace("+", "")}`;
  return { name, unit: UNIT, bar: null, reachFor: null, better: "less", isLong, orders };
}

/** Placing five million orders takes longer than all the rest. */
const ROWS: readonly GrowthRow[] = [
  growthRow(1_000, false),
  growthRow(10_000, false),
  growthRow(100_000, false),
  growthRow(1_000_000, false),
  growthRow(5_000_000, true),
];

export const growthGroup: Group = {
  rows: ROWS,
  durable: false,
  async measure(settings) {
    const turns = settings.quick ? 3 : 5;
    const perTurn = settings.quick ? 60_000 : 200_000;
    const rows = ROWS.filter(({ isLong }) => !(settings.quick && isLong));
    const outcomes = await run(
      settings,
      turns,
      rows.map(({ orders }) => contender("growth", { turns, perTurn, entries: [orders] })),
    );
    const values = outcomes.map((outcome) => medianOf(outcome, "microseconds"));
    const points = rows.map(({ name, orders }, at) => ({ name, size: orders, value: values[at]! }));
    return { results: rows.map((row, at) => alone(row, values[at]!)), notes: growthLines(points, "us") };
  },
};
