/**
 * `statevec serve DIR --domain MODULE`: an engine behind HTTP, in a process of its own.
 *
 * Responsible for: which addresses are safe without a token, one line when it listens, an end that loses nothing.
 * Not responsible for: the service (src/service).
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Engine } from "../engine/engine.ts";
import { open } from "../engine/open.ts";
import { OperationalError } from "../errors.ts";
import { fileHistory } from "../history/node/index.ts";
import { bearerToken, createService, type Listener, listen } from "../service/index.ts";
import { loadDomain } from "./domain-module.ts";
import { CliError, EXIT_FAILED, EXIT_GOOD, EXIT_USAGE, messageOf } from "./exit-codes.ts";
import type { Output } from "./output.ts";
import { tearText } from "./place.ts";

export interface ServeOptions {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  readonly tokenFile: string | undefined;
  readonly insecure: boolean;
  readonly takeover: boolean;
  readonly ignoreUnknownFields: boolean;
  /** Commands a second. */
  readonly rate: number | undefined;
  readonly json: boolean;
}

/** Resolves with the exit code when it was told to end, and has ended. */
export async function serve(directory: string, options: ServeOptions, output: Output): Promise<number> {
  const authorize = authorizeFor(options);
  const domain = await loadDomain(options.domain);
  const engine = await open({
    domain,
    history: fileHistory(directory),
    takeover: options.takeover,
    onDiagnostic: ({ seq, command, error }) => note(`frame ${seq}, ${command}: ${messageOf(error)}`),
  });
  try {
    if (engine.tear !== undefined) note(tearText(engine.tear));
    const end = toldToEnd();
    const listener = await listenFor(engine, options, authorize, end.failed);
    const { url } = listener;
    if (options.json) await output.json({ url, directory, seq: engine.frontier.seq });
    else await output.line(`${directory} at ${url}, frontier ${engine.frontier.seq}`);
    await output.flush();
    const why = await end.told;
    note(`${why}: draining`);
    await listener.close();
    await engine.close();
    note(`closed at frontier ${engine.frontier.seq}`);
    return why === FAILED ? EXIT_FAILED : EXIT_GOOD;
  } finally {
    await engine.close();
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** @throws {CliError} everybody on the network could do everything, or the token is none */
function authorizeFor({ host, tokenFile, insecure }: ServeOptions) {
  if (tokenFile === undefined) {
    if (insecure || isLoopback(host)) return undefined;
    const advice = "name a --token-file, or say --insecure if the network itself keeps others out";
    throw new CliError(
      EXIT_USAGE,
      `--host ${host} can be reached from elsewhere, and there is no token: ${advice}`,
    );
  }
  let token: string;
  try {
    token = readFileSync(tokenFile, "utf8").trim();
  } catch (error) {
    throw new CliError(
      EXIT_USAGE,
      `--token-file ${tokenFile}: it can not be read: ${(error as Error).message}`,
    );
  }
  try {
    return bearerToken(token);
  } catch (error) {
    throw new CliError(EXIT_USAGE, `--token-file ${tokenFile}: ${(error as Error).message}`);
  }
}

async function listenFor(
  engine: Engine,
  { host, port, rate, ignoreUnknownFields }: ServeOptions,
  authorize: ReturnType<typeof authorizeFor>,
  failed: () => void,
): Promise<Listener> {
  const service = createService(engine, {
    authorize,
    limits: { perSecond: rate },
    unknownFields: ignoreUnknownFields ? "ignore" : "refuse",
    onError(error) {
      note(messageOf(error));
      if (!isUsable(engine)) failed();
    },
  });
  try {
    return await listen(service, { host, port });
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "EADDRINUSE" || code === "EACCES" || code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new CliError(
        EXIT_USAGE,
        `--host ${host} --port ${port}: ${code}: choose another, or end what has it`,
      );
    throw new OperationalError("IO", `listening on ${host}:${port} failed`, { cause: error });
  }
}

/** Whether an engine answers; one that does not never will again. */
function isUsable(engine: Engine): boolean {
  try {
    engine.readExecuted(() => undefined);
    return true;
  } catch {
    return false;
  }
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;
const FAILED = "the engine can not go on; open it again";

/** Why the service is to end: a signal, or an engine that can not go on. A second signal ends the process at once. */
function toldToEnd(): { readonly told: Promise<string>; readonly failed: () => void } {
  let tell: (why: string) => void = () => {};
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const onSignal = (signal: NodeJS.Signals): void => {
    // From here on both do what they do by themselves.
    for (const one of SIGNALS) process.off(one, onSignal);
    tell(signal);
  };
  for (const one of SIGNALS) process.on(one, onSignal);
  return { told, failed: () => tell(FAILED) };
}
