/** What docs/internals/determinism.md says of the core module: it imports nothing, and no instruction of it touches a float. */
import { readFileSync } from "node:fs";
import binaryen from "assemblyscript/binaryen";
import { expect, test } from "vitest";

/** A module in text form, and its instructions. */
function read(module: binaryen.Module): { readonly text: string; readonly instructions: string[] } {
  const text = module.emitText();
  module.dispose();
  const found = Array.from(text.matchAll(/\(([a-z]\w*\.[\w.]+)/g), ([, instruction]) => instruction!);
  return { text, instructions: [...new Set(found)] };
}

const core = read(binaryen.readBinary(readFileSync(new URL("../../build/statevec.wasm", import.meta.url))));
const FLOATS = /f32|f64|relaxed|atomic/;

test("the core imports nothing", () => {
  expect(core.text).toContain('(export "finish"');
  expect(core.text).not.toContain("(import ");
});

test("the core holds integer instructions only", () => {
  expect(core.instructions).toContain("i64.load");
  expect(core.instructions.filter((name) => FLOATS.test(name))).toEqual([]);
});

test("an import and a float would be found", () => {
  const source =
    '(module (import "env" "now" (func (result f64))) (func (result f64) (f64.abs (f64.const 1))))';
  const { text, instructions } = read(binaryen.parseText(source));
  expect(text).toContain("(import ");
  expect(instructions.filter((name) => FLOATS.test(name))).toContain("f64.abs");
});
