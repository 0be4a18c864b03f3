/**
 * The rules of a merged domain: core, handlers and driver in one module.
 *
 * Responsible for: what can be seen from outside of a module whose three parts are no longer told apart.
 * Not responsible for: the rules over the handler part alone; they are checked before the merge, and can not be
 * repeated behind it.
 *
 * I1. A module that breaks no rule here imports nothing, so it can not reach clock, entropy or the outside.
 */
import { CORE_SEMANTICS, HANDLER_DATA_END, HANDLER_DATA_START } from "../../assembly/abi.ts";
import { type Findings, printable } from "./finding.ts";
import { instructionName, ruleOfAnyCode } from "./instructions.ts";
import type { ModuleModel } from "./module-model.ts";
import { FUEL_IMPORT, MEMORY_IMPORT } from "./operations-list.ts";
import { EXTERNAL_GLOBAL, EXTERNAL_MEMORY, VALUE_F32, VALUE_F64, VALUE_I32 } from "./wasm-codes.ts";

/** Custom sections of a domain: its canonical descriptor, and what `statevec build` says about it. */
export const SECTION_OF_SCHEMA = "statevec.schema";
export const SECTION_OF_MODULE = "statevec.module";
const MODULE_FORMAT = 1;
const MODULE_SECTION_BYTES_MAX = 4_096;

/** Whether a module says of itself that it is a domain. */
export function isDomain({ customs }: ModuleModel): boolean {
  return customs.some(({ name }) => name === SECTION_OF_MODULE);
}

export function checkMergedRules(model: ModuleModel, findings: Findings): void {
  for (const { module, name } of model.imports) {
    const place = `import ${printable(module)}.${printable(name)}`;
    findings.add("import", place, "a domain imports nothing; build it again with statevec build");
  }
  checkExports(model, findings);
  checkSections(model, findings);
  if (model.memories.some(({ isShared }) => isShared)) {
    findings.add("threads", "module", "a shared memory lets other threads be seen; compile without threads");
  }
  if (model.globals.some(({ type }) => type === VALUE_F32 || type === VALUE_F64)) {
    findings.add("float", "module", "a global holds a floating-point number; use integers or num");
  }
  for (const { index, codes } of model.functions) {
    for (const code of codes) {
      const rule = ruleOfAnyCode(code);
      if (!rule) continue;
      const message = `found ${instructionName(code)}: ${rule.why}; ${rule.todo}`;
      findings.add(rule.rule, model.functionPlace(index), message);
    }
  }
}

function checkExports({ exports, globals }: ModuleModel, findings: Findings): void {
  const hasMemory = exports.some(({ name, kind }) => name === MEMORY_IMPORT && kind === EXTERNAL_MEMORY);
  if (!hasMemory) findings.add("export", "module", "the domain does not export its memory; build it again");
  const fuel = exports.find(({ name, kind }) => name === FUEL_IMPORT && kind === EXTERNAL_GLOBAL);
  const budget = globals[fuel?.index ?? -1];
  if (budget?.isMutable && budget.type === VALUE_I32) return;
  const message = "the domain does not export its fuel, a mutable i32 global; build it again";
  findings.add("export", "module", message);
}

function checkSections({ customs }: ModuleModel, findings: Findings): void {
  for (const name of [SECTION_OF_SCHEMA, SECTION_OF_MODULE]) {
    const count = customs.filter((section) => section.name === name).length;
    if (count === 1) continue;
    findings.add("section", `section ${name}`, `found ${count}, expected one; build the domain again`);
  }
  const section = customs.find(({ name }) => name === SECTION_OF_MODULE)!;
  const problem = moduleProblem(section.bytes);
  if (problem) findings.add("section", `section ${SECTION_OF_MODULE}`, `${problem}; build the domain again`);
}

/** What is wrong with `{"format":1,"semantics":1,"dataEnd":N}`. */
function moduleProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length > MODULE_SECTION_BYTES_MAX) {
    return `found ${bytes.length} bytes, expected at most ${MODULE_SECTION_BYTES_MAX}`;
  }
  let content: any;
  try {
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return "it is no JSON";
  }
  const { format, semantics, dataEnd } = content ?? {};
  if (format !== MODULE_FORMAT) return `found format ${shown(format)}, expected ${MODULE_FORMAT}`;
  if (semantics !== CORE_SEMANTICS) {
    return `found core semantics ${shown(semantics)}, expected ${CORE_SEMANTICS}, those of this release`;
  }
  if (Number.isInteger(dataEnd) && dataEnd >= HANDLER_DATA_START && dataEnd <= HANDLER_DATA_END)
    return undefined;
  return `found dataEnd ${shown(dataEnd)}, expected a number in ${HANDLER_DATA_START}..${HANDLER_DATA_END}`;
}

function shown(value: unknown): string {
  return printable(JSON.stringify(value) ?? "none");
}
