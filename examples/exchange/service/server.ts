/**
 * The server process: the exchange behind HTTP, its history in a directory.
 *
 *     server DIRECTORY LANE     with TOKEN in the environment
 *
 * Responsible for: opening, listening, and an end that answers what was taken. Tells its parent the address, and where the
 * history stands when it has ended. Not responsible for: what is submitted (load.ts).
 */
import { fileHistory, open } from "statevec/node";
import { bearerToken, createService, listen } from "statevec/service";
import { exchangeIn, type LaneName } from "../lane.ts";
import type { FromServer } from "./messages.ts";

const [directory = "", lane] = process.argv.slice(2);
const tell = (message: FromServer) => process.send?.(message);

const { domain } = exchangeIn(lane as LaneName);
const engine = await open({ domain, history: fileHistory(directory) });
const service = createService(engine, { authorize: bearerToken(process.env.TOKEN ?? "") });
const listener = await listen(service, { port: 0 });
tell({ url: listener.url });

let ending = false;
async function drain(): Promise<void> {
  if (ending) return;
  ending = true;
  await listener.close();
  await engine.close();
  tell({ frontier: engine.frontier });
  process.exit();
}
process.on("SIGTERM", drain);
process.on("SIGINT", drain);
// The parent is gone: nobody would end this process.
process.on("disconnect", drain);
