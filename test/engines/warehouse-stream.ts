/**
 * Commands for the warehouse, made up from a seed: integers only, so that every engine makes the same.
 *
 * Not responsible for: what they do. About one in four is to be rejected or faulted.
 */
import type { Domain, Submission } from "statevec";
import { Random } from "./random.ts";
import type { warehouse } from "./warehouse.ts";

type Warehouse = typeof warehouse extends Domain<infer Parts> ? Parts : never;
export type WarehouseCommand = Submission<Warehouse>;

const WORDS = ["", "oak", "Öl", "日本", "🪵 wood", "a\u0000", "a", "\uffff", "\u{10000}", "zeta"];
const GRADES = ["Poor", "Fair", "Fine"] as const;
const ROUNDINGS = ["truncate", "floor", "ceil", "halfUp", "halfEven"] as const;
const IDS = 120;

/** A number of up to `bits` bits, small ones as likely as large ones. */
function unsigned(random: Random, bits: number): bigint {
  const width = random.below(bits + 1);
  let value = 0n;
  for (let word = 0; word < bits; word += 16) value = (value << 16n) | BigInt(random.below(65_536));
  return width === 0 ? 0n : BigInt.asUintN(width, value);
}

/** As above, of either sign; `bits` without the sign. */
function signed(random: Random, bits: number): bigint {
  const value = unsigned(random, bits);
  return random.below(2) === 0 ? value : -value;
}

function valuesFrom(random: Random) {
  return {
    note: random.below(4) === 0 ? null : `${random.of(WORDS)}${random.of(WORDS)}`,
    amount: unsigned(random, 128),
    debt: signed(random, 127),
    price: signed(random, 125) as never,
    share: (random.below(3) === 0 ? null : signed(random, 59)) as never,
    count: signed(random, 63),
    small: random.below(256) - 128,
    grade: random.of(GRADES),
    open: random.below(2) === 0,
    raw: Uint8Array.from({ length: random.below(17) }, () => random.below(3) * 127),
  };
}

function commandFrom(random: Random): WarehouseCommand {
  const id = random.below(IDS);
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2: {
      const label = `${random.of(WORDS)}${random.below(80)}`;
      return { name: "Make", payload: { id, label, ...valuesFrom(random) } };
    }
    case 3:
    case 4:
    case 5:
      return { name: "Change", payload: { id, ...valuesFrom(random) } };
    case 6:
    case 7: {
      const [factor, divisor] = [signed(random, 60), signed(random, 62)];
      return { name: "Reckon", payload: { id, factor, divisor, rounding: random.of(ROUNDINGS) } };
    }
    case 8: {
      const limit = random.below(random.below(20) === 0 ? 55 : 12);
      return { name: "Walk", payload: { open: random.below(2) === 0, down: random.below(2) === 0, limit } };
    }
    default: {
      const ids = Array.from({ length: random.below(5) }, () => random.below(IDS));
      return { name: "Drop", payload: { ids } };
    }
  }
}

export function warehouseStream(count: number, seed: number): WarehouseCommand[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => commandFrom(random));
}
