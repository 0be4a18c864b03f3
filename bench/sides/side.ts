/**
 * What every measured side is: something that runs its share of the work turn by turn, in a process of its own.
 *
 * Responsible for: the contract between the process that compares (../turns.ts) and those that work (../side-process.ts).
 */

/** What a side is told. All of it can be sent to another process. */
export interface SideOptions {
  readonly instruments: number;
  /** How many turns it will be given. */
  readonly turns: number;
  /** Commands, writes or keys a turn. */
  readonly perTurn: number;
  /** For what it writes; empty. */
  readonly directory: string;
  /**
   * Size of a group of commands that become durable together, where the side decides it; of one request, or on their way on
   * one connection; commands a second that arrive.
   */
  readonly group: number;
  /** To a server. A divisor of the senders of the payment stream. */
  readonly connections: number;
  /** Bytes of one write, for the raw disk. */
  readonly writeBytes: number;
  /** Where digests are made. Only of histories in memory; those of files always have them beside. */
  readonly digests: "inline" | "beside";
  /** Path of a module or a program to measure. */
  readonly module: string;
  /** Sizes to measure one after the other: entries of the structures, or orders that rest. */
  readonly entries: readonly number[];
}

/** Figures of one turn, by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Side {
  turn(turn: number): Promise<Figures> | Figures;
  /** Checks the results of all turns and cleans up. @throws {Error} they are not what they must be */
  finish(): Promise<Figures> | Figures;
}

export type StartSide = (options: SideOptions) => Promise<Side>;

/** Operations a second, from their number and the time they took. */
export function perSecond(operations: number, milliseconds: number): number {
  return (operations / milliseconds) * 1000;
}

/** @throws {Error} naming what is not as expected */
export function requireSame(what: string, found: unknown, expected: unknown): void {
  const foundText = JSON.stringify(found);
  const expectedText = JSON.stringify(expected);
  if (foundText !== expectedText) throw new Error(`${what}: found ${foundText}, expected ${expectedText}`);
}
