/**
 * What a group of rows is: the rows that come out of the same turns, and how they are judged.
 *
 * Responsible for: rows, results, the bar; contenders with what they are not told left empty.
 * Not responsible for: which rows there are (rows.ts), taking turns (turns.ts), printing (report.ts).
 */
import type { SideName } from "./side-process.ts";
import type { SideOptions } from "./sides/side.ts";
import { type Contender, takeTurns } from "./turns.ts";

export interface Row {
  readonly name: string;
  readonly unit: string;
  /** What a row must reach, and what it should: of the ratio to the peer, or of the value where there is no peer. */
  readonly bar: number | null;
  readonly reachFor: number | null;
  readonly better: "more" | "less";
  /** Left out of quick runs. */
  readonly isLong?: boolean;
}

/** A peer of its own for what a row reaches for. */
export interface ReachPeer {
  readonly name: string;
  /** Null where the peer is not at hand. */
  readonly value: number | null;
  readonly ratio: number | null;
}

export interface Result extends Row {
  readonly value: number;
  readonly peer: string | null;
  /** Null where there is no peer, or where it is not at hand. */
  readonly peerValue: number | null;
  readonly ratio: number | null;
  /** Whether the bar is met; null where there is none, or nothing to compare with. */
  readonly met: boolean | null;
  /** The peer that `reachFor` is about; null where it is about the peer of the bar, or about the value. */
  readonly reachPeer: ReachPeer | null;
}

/** How a run is made. */
export interface Settings {
  readonly quick: boolean;
  /** Where durable rows write. */
  readonly directory: string;
  /** Where modules are compiled to. */
  readonly build: string;
  readonly onTurn: (side: SideName, turn: number, turns: number) => void;
}

export interface GroupResults {
  readonly results: readonly Result[];
  /** What has to be known beside the figures. */
  readonly notes: readonly string[];
}

/** Rows that come out of the same turns. */
export interface Group {
  readonly rows: readonly Row[];
  readonly durable: boolean;
  measure(settings: Settings): Promise<GroupResults>;
}

export function isMet(row: Row, measured: number, bar: number | null): boolean | null {
  if (bar === null) return null;
  return row.better === "more" ? measured >= bar : measured <= bar;
}

/** A row with a peer; `peerValue` is null where the peer is not at hand. */
export function compared(
  row: Row,
  value: number,
  peer: string,
  peerValue: number | null,
  reachPeer: ReachPeer | null = null,
): Result {
  const ratio = peerValue === null ? null : value / peerValue;
  const met = ratio === null ? null : isMet(row, ratio, row.bar);
  return { ...row, value, peer, peerValue, ratio, met, reachPeer };
}

/** A row without a peer. */
export function alone(row: Row, value: number): Result {
  const met = isMet(row, value, row.bar);
  return { ...row, value, peer: null, peerValue: null, ratio: null, met, reachPeer: null };
}

export function contender(side: SideName, options: Partial<SideOptions>): Contender {
  const nothing = {
    instruments: 1,
    turns: 1,
    perTurn: 1,
    directory: "",
    group: 1,
    connections: 1,
    writeBytes: 0,
    digests: "beside" as const,
    module: "",
    entries: [],
  };
  return { side, options: { ...nothing, ...options } };
}

export function run({ onTurn }: Settings, turns: number, contenders: readonly Contender[]) {
  return takeTurns(contenders, turns, (side, turn) => onTurn(side, turn, turns));
}
