/**
 * Enumerations: an enum each, and the test whether a number is one of its values.
 */
import type { EnumerationModel } from "../../schema/model.ts";
import type { Context } from "./context.ts";
import { Scope } from "./names.ts";
import { block, comment } from "./text.ts";

/** To be called last: which tests there are follows from what the other classes write. */
export function enumerationLines(context: Context): string[] {
  return context.model.enumerations.flatMap((one) => [
    "",
    ...declaration(context, one),
    ...tests(context, one),
  ]);
}

function declaration(context: Context, { name, entries }: EnumerationModel): string[] {
  const { comments } = context;
  const scope = new Scope();
  const body = entries.flatMap((entry) => [
    ...comment(1, comments.get(`${name}.${entry.name}`)),
    `${scope.take(entry.name)} = ${entry.value},`,
  ]);
  return [...comment(0, comments.get(name)), ...block(`export enum ${name}`, body)];
}

function tests(context: Context, enumeration: EnumerationModel): string[] {
  const { names } = context;
  const { name } = enumeration;
  const isMany = names.isTested(name, true);
  if (!isMany && !names.isTested(name, false)) return [];
  const one = names.test(name, false);
  const lines = ["", ...block(`function ${one}(value: ${name}): bool`, test(enumeration))];
  if (!isMany) return lines;
  const loop = block("for (let i = 0; i < values.length; i++)", [
    `if (!${one}(unchecked(values[i]))) return false;`,
  ]);
  return [
    ...lines,
    "",
    ...block(`function ${names.test(name, true)}(values: ${name}[]): bool`, [...loop, "return true;"]),
  ];
}

/** Values without a gap are a range. */
function test({ entries }: EnumerationModel): string[] {
  const values = entries.map((entry) => entry.value);
  const first = values[0]!;
  const last = values.at(-1)!;
  if (last - first === values.length - 1) return [`return <u32>value - ${first} < ${values.length};`];
  const cases = values.map((value) => `case ${value}:`);
  return block("switch (<u32>value)", [...cases, "  return true;", "default:", "  return false;"]);
}
