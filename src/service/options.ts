/**
 * What a service is made with.
 *
 * Responsible for: options, their defaults and hard maxima, and one clear error where one is wrong.
 * Not responsible for: what each does.
 */
import type { IncomingMessage } from "node:http";
import { UsageError } from "../errors.ts";
import type { UnknownFields } from "../proto/message-decoder.ts";

/** How much a service takes. Those left out have their defaults. */
export interface ServiceLimits {
  /** Bytes of a request's body: 4 MiB, at most 64 MiB. */
  readonly bodyBytes: number;
  /** Bodies of all requests together, received and not answered yet: 256 MiB, at most 4 GiB. */
  readonly heldBytes: number;
  /** Commands of one request: 4,096, at most 65,536. */
  readonly submissions: number;
  /** Requests that are being executed at once: 1,024, at most 65,536. */
  readonly requests: number;
  /** Frame streams that are open at once: 64, at most 4,096. */
  readonly streams: number;
  /** Commands a second, over all requests; no limit when left out. At most 100 million. */
  readonly perSecond: number | undefined;
  /** Seconds until the body of a request must be there, authorization included: 10, at most 3,600. */
  readonly bodySeconds: number;
  /** Seconds that an answer or a piece of a frame stream may wait for its reader: 60, at most 86,400. */
  readonly answerSeconds: number;
}

export interface ServiceOptions {
  /**
   * Whether a request may go on; asked before its body is read. Everything but `GET /v1/health` is asked for. Without it
   * everybody may do everything.
   */
  readonly authorize?: ((request: IncomingMessage) => boolean | Promise<boolean>) | undefined;
  readonly limits?: Partial<ServiceLimits> | undefined;
  /** What becomes of protobuf fields that the schema does not have; "refuse" when left out. */
  readonly unknownFields?: UnknownFields | undefined;
  /**
   * Told of what is wrong with the engine, a handler or the service itself: for your log; `console.error` when left out. What it
   * throws is ignored.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Options with nothing left out. */
export interface Settings {
  readonly authorize: ServiceOptions["authorize"];
  readonly limits: ServiceLimits;
  readonly unknownFields: UnknownFields;
  readonly onError: (error: unknown) => void;
}

const MIB = 1 << 20;

const DEFAULTS: ServiceLimits = {
  bodyBytes: 4 * MIB,
  heldBytes: 256 * MIB,
  submissions: 4_096,
  requests: 1_024,
  streams: 64,
  perSecond: undefined,
  bodySeconds: 10,
  answerSeconds: 60,
};

const HARD: Readonly<Record<keyof ServiceLimits, number>> = {
  bodyBytes: 64 * MIB,
  heldBytes: 4_096 * MIB,
  submissions: 65_536,
  requests: 65_536,
  streams: 4_096,
  perSecond: 100_000_000,
  bodySeconds: 3_600,
  answerSeconds: 86_400,
};

const OPTIONS: readonly (keyof ServiceOptions)[] = ["authorize", "limits", "unknownFields", "onError"];

/** @throws {UsageError} naming the option, what was found and what was expected */
export function settingsOf(options: ServiceOptions): Settings {
  if (typeof options !== "object" || options === null)
    throw new UsageError("options", `found ${String(options)}, expected an object`);
  for (const name of Object.keys(options)) {
    if (!(OPTIONS as readonly string[]).includes(name))
      throw new UsageError(`options.${name}`, `no such option; there are ${OPTIONS.join(", ")}`);
  }
  const { authorize, unknownFields = "refuse", onError = console.error } = options;
  checkFunction("authorize", authorize);
  checkFunction("onError", onError);
  if (unknownFields !== "refuse" && unknownFields !== "ignore") {
    const found = JSON.stringify(unknownFields);
    throw new UsageError("options.unknownFields", `found ${found}, expected "refuse" or "ignore"`);
  }
  return { authorize, limits: limitsOf(options.limits), unknownFields, onError };
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new UsageError(`options.${name}`, `found ${typeof value}, expected a function`);
}

function limitsOf(given: Partial<ServiceLimits> | undefined): ServiceLimits {
  const limits = { ...DEFAULTS };
  for (const [name, value] of Object.entries(given ?? {})) {
    const hard = HARD[name as keyof ServiceLimits];
    if (!Object.hasOwn(HARD, name)) {
      const known = Object.keys(HARD).join(", ");
      throw new UsageError(`options.limits.${name}`, `no such limit; there are ${known}`);
    }
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1 || value > hard) {
      throw new UsageError(
        `options.limits.${name}`,
        `found ${String(value)}, expected an integer from 1 to ${hard}`,
      );
    }
    Object.assign(limits, { [name]: value });
  }
  return limits;
}
