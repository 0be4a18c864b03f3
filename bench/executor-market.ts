/**
 * The exchange on an executor alone, without a history: for what is measured below the engine.
 *
 * Responsible for: running commands and keeping their frames. Not responsible for: digests; frames have room for them.
 */
import { exchange } from "../examples/exchange/exchange.handlers.ts";
import type { Domain } from "../src/engine/domain.ts";
import { Executor } from "../src/engine/executor.ts";
import { type CoreModule, compileCore } from "../src/wasm.ts";
import { type ExchangeCommand, marketCommands } from "./commands.ts";

const TIME_NS = 1_000_000_000n;
const ADMIT_OK = 0;

export class ExecutorMarket {
  readonly executor: Executor;
  /** Bytes of all frames so far, each with its digest. */
  frameBytes = 0;
  /** Gets frames as they leave the core, if anyone wants them. */
  private readonly onFrames: ((frames: Uint8Array) => void) | undefined;

  private constructor(executor: Executor, onFrames: ((frames: Uint8Array) => void) | undefined) {
    this.executor = executor;
    this.onFrames = onFrames;
  }

  /** An exchange with its market open. */
  static async open(instruments: number, onFrames?: (frames: Uint8Array) => void): Promise<ExecutorMarket> {
    const market = new ExecutorMarket(freshExecutor(await compileCore()), onFrames);
    market.executor.executeEpoch(TIME_NS);
    for (const command of marketCommands(instruments)) market.run(command);
    market.takeFrames();
    return market;
  }

  run({ name, payload, source }: ExchangeCommand): void {
    const { executor } = this;
    if (executor.core.exports.hasRoom() === 0) this.takeFrames();
    const command = executor.command(name);
    executor.prepare(command, payload, TIME_NS, source);
    const code = executor.admit();
    if (code !== ADMIT_OK) throw new Error(`a ${name} was not admitted: ${code}`);
    executor.run(command);
  }

  /** Takes out what is still in the core. */
  takeFrames(): void {
    const frames = this.executor.core.takeOutput();
    this.frameBytes += frames.length;
    this.onFrames?.(frames);
  }
}

export function freshExecutor(module: CoreModule): Executor {
  return new Executor({ module, domain: exchange as unknown as Domain });
}
