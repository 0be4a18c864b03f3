/**
 * Snapshots of resting orders: written and loaded, in records a second. No disk.
 */
import { compileCore } from "../../src/wasm.ts";
import { ExecutorMarket, freshExecutor } from "../executor-market.ts";
import { restingOrder } from "../orders.ts";
import { randomSource } from "../stream.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

const APPLY_OK = 0;

export async function startSnapshot({ instruments, perTurn }: SideOptions): Promise<Side> {
  const market = await ExecutorMarket.open(instruments);
  const random = randomSource();
  for (let number = 1; number <= perTurn; number++) market.run(restingOrder(number, instruments, random));
  market.takeFrames();
  const { executor } = market;
  const fingerprint = executor.core.exports.fingerprint();
  const records = Number(executor.core.exports.sysIdNext()) - 1;
  const module = await compileCore();
  return {
    turn() {
      const start = performance.now();
      const chunks = [...executor.snapshot()];
      const written = performance.now();
      const bytes = Buffer.concat(chunks);
      const fresh = freshExecutor(module);
      const loading = performance.now();
      if (fresh.loadSnapshot(bytes) !== APPLY_OK) throw new Error("the snapshot does not load");
      const loaded = performance.now();
      requireSame(
        "the loaded state",
        { fingerprint: String(fresh.core.exports.fingerprint()) },
        { fingerprint: String(fingerprint) },
      );
      return { write: perSecond(records, written - start), load: perSecond(records, loaded - loading) };
    },
    finish: () => ({}),
  };
}
