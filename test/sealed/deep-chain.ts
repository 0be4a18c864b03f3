/**
 * A handler that needs much stack without recursion, which the gate refuses.
 *
 * Responsible for: the text of lab/assembly/deep.ts with a long chain of functions, each called from two places, so that
 * none is put in the place of its call.
 */

const FUNCTIONS = 150;
const VALUES = 24;

function link(at: number): string {
  const names = Array.from({ length: VALUES }, (_, n) => `v${n}`);
  const values = names.map((name, n) => `  const ${name} = rotl(value, ${n + 1}) ^ ${at * VALUES + n};`);
  const next = at + 1 < FUNCTIONS ? `link${at + 1}` : "bottom";
  return [
    `function link${at}(value: u64): u64 {`,
    ...values,
    `  const below = value & 1 ? ${next}(v0 ^ v${VALUES - 1}) : ${next}(v1);`,
    // All of them are needed behind the call, so all of them are kept on the stack.
    `  return ${names.join(" ^ ")} ^ below;`,
    "}",
  ].join("\n");
}

export function deepChain(): string {
  return [
    'import { Deep, Done, Item } from "../build/lab.schema";',
    "function bottom(value: u64): u64 {",
    "  const item = Item.byId.find(value);",
    "  return item ? item.value : value;",
    "}",
    ...Array.from({ length: FUNCTIONS }, (_, at) => link(at)),
    "export function deep(cmd: Deep): void {",
    "  Item.create({ id: 98, value: 98 });",
    "  Done.emit({ value: link0(cmd.value) });",
    "}",
    "",
  ].join("\n");
}
