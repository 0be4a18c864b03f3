/**
 * Choices: a tape of numbers that decides what a random program is.
 *
 * Responsible for: drawing from a tape that fast-check made of a seed, so that a seed is a program.
 */
import fc from "fast-check";

const TAPE_NUMBERS = 6_000;

/** @returns as many tapes as asked for, the same for the same seed */
export function tapesOf(seed: number, count: number): Choices[] {
  const tape = fc.array(fc.nat(0x3fff_ffff), {
    minLength: TAPE_NUMBERS,
    maxLength: TAPE_NUMBERS,
    size: "max",
  });
  return fc.sample(tape, { seed, numRuns: count }).map((numbers) => new Choices(numbers));
}

export class Choices {
  readonly #tape: readonly number[];
  #at = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
  }

  /** A number below `limit`. A tape that is used up begins again. */
  below(limit: number): number {
    const drawn = this.#tape[this.#at % this.#tape.length]!;
    this.#at += 1;
    return drawn % limit;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of the names, each as likely as its weight. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [name, weight] of entries) {
      if (left < weight) return name;
      left -= weight;
    }
    throw new Error("weights that add up to nothing");
  }
}
