/**
 * The service: the domain behind HTTP, its history in a directory.
 *
 *     HOST   127.0.0.1     one that other machines reach needs a TOKEN
 *     PORT   7411          0 takes a free one
 *     TOKEN  none          bearer token that every request must carry, 16 characters or more
 *     DATA   data          directory of the history
 *
 * SIGTERM or SIGINT drains it: requests under way are answered, new ones are turned away, then it ends with 0.
 */
import { fileHistory, open } from "statevec/node";
import { bearerToken, createService, listen } from "statevec/service";
import { domain } from "./starter.handlers.ts";

const { HOST = "127.0.0.1", PORT = "7411", TOKEN = "", DATA = "data" } = process.env;
const isThisMachine = ["127.0.0.1", "localhost", "::1"].includes(HOST);
if (TOKEN === "" && !isThisMachine) {
  console.error(
    `HOST is ${HOST} and there is no TOKEN: everybody could submit. Set TOKEN, or leave HOST out.`,
  );
  process.exit(1);
}

const engine = await open({ domain, history: fileHistory(DATA) });
const service = createService(engine, {
  authorize: TOKEN === "" ? undefined : bearerToken(TOKEN),
  onError: (error) => console.error(error),
});
const listener = await listen(service, { host: HOST, port: Number(PORT) });
console.log(`${listener.url}  history in ${DATA}, ${engine.frontier.seq} frames`);

async function drain(): Promise<void> {
  await listener.close();
  await engine.close();
  console.log(`drained: ${engine.frontier.seq} frames, digest ${engine.frontier.digest}`);
}
process.once("SIGTERM", drain);
process.once("SIGINT", drain);
