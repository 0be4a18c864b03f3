/** Times of the upper half of a u64: they are as they are, also where a program has to compare them. */
import { memoryHistory } from "statevec";
import { expect, test } from "vitest";
import { deed, openLab } from "./lab.ts";

const EDGE = 1n << 63n;

test.each([EDGE - 1n, EDGE, EDGE + 100n, (1n << 64n) - 1n])(
  "a clock that goes back from %s stays there",
  async (late) => {
    const history = memoryHistory();
    const seen: bigint[] = [];
    let now = late;
    const clock = { nowNs: () => now };
    const act = (tx: { readonly timeNs: bigint }) => void seen.push(tx.timeNs);
    let engine = await openLab(act, { history, clock });
    now = 5n;
    await engine.submit("Do", deed());
    await engine.close();
    engine = await openLab(act, { history, clock });
    await engine.submit("Do", deed());
    const times: bigint[] = [];
    for await (const frame of engine.frames()) times.push(frame.timeNs);
    expect(times).toEqual([late, late, late]);
    expect(seen).toEqual([late, late]);
    expect((await engine.audit()).identical).toBe(true);
    await engine.close();
  },
);

test("a clock that goes on over the edge is followed", async () => {
  let now = EDGE - 2n;
  const engine = await openLab(undefined, { clock: { nowNs: () => now++ } });
  for (let n = 0; n < 4; n++) await engine.submit("Do", deed());
  const times: bigint[] = [];
  for await (const frame of engine.frames()) times.push(frame.timeNs);
  expect(times).toEqual([EDGE - 2n, EDGE - 1n, EDGE, EDGE + 1n, EDGE + 2n]);
  await engine.close();
});
