/**
 * Recovery's inner loop: applying the frames of the stream to a fresh core. Digests are checked apart from it, and not here.
 */
import { compileCore } from "../../src/wasm.ts";
import { commandAt } from "../commands.ts";
import { ExecutorMarket, freshExecutor } from "../executor-market.ts";
import { generateStream } from "../stream.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

export async function startApply({ instruments, perTurn }: SideOptions): Promise<Side> {
  const stream = generateStream(instruments, perTurn);
  const batches: Uint8Array[] = [];
  const market = await ExecutorMarket.open(instruments, (frames) => batches.push(frames));
  for (let position = 0; position < stream.length; position++) market.run(commandAt(stream, position));
  market.takeFrames();
  const frames = Number(market.executor.executed);
  const state = stateOf(market.executor);
  const module = await compileCore();
  const applyAll = () => {
    const executor = freshExecutor(module);
    const start = performance.now();
    for (const batch of batches) {
      const code = executor.apply(batch);
      if (code !== 0) throw new Error(`frame ${executor.executed + 1n} does not apply: ${code}`);
    }
    const milliseconds = performance.now() - start;
    requireSame("the applied state", stateOf(executor), state);
    return milliseconds;
  };
  // Once for the compiler: the code of the core that only apply uses has not run yet.
  applyAll();
  return {
    turn: () => ({ perSecond: perSecond(frames, applyAll()) }),
    finish: () => ({}),
  };
}

function stateOf({ executed, core }: ExecutorMarket["executor"]): object {
  return { executed: String(executed), fingerprint: String(core.exports.fingerprint()) };
}
