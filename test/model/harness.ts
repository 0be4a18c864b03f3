/**
 * The implementations that the examples run on.
 *
 * Responsible for: one way to start the reference model and the engine. Not responsible for: the examples (*.test.ts).
 */
import type { Schema } from "../../src/schema/define-schema.ts";
import { modelDomain } from "./domain.ts";
import { type ExecutorOptions, startEngine } from "./executor.ts";
import type { ModelAnswer, ModelCommand, ModelFrame } from "./frames.ts";
import { Model } from "./model.ts";
import { modelNum } from "./num.ts";

/** One side of a comparison: the model, or an engine. */
export interface Side {
  readonly first: ModelFrame;
  execute(command: ModelCommand): ModelAnswer;
}
export interface SideOptions {
  readonly limits?: Readonly<Record<number, number>>;
  readonly timeNs?: bigint;
}
/** Handlers for one side, given its checked arithmetic. */
export type Handlers = (num: any) => ExecutorOptions["handlers"];

export function startModel(schema: Schema, handlers: Handlers, options: SideOptions = {}): Side {
  const model: Model = new Model(modelDomain(schema, handlers(modelNum(() => model))), options);
  return { first: model.frames[0]!, execute: (command) => model.execute(command) };
}

/** Every implementation that the examples run on. */
export const sides: readonly { readonly name: string; readonly start: typeof startModel }[] = [
  { name: "reference model", start: startModel },
  { name: "engine", start: startEngine },
];
