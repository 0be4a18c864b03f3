/**
 * Random commands for the programs.
 *
 * Responsible for: payloads of small numbers that collide, with an edge now and then.
 */
import type { Source } from "statevec";
import type { Choices } from "./choices.ts";

export interface RandomCommand {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly source?: Source;
}

const U64_MAX = 2n ** 64n - 1n;

/** @param programs how many there are to choose from */
export function commandsOf(choices: Choices, programs: number, count: number): RandomCommand[] {
  let sent = 0n;
  return Array.from({ length: count }, () => {
    const name = `P${choices.below(programs)}`;
    const payload = payloadOf(choices);
    if (!choices.chance(30)) return { name, payload };
    sent += 1n;
    return { name, payload, source: { client: 9n, stream: 2, seq: sent } };
  });
}

function payloadOf(choices: Choices) {
  const edge = choices.chance(6);
  const small = () => BigInt(choices.below(20));
  const text = () => choices.pick(["", "a", "b", "ab", "é", edge ? "twelve bytes" : "a"]);
  return {
    a: edge ? choices.pick([U64_MAX, 13n, 2n ** 63n]) : small(),
    b: edge ? choices.pick([-(2n ** 63n), 2n ** 63n - 1n, -1n]) : small() - 4n,
    c: edge ? choices.pick([-(2n ** 127n), 2n ** 127n - 1n, -1n]) : small() - 4n,
    d: edge ? choices.pick([2n ** 128n - 1n, 2n ** 64n]) : small(),
    k: choices.chance(2) ? 61 : choices.below(60),
    t: text(),
    s: choices.pick(["Buy", "Sell", "Both"]),
    f: choices.chance(50),
    m: choices.chance(30) ? null : small() - 9n,
    n: choices.chance(30) ? null : choices.pick(["", "a", "zzzz"]),
    raw: Uint8Array.from({ length: choices.below(edge ? 7 : 3) }, () => choices.below(256)),
    list: Array.from({ length: choices.below(5) }, small),
  };
}
