/** The progress bar: only on a terminal, only after a second, at most ten times a second, gone at the end. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Progress } from "../../src/cli/progress.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function recorder(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  return { written, progress: new Progress("verifying", stream) };
}

describe("on a terminal", () => {
  test("nothing in the first second, then a bar with counts and rate", () => {
    const { written, progress } = recorder(true);
    progress.show(10n, 4_000n);
    vi.advanceTimersByTime(999);
    progress.show(900n, 4_000n);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    progress.show(1_000n, 4_000n);
    expect(written).toEqual([
      "\r\u001b[2Kverifying [########----------------------] 1,000 of 4,000 frames  1,000/s",
    ]);
  });

  test("not more often than every 100 ms", () => {
    const { written, progress } = recorder(true);
    vi.advanceTimersByTime(2_000);
    for (let done = 0n; done < 100n; done++) {
      progress.show(done, 100n);
      vi.advanceTimersByTime(10);
    }
    expect(written).toHaveLength(10);
  });

  test("a history that grows meanwhile does not pass the end of the bar", () => {
    const { written, progress } = recorder(true);
    vi.advanceTimersByTime(2_000);
    progress.show(12n, 10n);
    expect(written[0]).toContain(`[${"#".repeat(30)}]`);
  });

  test("it clears its line, and only if there is one", () => {
    const { written, progress } = recorder(true);
    progress.clear();
    expect(written).toEqual([]);
    vi.advanceTimersByTime(2_000);
    progress.show(1n, 10n);
    progress.clear();
    expect(written[1]).toBe("\r\u001b[2K");
  });
});

test("elsewhere it is silent", () => {
  const { written, progress } = recorder(false);
  vi.advanceTimersByTime(5_000);
  progress.show(1n, 10n);
  progress.clear();
  expect(written).toEqual([]);
});
