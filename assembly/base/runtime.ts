/**
 * The runtime that asc builds into the core (`--runtime`): the functions that the compiler and as-bind call for managed
 * objects. The stub runtime of asc would do, but it takes its memory where base/memory.ts takes it.
 *
 * Nothing is exported: the functions are global, and asc exports those that hosts need (`--exportRuntime`).
 */
import { newObject, resizedObject } from "./object-arena";

// @ts-ignore: decorator
@global @unsafe
function __new(bytes: usize, id: u32): usize {
  return newObject(bytes, id);
}

// @ts-ignore: decorator
@global @unsafe
function __renew(object: usize, bytes: usize): usize {
  return resizedObject(object, bytes);
}

// @ts-ignore: decorator
@global @unsafe
function __link(_parent: usize, _child: usize, _expectMultiple: bool): void {}

/** Objects stay where they are until their call is over. */
// @ts-ignore: decorator
@global @unsafe
function __pin(object: usize): usize {
  return object;
}

// @ts-ignore: decorator
@global @unsafe
function __unpin(_object: usize): void {}

// @ts-ignore: decorator
@global @unsafe
function __visit(_object: usize, _cookie: u32): void {}

// @ts-ignore: decorator
@global @unsafe
function __collect(): void {}
