/**
 * The open lane: handlers in TypeScript, each operation a call of the core.
 *
 * Responsible for: decoding the payload, guards around the handler, what its throw or answer means. Not responsible for:
 * operations (transaction.ts), frames (the core).
 */
import * as abi from "../../assembly/abi.ts";
import { DeterminismError, UsageError } from "../errors.ts";
import type { Core } from "../wasm.ts";
import type { Binding, BoundMessage } from "./binding.ts";
import type { Handler } from "./domain.ts";
import { enterHandler, installGuards, leaveHandler } from "./guard.ts";
import type { BatchStop, Diagnose, Lane } from "./lane.ts";
import { CutOff, isOfTheMachine } from "./machine.ts";
import type { Values } from "./slots.ts";
import { asTx, STOP, Transaction } from "./transaction.ts";
import type { Tx } from "./view.ts";

export class OpenLane implements Lane {
  private readonly core: Core;
  private readonly binding: Binding;
  private readonly handlers: ReadonlyMap<number, Handler<Values>>;
  private readonly transaction: Transaction;
  private readonly tx: Tx;
  private readonly diagnose: Diagnose;
  /** What the handler that ran last threw, to be told. */
  private failure: { readonly error: unknown } | undefined;

  constructor(
    core: Core,
    binding: Binding,
    handlers: Readonly<Record<string, Handler<never>>>,
    diagnose: Diagnose,
  ) {
    this.core = core;
    this.binding = binding;
    this.transaction = new Transaction(core, binding);
    this.tx = asTx(this.transaction);
    this.diagnose = diagnose;
    const byName = handlers as Readonly<Record<string, Handler<Values>>>;
    this.handlers = new Map([...binding.commands.values()].map((one) => [one.number, byName[one.name]!]));
    installGuards();
  }

  forgetScratch(): void {
    this.transaction.forgetScratch();
  }

  run(command: BoundMessage, at: number): void {
    const { core } = this;
    const seq = BigInt.asUintN(64, core.exports.seqExecuted()) + 1n;
    try {
      if (core.exports.begin() !== 0) this.runHandler(command, at, seq);
      core.exports.finishAt();
    } catch (error) {
      if (!(error instanceof DeterminismError)) throw error;
      core.exports.abort();
      core.refresh();
      throw error;
    }
    core.refresh();
    this.diagnoseFault(command, seq);
  }

  runBatch(at: number, end: number): BatchStop {
    const { core } = this;
    let ahead = at;
    while (at < end) {
      if (at >= ahead) ahead = core.exports.lookAhead(at, end) >>> 0;
      if (core.exports.hasRoom() === 0) return { status: abi.BATCH_FULL, next: at };
      if (core.exports.admitAt(at, end) !== abi.ADMIT_OK) return { status: abi.BATCH_REFUSED, next: at };
      core.refresh();
      this.run(this.binding.commandsByNumber.get(core.u32At(at + abi.COMMAND_KIND))!, at);
      at = core.resultWord(abi.RESULT_NEXT);
    }
    return { status: abi.BATCH_DONE, next: at };
  }

  private runHandler(command: BoundMessage, at: number, seq: bigint): void {
    const { core, transaction } = this;
    core.refresh();
    const from = at + abi.COMMAND_PAYLOAD;
    const end = from + core.u32At(at + abi.COMMAND_PAYLOAD_BYTES);
    const payload = command.codec.decodeExact(core.bytes, from, end);
    const last = BigInt.asUintN(64, core.exports.timeExecuted());
    const time = core.u64At(at + abi.COMMAND_TIME);
    transaction.start(seq, time > last ? time : last, at);
    this.failure = undefined;
    let answer: unknown;
    let thrown: unknown;
    let threw = false;
    enterHandler(transaction);
    try {
      answer = this.handlers.get(command.number)!(this.tx, Object.freeze(payload));
    } catch (error) {
      thrown = error;
      threw = true;
    }
    const violation = leaveHandler();
    transaction.end();
    if (transaction.wasCutOff) throw isOfTheMachine(thrown) ? thrown : new CutOff();
    if (violation !== undefined) throw violation;
    // STOP of another command, kept by the handler and thrown again, is a throw like any other.
    if (threw && (thrown !== STOP || !core.isDecided())) this.judge(thrown);
    else if (isThenable(answer)) {
      // Nobody will look at it, and what it rejects with says nothing more.
      if (answer instanceof Promise) answer.catch(() => {});
      throw asyncHandler(command.name);
    }
  }

  /** What an ordinary throw in a handler means: HANDLER_FAILED, unless it is the machine's. */
  private judge(error: unknown): void {
    if (isOfTheMachine(error)) throw error;
    if (!this.core.isDecided()) this.failure = { error };
    this.core.exports.fault(abi.CODE_HANDLER_FAILED, 0);
  }

  /** Tells the author of a handler in words why its command is faulted, where words are known; after its frame is made. */
  private diagnoseFault(command: BoundMessage, seq: bigint): void {
    const { core, transaction, failure } = this;
    if (failure !== undefined) {
      this.failure = undefined;
      return this.diagnose(command.name, seq, failure.error);
    }
    const { problem } = transaction;
    if (problem === undefined || core.resultWord(abi.RESULT_OUTCOME) !== abi.OUTCOME_FAULTED) return;
    const code = core.resultWord(abi.RESULT_CODE);
    if (code === abi.CODE_MISUSE || code === abi.CODE_OVERFLOW)
      this.diagnose(command.name, seq, new UsageError("tx", problem));
  }
}

function isThenable(value: unknown): boolean {
  return (typeof value === "object" || typeof value === "function") && value !== null && "then" in value;
}

function asyncHandler(name: string): DeterminismError {
  return new DeterminismError(
    "ASYNC",
    name,
    "the handler returned a promise; a handler answers before it returns",
  );
}
