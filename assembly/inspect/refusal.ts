/**
 * Why an inspection call has no answer.
 *
 * There are no exceptions here: what refuses says so once, everything behind it finds `isRefused` and comes to its end.
 * The refusal is held as text (the text of the answer is no longer needed), so it outlives the call and its objects.
 *
 * I1: the first cause wins. I2: a call that refused answers null, and `refusal` says why until the next call.
 */

import { numeral } from "./numerals";
import { openText, putText, sealText, textBetween, textBytes } from "./text";

/** Bytes that nobody of this release would have written. */
export const DAMAGED: string = "damaged";
/** Bytes of a format that this release does not read. */
export const UNSUPPORTED: string = "unsupported";
/** What the caller asked for is not there. */
const ARGUMENT: string = "argument";

/** family, what, offset, actual, expected */
const PARTS: i32 = 5;

let refused = false;
/** Where each part ends, u32 each. */
const ends: usize = memory.data(PARTS * 4, 4);

export function isRefused(): bool {
  return refused;
}

/** Begins a call: nothing is refused, and the text is empty. */
export function openAnswer(): void {
  refused = false;
  openText();
}

function putPart(index: usize, text: string): void {
  putText(text);
  store<u32>(ends + (index << 2), textBytes());
}

/**
 * Refuses.
 * @param what is wrong, in words
 * @param offset in the bytes that were handed over; 0 for an argument
 */
export function refuse(family: string, what: string, offset: usize, actual: string, expected: string): void {
  if (refused) return;
  refused = true;
  openText();
  putPart(0, family);
  putPart(1, what);
  putPart(2, numeral(offset));
  putPart(3, actual);
  putPart(4, expected);
  sealText();
}

/** Refuses an argument of the caller. */
export function refuseArgument(what: string, actual: string, expected: string): void {
  refuse(ARGUMENT, what, 0, actual, expected);
}

/** The parts of the last refusal; empty if the last call had an answer. */
export function refusalParts(): Array<string> {
  const parts = new Array<string>(refused ? PARTS : 0);
  let from: u32 = 0;
  for (let i = 0; i < parts.length; i++) {
    const to = load<u32>(ends + ((<usize>i) << 2));
    parts[i] = textBetween(from, to);
    from = to;
  }
  return parts;
}
