/**
 * Where handler code is charged, and how much.
 *
 * Responsible for: one charge at the start of every function and of every iteration of a loop, for the instructions
 * from there on that stand in no inner loop, in both arms of an `if`.
 * Not responsible for: writing the charges into the code (fuel.ts), weights (fuel-weights.ts).
 *
 * I1. Every way through a module passes a charge before it passes more instructions than that charge covers: control
 * goes back only to the start of a loop, and a function starts at its start.
 */
import { WEIGHT_CALL, WEIGHT_CHARGE, weightOfInstruction, weightOfOperation } from "./fuel-weights.ts";
import type { FunctionModel, ModuleModel, Operator } from "./module-model.ts";
import { OP_BLOCK, OP_CALL, OP_CALL_INDIRECT, OP_END, OP_IF, OP_LOOP } from "./wasm-codes.ts";

/** A charge that is one i32.const: the budget is one too. */
const COST_MAX = 0x7fffffff;

export interface ChargePoint {
  /** Offset into the module: the charge stands before the byte there. */
  readonly at: number;
  cost: number;
}

/** Sees every instruction of a module once, function after function. */
export class FuelPoints {
  readonly points: ChargePoint[] = [];
  #body: FunctionModel | undefined;
  /** The point that pays, for each block that is open; the last one pays now. */
  #paying: ChargePoint[] = [];

  visit(body: FunctionModel, operator: Operator, model: ModuleModel): void {
    if (this.#body !== body) {
      this.#body = body;
      this.#paying = [];
      this.#open(body.start);
    }
    const { code } = operator;
    const paying = this.#paying.at(-1)!;
    paying.cost = Math.min(COST_MAX, paying.cost + weightOf(operator, model));
    if (code === OP_LOOP) this.#open(operator.end);
    else if (code === OP_BLOCK || code === OP_IF) this.#paying.push(paying);
    else if (code === OP_END) this.#paying.pop();
  }

  #open(at: number): void {
    const point: ChargePoint = { at, cost: WEIGHT_CHARGE };
    this.points.push(point);
    this.#paying.push(point);
  }
}

function weightOf({ code, functionIndex }: Operator, model: ModuleModel): number {
  if (code === OP_CALL_INDIRECT) return WEIGHT_CALL;
  if (code !== OP_CALL) return weightOfInstruction(code);
  const operation = model.importedFunctions[functionIndex!];
  return operation === undefined ? WEIGHT_CALL : weightOfOperation(operation);
}
