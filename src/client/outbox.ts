/**
 * The outbox: submissions on their way to a service, each to exactly one answer.
 *
 * Responsible for: numbering them within the source, gathering what waits into one request, sending it again until it is
 * answered, and what each caller hears in the end.
 * Not responsible for: bytes and connections (`Carrier`).
 *
 *   submit --> waiting --> request (numbered, one at a time) --> receipt | refusal
 *                             |  no answer: the same numbers again
 *                             '<----'
 *
 * Invariants: I1 one request is under way at a time, and its seqs follow on each other; I2 a seq that may have reached the
 * service keeps its command, unless the service has said that it did not use it: no other command is ever sent under a seq that
 * was reported as OUTCOME_UNKNOWN; I3 every promise settles once, with the
 * receipt, or with an error that is OUTCOME_UNKNOWN exactly where the command may have been executed.
 */
import { OperationalError, ServiceError, StateVecError } from "../errors.ts";
import type { Backoff } from "./backoff.ts";

/** One numbered command of a request. */
export interface Numbered {
  /** Its number in the schema. */
  readonly command: number;
  /** Its message of the domain's `.proto`. */
  readonly payload: Uint8Array;
  /** Of the source. */
  readonly seq: bigint;
}

/** What a service answers to a request: receipts of its first commands, and why it ended before its end. */
export interface RequestAnswer<Receipt> {
  readonly receipts: readonly Receipt[];
  readonly refusal: StateVecError | undefined;
}

/** Brings requests to the service. */
export interface Carrier<Receipt> {
  /**
   * @throws {ServiceError} nothing of the request was executed, but for PROTOCOL: that is not known, and will not be
   * @throws anything else: whether it was is not known
   */
  send(commands: readonly Numbered[], signal: AbortSignal): Promise<RequestAnswer<Receipt>>;
  /** The receipt of a seq, if it was used. @throws as `send`; AdmissionError DUPLICATE if it is out of reach */
  receipt(seq: bigint, signal: AbortSignal): Promise<Receipt | undefined>;
}

export interface OutboxOptions {
  readonly client: bigint;
  readonly stream: number;
  /** At most so many commands in one request. */
  readonly commands: number;
  /** At most so many payload bytes in one request, but always one command. */
  readonly bytes: number;
  /** Between attempts. */
  readonly backoff: Backoff;
  /** Resolves after milliseconds, or when the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told of each attempt that failed. */
  readonly onRetry: (error: unknown, waitMilliseconds: number) => void;
}

interface Item<Receipt> {
  readonly command: number;
  readonly payload: Uint8Array;
  /** 0: not numbered yet. */
  seq: bigint;
  /** A request with it was sent and not answered: it may have been executed. */
  uncertain: boolean;
  resolve(receipt: Receipt): void;
  reject(error: unknown): void;
}

/** Asking again later may help; the commands stay as they are. */
const LATER: ReadonlySet<string> = new Set([
  "BUSY",
  "CLOSED",
  "CLOCK",
  "RATE",
  "DRAINING",
  "TIMEOUT",
  "UNREACHABLE",
]);
/** The engine failed with the commands on their way: the same source seqs settle it. */
const UNKNOWN: ReadonlySet<string> = new Set(["OUTCOME_UNKNOWN", "POISONED", "FENCED", "IO"]);
/** The source is not this client's alone, or the history is another one: nothing more can be sent. */
const BROKEN: ReadonlySet<string> = new Set(["CONFLICT", "GAP", "DUPLICATE"]);

export class Outbox<Receipt> {
  readonly #carrier: Carrier<Receipt>;
  readonly #options: OutboxOptions;
  readonly #backoff: Backoff;
  readonly #end = new AbortController();
  /** Not numbered. */
  #waiting: Item<Receipt>[] = [];
  /** Numbered: the request that is under way, or to be sent again. */
  #request: Item<Receipt>[] = [];
  /** How many of the request are sent at once: all, until that is too large. */
  #atOnce = 0;
  /** The last seq that was given out and stays given out. */
  #last: bigint;
  #running = false;
  /** Why nothing more is taken. */
  #over: StateVecError | undefined;
  #idle: (() => void)[] = [];

  /** @param lastSeq the last seq that the source has used */
  constructor(carrier: Carrier<Receipt>, options: OutboxOptions, lastSeq: bigint) {
    this.#carrier = carrier;
    this.#options = options;
    this.#backoff = options.backoff;
    this.#last = lastSeq;
  }

  /** How many have no answer yet. */
  get pending(): number {
    return this.#waiting.length + this.#request.length;
  }

  /** Resolves with the receipt. @param payload handed over */
  submit(command: number, payload: Uint8Array): Promise<Receipt> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, payload, seq: 0n, uncertain: false, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // What the same turn submits goes with it.
      queueMicrotask(() => void this.#run());
    });
  }

  /** Takes nothing more; resolves when all has been answered. */
  async close(): Promise<void> {
    this.#over ??= new OperationalError("CLOSED", "the client is closed; connect again");
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Takes nothing more and waits for nothing: OUTCOME_UNKNOWN for what was sent, CLOSED for what was not. */
  giveUp(): void {
    this.#over ??= new OperationalError("CLOSED", "the client gave up; connect again");
    this.#end.abort();
    this.#drop(this.#over);
  }

  async #run(): Promise<void> {
    while (this.#request.length > 0 || this.#waiting.length > 0) {
      const wait = await this.#attempt();
      if (wait > 0) await this.#options.pause(wait, this.#end.signal);
    }
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Sends one request, and does what its answer says; how long to wait before the next. */
  async #attempt(): Promise<number> {
    try {
      if (this.#request.length === 0) this.#fill();
      await this.#send(this.#request.slice(0, this.#atOnce));
      return 0;
    } catch (error) {
      if (this.#end.signal.aborted) return 0;
      if (error instanceof StateVecError && !mayHelpLater(error)) {
        this.#refuseRequest(error);
        return 0;
      }
      const asked = error instanceof ServiceError ? error.retryAfterMilliseconds : undefined;
      const wait = this.#backoff.next(asked);
      this.#options.onRetry(error, wait);
      return wait;
    }
  }

  /** Numbers the commands of the next request. */
  #fill(): void {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#waiting) {
      bytes += payload.length;
      if (count === this.#options.commands || (count > 0 && bytes > this.#options.bytes)) break;
      count++;
    }
    this.#request = this.#waiting.splice(0, count);
    this.#number(this.#last);
    this.#atOnce = count;
  }

  /** Gives the seqs behind `last` to the request. */
  #number(last: bigint): void {
    for (const item of this.#request) item.seq = ++last;
    this.#last = last;
  }

  /** @throws what ended the request before its end, if it is to be sent again */
  async #send(items: readonly Item<Receipt>[]): Promise<void> {
    const doubted = new Set(items.filter(({ uncertain }) => uncertain));
    const restore = (): void => {
      for (const item of items) item.uncertain = doubted.has(item);
    };
    for (const item of items) item.uncertain = true;
    const { receipts, refusal } = await this.#exchange(items).catch((error: unknown) => {
      // An answer that can not be read is an answer: something may have been executed.
      if (error instanceof ServiceError && error.code !== "PROTOCOL") restore();
      // A lone command that is too large is refused as such; those behind it may be smaller.
      if (items.length === 1 && isTooLarge(error)) return { receipts: [], refusal: error };
      throw error;
    });
    if (receipts.length > 0) this.#backoff.reset();
    this.#request.splice(0, receipts.length);
    for (const [index, receipt] of receipts.entries()) items[index]!.resolve(receipt);
    if (refusal === undefined) return;
    // What is refused for a reason that is not known here may have been executed.
    if (refusal.code === "PROTOCOL") throw refusal;
    if (!UNKNOWN.has(refusal.code)) restore();
    if (mayHelpLater(refusal)) throw refusal;
    if (BROKEN.has(refusal.code)) this.#break(refusal);
    else await this.#refuseFirst(refusal);
  }

  /** @throws no answer, or none of this protocol */
  async #exchange(items: readonly Item<Receipt>[]): Promise<RequestAnswer<Receipt>> {
    const answer = await this.#carrier.send(items, this.#end.signal);
    const { length } = answer.receipts;
    const isWhole = answer.refusal === undefined ? length === items.length : length < items.length;
    if (!isWhole) throw new Error(`the answer has ${length} receipts for ${items.length} commands`);
    return answer;
  }

  /** The first command of the request was refused for good; those behind it were not looked at. */
  async #refuseFirst(refusal: StateVecError): Promise<void> {
    const first = this.#request[0]!;
    // An earlier request may have executed it, under limits that were larger.
    const receipt = first.uncertain ? await this.#carrier.receipt(first.seq, this.#end.signal) : undefined;
    this.#request.shift();
    if (receipt !== undefined) return first.resolve(receipt);
    first.reject(refusal);
    // Its seq was not used, so none behind it was.
    for (const item of this.#request) item.uncertain = false;
    this.#number(first.seq - 1n);
  }

  /** The service does not take the request: nothing of it was executed by the attempt that ended so. */
  #refuseRequest(error: StateVecError): void {
    if (isTooLarge(error)) {
      this.#atOnce = Math.ceil(this.#atOnce / 2);
      return;
    }
    // The seqs of what is in doubt are not given out again: who asks for them must hear of these commands, not of others.
    if (this.#request.some(({ uncertain }) => uncertain)) return this.#break(error);
    const first = this.#request[0];
    if (first !== undefined) this.#last = first.seq - 1n;
    for (const item of this.#request.splice(0)) item.reject(error);
  }

  /** Nothing more can be sent under this source. */
  #break(error: StateVecError): void {
    this.#over = error;
    // Its seq was used by another command, or not at all; only DUPLICATE leaves open by whom.
    if (error.code === "CONFLICT" || error.code === "GAP") this.#request.shift()?.reject(error);
    this.#drop(error);
  }

  #drop(error: StateVecError): void {
    for (const item of [...this.#request.splice(0), ...this.#waiting.splice(0)]) this.#rejectOne(item, error);
  }

  #rejectOne({ uncertain, seq, reject }: Item<Receipt>, error: StateVecError): void {
    if (!uncertain) return reject(error);
    const { client, stream } = this.#options;
    const source = { client, stream, seq };
    const message =
      "the command was sent and not answered; connect again and ask for the receipt of its source seq";
    reject(new OperationalError("OUTCOME_UNKNOWN", message, { source, cause: error }));
  }
}

function isTooLarge(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.code === "REQUEST_TOO_LARGE";
}

/** Whether what failed with an error of ours is to be tried again as it was. What is no error of ours is the network's: it is. */
export function mayHelpLater(error: StateVecError): boolean {
  return LATER.has(error.code) || UNKNOWN.has(error.code);
}
