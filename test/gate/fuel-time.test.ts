/** The default budget ends within 50 ms, whatever a loop does, without an optimising compiler too. */
import { setFlagsFromString } from "node:v8";
import { beforeAll, expect, test } from "vitest";
import { FUEL_DEFAULT } from "../../assembly/abi.ts";
import { injectFuel } from "../../src/gate/index.ts";
import { handlers, type Parts } from "./modules.ts";
import { start } from "./running.ts";

/** The first tier of V8: what code runs in until it is hot, and the slowest. */
setFlagsFromString("--liftoff-only");

const LIMIT_MS = 50;
const ATTEMPTS = 5;

function loop(body: string, times = 1): string {
  return `(loop $again ${Array(times).fill(body).join("\n")} (br $again))`;
}

const FUNCTIONS = `(type $t (func (param i32) (result i32))) (table 2 2 funcref) (elem (i32.const 1) $f)
  (func $f (param i32) (result i32) (local.get 0)) (func $nothing)`;
const KEPT = "(i64.store (i32.const 2048) (local.get $y))";

/** The result of each division is the divisor of the next, and is stored: nothing can be left out or overlap. */
const divide = (name: string) =>
  `(local.set $y (i64.or (${name} (i64.const 0x7fffffffffffffff) (local.get $y)) (i64.const 3)))`;

const LOOPS: Readonly<Record<string, Parts>> = {
  nothing: { run: loop("") },
  "signed division": {
    run: `(local.set $y (i64.const 3)) ${loop(`${divide("i64.div_s").repeat(40)} ${KEPT}`)}`,
  },
  remainder: { run: `(local.set $y (i64.const 3)) ${loop(`${divide("i64.rem_u").repeat(40)} ${KEPT}`)}` },
  multiplication: {
    run: loop(
      `${"(local.set $y (i64.mul (local.get $y) (i64.const 6364136223846793005)))".repeat(40)} ${KEPT}`,
    ),
  },
  rotation: { run: loop(`${"(local.set $y (i64.rotl (local.get $y) (local.get $y)))".repeat(40)} ${KEPT}`) },
  "multiplication of lanes": { run: loop("(local.set $v (i64x2.mul (local.get $v) (local.get $v)))", 40) },
  "shifts of narrow lanes": { run: loop("(local.set $v (i8x16.shr_u (local.get $v) (local.get $x)))", 40) },
  "bits of lanes": { run: loop("(local.set $v (i8x16.popcnt (local.get $v)))", 40) },
  "products of wide lanes": {
    run: loop("(local.set $v (i64x2.extmul_low_i32x4_s (local.get $v) (local.get $v)))", 40),
  },
  "a chain of loads": {
    run: loop("(local.set $x (i32.load (i32.and (local.get $x) (i32.const 0xffff))))", 40),
  },
  "stores all over the arena": {
    run: loop(
      "(i64.store (local.tee $x (i32.and (i32.add (local.get $x) (i32.const 4099)) (i32.const 0xfffff))) (i64.const 1))",
      20,
    ),
  },
  calls: { fields: FUNCTIONS, run: loop("(call $nothing)", 20) },
  "calls through a table": {
    fields: FUNCTIONS,
    run: loop("(local.set 0 (call_indirect (type $t) (local.get 0) (i32.const 1)))", 20),
  },
  "an operation that costs no work": { run: loop("(drop (call $opSeq))") },
};

/** The loops below never end by themselves, so a module that is not metered must not get that far. */
beforeAll(() => {
  const bounded = loop("(br_if 1 (i32.eqz (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))");
  const run = start(injectFuel(handlers({ run: `(block ${bounded})` })), { fuel: 1_000, quiet: true });
  if (run.call(1_000_000, 0) === "returned") throw new Error("loops are not charged");
});

test.each(Object.entries(LOOPS))("%s", (_, parts) => {
  const metered = injectFuel(handlers(parts));
  // Time of this process, not of the machine: tests run beside each other. The clock of a process may tick every 10 ms,
  // so the time is that of all attempts.
  const before = process.cpuUsage();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const run = start(metered, { fuel: FUEL_DEFAULT, quiet: true });
    expect(run.call(0, 0)).toBe("trapped");
    expect(run.exhausted).toBe(1);
    expect(run.fuel).toBeLessThan(0);
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000 / ATTEMPTS).toBeLessThan(LIMIT_MS);
});
