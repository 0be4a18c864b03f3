/**
 * A thread that does one job at a time, so that the engine goes on meanwhile.
 *
 * Responsible for: starting it, handing it jobs, its answers, its end. Not responsible for: what a job is
 * (writing-thread.ts, verifying-thread.ts).
 *
 * The thread is started from source text: the same functions run here and there, from TypeScript sources, from
 * the built package and from a bundle, with no file to be found at run time. It waits on one word of shared
 * memory, without polling, and counts its answers in another, so that a busy caller can look for them without a turn of
 * its event loop.
 *
 * Invariants: I1 one job at a time; I2 it keeps the process alive only while a job is under way.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";

/** What the thread answers. */
type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string; readonly code: string | undefined };

/** A failure in the thread, with the code of the system error behind it. */
class ThreadFailure extends Error {
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** Called once with what came of a job. */
interface Waiting<Result> {
  done(result: Result): void;
  failed(error: Error): void;
}

/** The body of the thread. Self-contained: only its text gets there. */
function serve(threads: typeof import("node:worker_threads"), work: (job: unknown) => unknown): void {
  const port = threads.workerData.port as MessagePort;
  const wakeUps = new Int32Array(threads.workerData.signals as SharedArrayBuffer, 0, 1);
  const answers = new Int32Array(threads.workerData.signals as SharedArrayBuffer, 4, 1);
  let seen = 0;
  port.postMessage({ kind: "ready" });
  for (;;) {
    Atomics.wait(wakeUps, 0, seen);
    seen = Atomics.load(wakeUps, 0);
    for (
      let got = threads.receiveMessageOnPort(port);
      got !== undefined;
      got = threads.receiveMessageOnPort(port)
    ) {
      try {
        port.postMessage({ kind: "result", result: work(got.message) });
      } catch (error) {
        const { message, code } = error as NodeJS.ErrnoException;
        port.postMessage({ kind: "failed", message, code });
      }
      Atomics.add(answers, 0, 1);
    }
  }
}

export class Thread<Job, Result> {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #wakeUps: Int32Array;
  readonly #answers: Int32Array;
  #answersSeen = 0;
  #ready = false;
  readonly #started: Promise<void>;
  #tellStarted: () => void = () => {};
  #failure: Error | undefined;
  #waiting: Waiting<Result> | undefined;

  /**
   * @param makeWork source text of an expression, the function from a job to its result. It may use `threads`
   *   (`node:worker_threads`), whose `workerData.data` is `data`
   */
  constructor(makeWork: string, data: object) {
    const { port1, port2 } = new MessageChannel();
    const signals = new SharedArrayBuffer(8);
    this.#port = port1;
    this.#wakeUps = new Int32Array(signals, 0, 1);
    this.#answers = new Int32Array(signals, 4, 1);
    const workerData = { data, port: port2, signals };
    this.#started = new Promise((resolve) => {
      this.#tellStarted = resolve;
    });
    const transferList = [port2];
    const name = "statevec history";
    const source = `
      "use strict";
      // Some compilers name inner functions through this helper.
      const __name = (value) => value;
      const threads = require("node:worker_threads");
      (${serve.toString()})(threads, ${makeWork});
    `;
    this.#worker = new Worker(source, { eval: true, workerData, transferList, name });
    this.#port.on("message", (reply: Reply) => this.#receive(reply));
    this.#port.unref();
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(new Error("the thread ended")));
    this.#worker.unref();
  }

  /** It has started, and has not failed. */
  get isReady(): boolean {
    return this.#ready && this.#failure === undefined;
  }

  /** Resolves once it has started, or failed to. Keeps the process alive until then. */
  async started(): Promise<void> {
    this.#worker.ref();
    await this.#started;
    this.#worker.unref();
  }

  /** Does one job. */
  begin(job: Job, waiting: Waiting<Result>): void {
    if (this.#waiting !== undefined) throw new Error("one job at a time");
    if (this.#failure !== undefined) return waiting.failed(this.#failure);
    this.#waiting = waiting;
    this.#port.ref();
    this.#port.postMessage(job);
    Atomics.add(this.#wakeUps, 0, 1);
    Atomics.notify(this.#wakeUps, 0);
  }

  /** As `begin`. */
  run(job: Job): Promise<Result> {
    return new Promise((done, failed) => this.begin(job, { done, failed }));
  }

  /** Takes the answer to a job, if it is there. */
  look(): void {
    if (this.#waiting === undefined || Atomics.load(this.#answers, 0) === this.#answersSeen) return;
    const got = receiveMessageOnPort(this.#port);
    if (got !== undefined) this.#receive(got.message as Reply);
  }

  /** Ends the thread. No job may be under way. */
  async close(): Promise<void> {
    await this.#worker.terminate();
    this.#port.close();
  }

  #receive(reply: Reply): void {
    if (reply.kind === "ready") {
      this.#ready = true;
      this.#tellStarted();
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#answersSeen++;
    this.#port.unref();
    if (reply.kind === "result") waiting?.done(reply.result as Result);
    else waiting?.failed(new ThreadFailure(reply.message, reply.code));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#tellStarted();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#port.unref();
    waiting?.failed(this.#failure);
  }
}
