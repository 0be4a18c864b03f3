/**
 * The sealed exchange on an executor alone, with its market open, that is sent encoded batches.
 *
 * Responsible for: making batches and running them; full frames are taken out as slices into one buffer.
 * Not responsible for: digests, history, receipts: there are none.
 */
import type { CommandBatch } from "statevec/node";
import { exchangeIn } from "../examples/exchange/lane.ts";
import { EncodedCommands } from "../src/engine/command-batch.ts";
import { type Domain, programOf } from "../src/engine/domain.ts";
import { Executor } from "../src/engine/executor.ts";
import { compileProgram } from "../src/engine/sealed-domain.ts";
import { type Exchange, type ExchangeCommand, marketCommands, restingOrders } from "./commands.ts";

const TIME_NS = 1_000_000_000n;
const BATCH_REFUSED = 2;
/** Room for all frames of a batch: the core's output is full before. */
const TAKEN_BYTES = 16 << 20;

export class BatchMarket {
  private readonly executor: Executor;
  private readonly instruments: number;
  private readonly taken = new Uint8Array(TAKEN_BYTES);

  private constructor(executor: Executor, instruments: number) {
    this.executor = executor;
    this.instruments = instruments;
  }

  /** An exchange with its market open. */
  static async open(instruments: number): Promise<BatchMarket> {
    const domain = exchangeIn("sealed").domain as unknown as Domain;
    const module = await compileProgram(programOf(domain));
    const market = new BatchMarket(new Executor({ module, domain }), instruments);
    market.executor.executeEpoch(TIME_NS);
    market.run(market.batchOf(marketCommands(instruments)));
    return market;
  }

  newBatch(): CommandBatch<Exchange> {
    return new EncodedCommands(this.executor.binding) as CommandBatch<Exchange>;
  }

  /** A batch of these commands. */
  batchOf(commands: readonly ExchangeCommand[]): CommandBatch<Exchange> {
    const batch = this.newBatch();
    for (const { name, payload, source } of commands) batch.add(name, payload as never, { source });
    return batch;
  }

  /** @throws {Error} a command of the batch is not admitted */
  run(batch: CommandBatch<Exchange>): void {
    const { executor, taken } = this;
    const { bytes } = batch as unknown as EncodedCommands;
    for (let at = 0; at < bytes.length; ) {
      const { status, next } = executor.runBatch(bytes, at, bytes.length);
      if (status === BATCH_REFUSED) throw new Error(`the command at byte ${next} is refused`);
      at = next;
      executor.core.takeOutput(taken.subarray(0, executor.core.outputBytes));
    }
  }

  /** How many records were ever created. */
  get created(): number {
    return Number(this.executor.core.exports.sysIdNext()) - 1;
  }

  /** How many orders rest. */
  get resting(): number {
    return this.executor.read((view) => restingOrders(view, this.instruments));
  }
}
