/**
 * Sizes: memory of a resting order over all structures, and bytes of a frame. Both are exact; one turn tells them.
 */
import { commandAt } from "../commands.ts";
import { ExecutorMarket } from "../executor-market.ts";
import { restingOrder } from "../orders.ts";
import { generateStream, randomSource } from "../stream.ts";
import type { Figures, Side, SideOptions } from "./side.ts";

async function bytesOfOrders(instruments: number, orders: number): Promise<Figures> {
  const market = await ExecutorMarket.open(instruments);
  const { exports } = market.executor.core;
  const random = randomSource();
  const used = exports.memoryUsed();
  const state = exports.stateBytes();
  const index = exports.indexBytes();
  for (let number = 1; number <= orders; number++) market.run(restingOrder(number, instruments, random));
  const each = (bytes: bigint) => Number(bytes) / orders;
  return {
    bytesPerOrder: each(exports.memoryUsed() - used),
    indexBytesPerOrder: each(exports.indexBytes() - index),
    logicalBytesPerOrder: each(exports.stateBytes() - state),
  };
}

async function bytesOfFrames(instruments: number): Promise<Figures> {
  const stream = generateStream(instruments);
  const market = await ExecutorMarket.open(instruments);
  const before = market.frameBytes;
  for (let position = 0; position < stream.length; position++) market.run(commandAt(stream, position));
  market.takeFrames();
  return { frameBytes: (market.frameBytes - before) / stream.length };
}

export async function startSizes({ instruments, perTurn }: SideOptions): Promise<Side> {
  return {
    turn: async () => ({
      ...(await bytesOfOrders(instruments, perTurn)),
      ...(await bytesOfFrames(instruments)),
    }),
    finish: () => ({}),
  };
}
