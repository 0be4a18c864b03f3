/**
 * A server for one service.
 *
 * Responsible for: limits on heads and idle connections, which a service can not see, and an end that loses no answer.
 * Not responsible for: requests (service.ts), TLS: a proxy in front of it does that.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { UsageError } from "../errors.ts";
import type { Service } from "./service.ts";

export interface ListenOptions {
  /** 7411 when left out; 0: one that is free. */
  readonly port?: number | undefined;
  /** 127.0.0.1 when left out: this machine alone. */
  readonly host?: string | undefined;
  /** Connections at once, idle ones included: 4,096 when left out. Further ones are closed at once. */
  readonly connections?: number | undefined;
}

/** A server that listens. */
export interface Listener {
  /** `http://127.0.0.1:7411` */
  readonly url: string;
  readonly server: Server;
  /** Drains the service, then closes the server. The engine stays open. */
  close(): Promise<void>;
}

const HEAD_MILLISECONDS = 10_000;
const IDLE_MILLISECONDS = 65_000;
const LAST_MILLISECONDS = 1_000;

/**
 * Makes a server for a service and lets it listen.
 *
 * @throws {UsageError} an option is not what it should be; the error of `listen` of Node.js: EADDRINUSE, EACCES
 * @example const listener = await listen(createService(engine), { port: 7411 });
 */
export async function listen(service: Service, options: ListenOptions = {}): Promise<Listener> {
  const { port = 7411, host = "127.0.0.1", connections = 4_096 } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError("options.port", `found ${String(port)}, expected an integer from 0 to 65535`);
  if (!Number.isInteger(connections) || connections < 1)
    throw new UsageError("options.connections", `found ${String(connections)}, expected an integer from 1`);
  const server = createServer({ connectionsCheckingInterval: 1_000 }, service.handle);
  server.headersTimeout = HEAD_MILLISECONDS;
  server.keepAliveTimeout = IDLE_MILLISECONDS;
  server.maxConnections = connections;
  // Bodies have a deadline of their own; frame streams must not have one.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await service.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    // Refusals are still on their way; who keeps a connection open beyond them is cut off.
    const timer = setTimeout(() => server.closeAllConnections(), LAST_MILLISECONDS);
    await closed;
    clearTimeout(timer);
  };
  return {
    url: urlOf(server.address() as AddressInfo),
    server,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
