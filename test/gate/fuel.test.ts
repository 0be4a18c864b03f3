/** Fuel: where it is charged, what it costs, and that nothing else about the module changes. */
import { describe, expect, test } from "vitest";
import { checkHandlerModule, injectFuel } from "../../src/gate/index.ts";
import { readModule } from "../../src/gate/module-reader.ts";
import { assemble, handlers, handlerText } from "./modules.ts";
import { type Run, start } from "./running.ts";

/** A loop that goes round as often as the first parameter says. */
const COUNTED = `(block $done (loop $again
  (br_if $done (i32.eqz (local.get 0)))
  (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
  (br $again)))`;

/** What a command uses: the budget minus what is left. */
function costOf(bytes: Uint8Array, kind: number, budget = 1_000_000): number {
  const run = start(injectFuel(bytes), { fuel: budget });
  expect(run.call(kind, 0)).toBe("returned");
  return budget - run.fuel;
}

describe("cost", () => {
  test("a function that does nothing: its end, and the charge itself", () => {
    expect(costOf(handlers({}), 0)).toBe(4);
  });

  test("every iteration of a loop is charged for its own instructions", () => {
    const bytes = handlers({ run: COUNTED });
    const [none, one, many] = [costOf(bytes, 0), costOf(bytes, 1), costOf(bytes, 1_000)];
    const iteration = one! - none!;
    // local.get, i32.eqz, br_if, local.get, i32.const, i32.sub, local.set, br, end, and the charge.
    expect(iteration).toBe(9 + 3);
    expect(many! - none!).toBe(1_000 * iteration);
  });

  test("an inner loop pays for itself, the outer one for the rest", () => {
    const nested = `(local.set $x (local.get 1)) (loop $outer
      (local.set 0 (i32.const 10)) ${COUNTED}
      (br_if $outer (local.tee $x (i32.sub (local.get $x) (i32.const 1)))))`;
    const bytes = handlers({ run: nested });
    const costs = [1, 2, 3].map((rounds) => {
      const run = start(injectFuel(bytes), { fuel: 1_000_000 });
      expect(run.call(0, rounds)).toBe("returned");
      return 1_000_000 - run.fuel;
    });
    expect(costs[2]! - costs[1]!).toBe(costs[1]! - costs[0]!);
    // Eleven times through the inner loop. The outer one: charge; i32.const, local.set; block, loop, unreachable, end
    // (the assembler's, behind a loop that is left by branches alone); then five for the condition, and its end.
    expect(costs[1]! - costs[0]!).toBe(11 * 12 + 3 + 2 + 4 + 5 + 1);
  });

  test("both arms of an if, whichever is taken", () => {
    const bytes = handlers({
      run: "(if (local.get 0) (then (local.set $x (i32.const 1))) (else (local.set $x (i32.add (i32.const 1) (i32.const 2)))))",
    });
    expect(costOf(bytes, 0)).toBe(costOf(bytes, 1));
  });

  test("a function is charged each time it is entered, through a table too", () => {
    const fields = `(type $t (func (param i32) (result i32))) (table 2 2 funcref) (elem (i32.const 1) $f)
      (func $f (param i32) (result i32) (local.get 0))`;
    const direct = costOf(handlers({ fields, run: "(drop (call $f (local.get 0)))" }), 1);
    const indirect = costOf(
      handlers({ fields, run: "(drop (call_indirect (type $t) (local.get 0) (i32.const 1)))" }),
      1,
    );
    const entry = 3 + 1 + 1;
    expect(direct).toBe(4 + 1 + 4 + 1 + entry);
    expect(indirect).toBe(direct + 1);
  });

  test("division, memory and operations weigh more", () => {
    const base = costOf(handlers({ run: "(drop (i64.add (local.get $y) (i64.const 3)))" }), 0);
    const division = costOf(handlers({ run: "(drop (i64.div_u (local.get $y) (i64.const 3)))" }), 0);
    expect(division - base).toBe(9);
    const load = costOf(handlers({ run: "(drop (i64.load (i32.const 1024)))" }), 0);
    expect(load).toBe(4 + 1 + 4 + 1);
    expect(costOf(handlers({ run: "(drop (call $opSeq))" }), 0)).toBe(4 + 20 + 1);
  });
});

describe("exhaustion", () => {
  /**
   * Writes the number of iterations so far to memory, so that the point of exhaustion can be seen. It ends by itself
   * at last: without fuel this test fails, and does not hang.
   */
  const TALLY = handlers({
    run: `(loop $again
      (i32.store (i32.const 2048) (local.tee $x (i32.add (local.get $x) (i32.const 1))))
      (br_if $again (i32.lt_u (local.get $x) (i32.const 1000000))))`,
  });
  const iterations = (run: Run) => run.word(2048);

  test("at the same point, each time", () => {
    const metered = injectFuel(TALLY);
    const runs = [0, 1, 2].map(() => {
      const run = start(metered, { fuel: 10_000 });
      expect(run.call(0, 0)).toBe("trapped");
      return [iterations(run), run.fuel, run.exhausted];
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
    expect(runs[0]![2]).toBe(1);
  });

  test("at the exact edge: the budget that is just enough, and one less", () => {
    const bytes = handlers({ run: COUNTED });
    const needed = costOf(bytes, 50);
    const metered = injectFuel(bytes);
    const enough = start(metered, { fuel: needed });
    expect([enough.call(50, 0), enough.fuel, enough.exhausted]).toEqual(["returned", 0, 0]);
    const short = start(metered, { fuel: needed - 1 });
    expect([short.call(50, 0), short.fuel, short.exhausted]).toEqual(["trapped", -1, 1]);
  });

  test("the instance works on with a new budget", () => {
    const run = start(injectFuel(handlers({ run: COUNTED })), { fuel: 100 });
    expect(run.call(1_000_000, 0)).toBe("trapped");
    run.fuel = 1_000;
    expect(run.call(3, 0)).toBe("returned");
    expect(run.exhausted).toBe(1);
  });

  test("a budget at its hard maximum does not wrap", () => {
    const run = start(injectFuel(handlers({ run: COUNTED })), { fuel: 2_000_000_000 });
    expect(run.call(1_000, 0)).toBe("returned");
    expect(run.fuel).toBeGreaterThan(1_999_000_000);
  });

  test("no way goes round without a charge: every loop of every function starts with one", () => {
    const bytes = handlers({
      fields: `(func $a (param i32) (loop $l (br_if $l (local.get 0))) (loop $m (loop $n (br_if $m (local.get 0)))))
        (func $b (result i32) (loop $l (result i32) (br $l)))`,
      run: `(block $out (loop $l (if (local.get 0) (then (br $l)) (else (br $out)))))`,
    });
    const starts = new Map<number, number[]>();
    let previous: number | undefined;
    readModule(injectFuel(bytes), ({ index, start: at }, operator) => {
      const first = operator.start === at || previous === 0x03;
      if (first) starts.set(index, [...(starts.get(index) ?? []), operator.code]);
      previous = operator.code;
    });
    // global.get of the fuel comes first, once for each function and each loop.
    const all = [...starts.values()].map((found) => found.join());
    expect(all).toEqual(["35,35,35,35", "35,35", "35,35"]);
  });
});

describe("the module around it", () => {
  const RICH = handlerText({
    imports: '(import "env" "opGet" (func $opGet (param i32 i64) (result i32)))',
    fields: `(global $base i32 (i32.const 1024)) (global $other i64 (i64.const 7)) (data (i32.const 1024) "hello")
      (type $t (func (param i32) (result i32))) (table 3 3 funcref) (elem (i32.const 1) $double $triple)
      (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func $triple (param i32) (result i32) (i32.add (local.get 0) (call $double (local.get 0))))`,
    run: `(i32.store (i32.const 2048) (call_indirect (type $t) (local.get 1) (local.get 0)))
      (i64.store (i32.const 2056) (i64.add (global.get $other) (call $opSeq)))
      (i32.store (i32.const 2064) (i32.load8_u (global.get $base)))
      (i32.store (i32.const 2068) (call $opGet (i32.const 4) (i64.const 5)))`,
  });

  test("does what it did", () => {
    const bytes = assemble(RICH);
    const metered = injectFuel(bytes);
    const seen = [0, 1].map((which) => {
      const run = start(which === 0 ? bytes : metered, { fuel: 10_000 });
      const [double, triple] = [run.call(1, 21) && run.word(2048), run.call(2, 21) && run.word(2048)];
      return [double, triple, run.word(2056), run.word(2064), run.word(2068), run.calls];
    });
    expect(seen[0]!.slice(0, 4)).toEqual([42, 63, 7 + 11, 104]);
    expect(seen[1]).toEqual(seen[0]);
  });

  test("the same bytes each time, and the source stays as it is", () => {
    const bytes = assemble(RICH);
    const before = bytes.slice();
    expect(injectFuel(bytes)).toEqual(injectFuel(bytes));
    expect(bytes).toEqual(before);
  });

  test("names stay", () => {
    const { functions, globals } = readModule(injectFuel(assemble(RICH))).model!.names;
    expect([...functions.values()]).toEqual(["opSeq", "opGet", "opFuelExhausted", "double", "triple", "run"]);
    expect([...globals.values()]).toEqual(["fuel", "base", "other"]);
  });

  test("an import of opFuelExhausted that is there is used", () => {
    const imports = '(import "env" "opFuelExhausted" (func $stop))';
    const metered = injectFuel(handlers({ imports, fields: "(func $f)", run: "(call $f)" }));
    const { importedFunctions } = readModule(metered).model!;
    expect(importedFunctions).toEqual(["opSeq", "opFuelExhausted"]);
    const run = start(metered, { fuel: 3 });
    expect([run.call(0, 0), run.exhausted]).toEqual(["trapped", 1]);
  });

  test("a metered module has one finding: its fuel", () => {
    const found = checkHandlerModule(injectFuel(assemble(RICH)));
    const places = found.map(({ rule, place }) => `${rule} ${place}`);
    expect(places).toEqual(["import import env.fuel", "mutable-global global fuel"]);
  });

  test("refused: a module that is metered, or breaks a rule, or is none", () => {
    expect(() => injectFuel(injectFuel(assemble(RICH)))).toThrow(/env.fuel: the module is metered already/);
    expect(() => injectFuel(handlers({ run: "(drop (memory.size))" }))).toThrow(/rule memory-size/);
    expect(() => injectFuel(new Uint8Array(8))).toThrow(/no valid WebAssembly module/);
  });

  test("whatever passes the gate can be metered, and is a module then", () => {
    const bytes = assemble(RICH);
    let metered = 0;
    for (let at = 8; at < bytes.length; at += 1) {
      for (const change of [0x01, 0x04, 0x80]) {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ change;
        if (checkHandlerModule(changed).length > 0) continue;
        metered += 1;
        const result = readModule(injectFuel(changed));
        expect(result.problem, `byte ${at} changed by ${change}`).toBe(undefined);
      }
    }
    expect(metered).toBeGreaterThan(50);
  });
});
