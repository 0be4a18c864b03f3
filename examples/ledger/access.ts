/**
 * How the run reaches the ledger: the engine in its own process, or a service over HTTP.
 *
 * Responsible for: one form of both, so that the run does not care.
 */
import type { Engine, Frame, Receipt } from "statevec";
import { connect } from "statevec/client";
import { createService, listen } from "statevec/service";
import type { Ledger, TimedCommand } from "./generate.ts";
import { schema } from "./ledger.schema.ts";

export interface Access {
  /** The n-th call is source seq n of client 1. */
  submit(command: TimedCommand): Promise<Receipt<Ledger>>;
  frames(): AsyncIterable<Frame>;
  close(): Promise<void>;
}

/** Calls of the engine itself. */
export function direct(engine: Engine<Ledger>): Access {
  let seq = 0n;
  return {
    submit({ name, payload }) {
      const source = { client: 1n, stream: 1, seq: ++seq };
      return engine.submit(name, payload as never, { source });
    },
    frames: () => engine.frames(),
    close: () => engine.close(),
  };
}

/** The engine behind a service on a free port, and a client of it. */
export async function overHttp(engine: Engine<Ledger>): Promise<Access> {
  const listener = await listen(createService(engine), { port: 0 });
  const client = await connect({ url: listener.url, schema, client: 1n });
  return {
    submit: ({ name, payload }) => client.submit(name, payload as never),
    frames: () => client.frames(),
    async close() {
      await client.close();
      await listener.close();
      await engine.close();
    },
  };
}
