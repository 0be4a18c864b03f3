/** Errors say what was found, what was expected and where, as properties and in the message. */
import { expect, test } from "vitest";
import {
  AdmissionError,
  DeterminismError,
  EngineFault,
  HistoryError,
  OperationalError,
  SchemaError,
  StateVecError,
  UsageError,
} from "../src/errors.ts";

const source = { client: 1n, stream: 2, seq: 3n };
const cause = new Error("disk");

test.each([
  [new SchemaError("bank", [{ path: "records.A", found: "5", expected: "a record" }]), "MISTAKES"],
  [new UsageError("options.expect", "found 5, expected a frontier"), "BAD_ARGUMENT"],
  [new UsageError("record", "used after its command", "STALE_HANDLE"), "STALE_HANDLE"],
  [new AdmissionError("GAP", "source seq 5 is not the next", { expected: 4n }), "GAP"],
  [new HistoryError("DAMAGED", "the digest differs"), "DAMAGED"],
  [new OperationalError("IO", "the disk failed"), "IO"],
  [new DeterminismError("CLOCK", "Date.now", "use tx.timeNs"), "CLOCK"],
  [new EngineFault("CORE_TRAP", "trap", { semantics: 1, frontier: { seq: 1n } }), "CORE_TRAP"],
])("%s", (error, code) => {
  expect(error).toBeInstanceOf(StateVecError);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe(error.constructor.name);
  expect(error.code).toBe(code);
});

test("details are properties where they are known, and absent where not", () => {
  const gap = new AdmissionError("GAP", "not the next", { expected: 4n, field: undefined, index: 0 });
  expect({ ...gap }).toStrictEqual({ name: "AdmissionError", code: "GAP", expected: 4n, index: 0 });
  const unknown = new OperationalError("OUTCOME_UNKNOWN", "the append failed", { source, cause });
  expect(unknown.source).toBe(source);
  expect(unknown.cause).toBe(cause);
  expect("segment" in unknown).toBe(false);
});

test("a history error names the place in its message", () => {
  const error = new HistoryError("DAMAGED", "the check differs", {
    segment: "1-2.seg",
    offset: 512,
    seq: 9n,
    expected: "0a",
    actual: "0b",
  });
  expect(error.message).toBe(
    "DAMAGED: the check differs (segment 1-2.seg, offset 512, seq 9, found 0b, expected 0a)",
  );
  expect(new HistoryError("NOT_FOUND", "nothing there").message).toBe("NOT_FOUND: nothing there");
  expect([error.segment, error.offset, error.seq, error.expected, error.actual]).toEqual([
    "1-2.seg",
    512,
    9n,
    "0a",
    "0b",
  ]);
});

test("other errors name what they are about", () => {
  expect(new UsageError("options.clock", "found 5").message).toBe("options.clock: found 5");
  expect(new UsageError("options.clock", "found 5").argument).toBe("options.clock");
  expect(new DeterminismError("ENTROPY", "Math.random", "pass it in").message).toContain("Math.random");
  expect(new DeterminismError("ENTROPY", "Math.random", "pass it in").called).toBe("Math.random");
});
