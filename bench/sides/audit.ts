/**
 * Audit of a sealed history in memory: every command runs again, every byte and the whole chain are compared.
 */
import { auditHistory, memoryHistory, open } from "statevec/node";
import { exchangeIn } from "../../examples/exchange/lane.ts";
import { commandsOf, marketCommands } from "../commands.ts";
import { generateStream } from "../stream.ts";
import { perSecond, type Side, type SideOptions } from "./side.ts";

const AT_ONCE = 4_000;

export async function startAudit({ instruments, perTurn }: SideOptions): Promise<Side> {
  const history = memoryHistory();
  const { domain } = exchangeIn("sealed");
  const stream = generateStream(instruments, perTurn);
  const engine = await open({ domain, history });
  await engine.submitMany(marketCommands(instruments));
  for (let at = 0; at < stream.length; at += AT_ONCE) {
    await engine.submitMany(commandsOf(stream, at, Math.min(at + AT_ONCE, stream.length)));
  }
  await engine.close();
  return {
    async turn() {
      const start = performance.now();
      const report = await auditHistory({ domain, history });
      const milliseconds = performance.now() - start;
      if (!report.identical) throw new Error("the replay is not identical");
      return { perSecond: perSecond(Number(report.frames), milliseconds) };
    },
    finish: () => ({}),
  };
}
