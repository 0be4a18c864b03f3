/**
 * Unique keys: a class each, with `get`, `find` and `exists`. Its objects hold nothing.
 */
import type { PathModel } from "../../schema/model.ts";
import type { Context } from "./context.ts";
import type { RecordPlan } from "./records.ts";
import { block, comment } from "./text.ts";

/** The class of a unique key; `index` is its position among those of its kind. */
export function uniqueKeyLines(
  context: Context,
  plan: RecordPlan,
  path: PathModel,
  index: number,
  name: string,
): string[] {
  const { names, code } = context;
  const { kind, position, offsets } = plan;
  const scope = names.parameterScope();
  const parts = path.segments.map((segment) => {
    const field = kind.fields[segment.field]!;
    return { field, position: segment.field, offset: offsets[segment.field]!, name: scope.take(field.name) };
  });
  const parameters = parts.map((part) => `${part.name}: ${code.type(part.field)}`);
  const put = `this.put(${parts.map((part) => part.name).join(", ")})`;
  const lookup = (operation: string) => `${names.sdk(operation)}(${position}, ${index}, ${put})`;
  const method = (verb: string, result: string, body: readonly string[]) => {
    return block(`${verb}(${parameters.join(", ")}): ${result}`, body);
  };
  const stores = parts.map((part) => code.put(part.field, part.offset, part.name));
  const flaws = parts.map((part) => code.flaw(part.field, part.position, part.name));
  const told = flaws.filter((flaw) => flaw !== undefined);
  const record = `${kind.name} | null`;
  return [
    ...comment(0, `Unique key: ${parts.map((part) => part.field.name).join(", ")}.`),
    "@unmanaged",
    ...block(`export abstract class ${name}`, [
      ...comment(1, "The record; a missing one faults the command with RECORD_MISSING."),
      ...method("get", kind.name, [`return changetype<${kind.name}>(${lookup("getUnique")});`]),
      ...method("find", record, [`return changetype<${record}>(${lookup("findUnique")});`]),
      ...method("exists", "bool", [`return ${lookup("findUnique")} != 0;`]),
      "",
      ...method("private put", "u32", [...stores, ...returned(told, names.sdk("NO_FLAW"))]),
    ]),
  ];
}

function returned(flaws: readonly string[], none: string): string[] {
  if (flaws.length <= 1) return [`return ${flaws[0] ?? none};`];
  const [first, ...rest] = flaws;
  return [`let flaw = ${first};`, ...rest.map((flaw) => `flaw = min(flaw, ${flaw});`), "return flaw;"];
}
