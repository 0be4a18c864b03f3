/**
 * What no handler can answer for: the ends of the machine that runs it. They differ from machine to machine, so they are
 * never a frame.
 */
import { isTrap } from "../wasm.ts";

/** The core was left in the middle of an operation, and the handler caught what told of it. */
export class CutOff extends Error {}

export function isOfTheMachine(error: unknown): boolean {
  return isTrap(error) || isStackOverflow(error) || isOutOfMemory(error);
}

/** The engines' own words for it: V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError. */
export function isStackOverflow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(Maximum call stack size exceeded\.?|too much recursion)$/.test(error.message);
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof RangeError && /allocation failed|out of memory/i.test(error.message);
}
