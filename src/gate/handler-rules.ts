/**
 * The rules of a handler module, before fuel is injected.
 *
 * Responsible for: every bytecode rule of docs/reference/gate.md.
 * Not responsible for: rules over the sources (sources/), rules over a merged domain (merged-rules.ts).
 *
 * I1. A module that breaks no rule can read and write nothing but memory and what the operations answer, keeps
 * nothing outside of memory, and calls itself nowhere. What it keeps inside of memory, the source rules refuse.
 */
import { HANDLER_DATA_END, HANDLER_DATA_START } from "../../assembly/abi.ts";
import { STACK_BYTES_MAX, walkCalls } from "./call-graph.ts";
import { type Findings, printable } from "./finding.ts";
import { instructionName, ruleOfInstruction } from "./instructions.ts";
import type { DataModel, ElementModel, FunctionModel, ImportModel, ModuleModel } from "./module-model.ts";
import {
  ENTRY_EXPORT,
  ENTRY_SIGNATURE,
  FUEL_IMPORT,
  IMPORT_MODULE,
  MEMORY_IMPORT,
  OPERATIONS,
  type Signature,
} from "./operations-list.ts";
import {
  EXTERNAL_FUNCTION,
  EXTERNAL_GLOBAL,
  EXTERNAL_MEMORY,
  EXTERNAL_TABLE,
  OP_END,
  OP_I32_CONST,
  OP_I64_CONST,
  OP_V128_CONST,
  VALUE_F32,
  VALUE_F64,
  VALUE_FUNCREF,
  VALUE_I32,
  VALUE_I64,
  VALUE_V128,
} from "./wasm-codes.ts";

const CYCLES_MAX = 10;
/** In pages of 64 KiB: what lies below the core's own data, which every core has. */
const MEMORY_PAGES_MAX = 32;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [VALUE_I32]: "i32",
  [VALUE_I64]: "i64",
  [VALUE_F32]: "f32",
  [VALUE_F64]: "f64",
  [VALUE_V128]: "v128",
};
const CONSTANTS: ReadonlySet<number> = new Set([OP_I32_CONST, OP_I64_CONST, OP_V128_CONST]);

export function checkHandlerRules(model: ModuleModel, findings: Findings): void {
  for (const entry of model.imports) checkImport(model, entry, findings);
  checkMemory(model, findings);
  checkExports(model, findings);
  checkGlobals(model, findings);
  checkTables(model, findings);
  checkTypes(model, findings);
  checkData(model, findings);
  if (model.start !== undefined) {
    const message = "a start function runs outside of any command; move what it does into the handlers";
    findings.add("start", model.functionPlace(model.start), message);
  }
  for (const body of model.functions) checkFunction(model, body, findings);
  checkRecursion(model, findings);
}

function checkImport(model: ModuleModel, entry: ImportModel, findings: Findings): void {
  const { module, name, kind, typeIndex } = entry;
  const place = `import ${printable(module)}.${printable(name)}`;
  const isOurs = module === IMPORT_MODULE;
  if (isOurs && name === MEMORY_IMPORT && kind === EXTERNAL_MEMORY) return;
  if (isOurs && name === FUEL_IMPORT && kind === EXTERNAL_GLOBAL) {
    const message = "the module is metered already; check and inject fuel once, into what the compiler made";
    findings.add("import", place, message);
    return;
  }
  const operation = isOurs && kind === EXTERNAL_FUNCTION ? OPERATIONS.get(name) : undefined;
  if (operation === undefined) {
    findings.add("import", place, importMessage(module, name));
    return;
  }
  const found = model.types[typeIndex ?? -1];
  if (found && isSame(found, operation)) return;
  const message = `found ${signatureText(found)}, expected ${signatureText(operation)}; declare it as the core does`;
  findings.add("import-type", place, message);
}

/** What AssemblyScript imports for its own functions, and what to do about each. */
const KNOWN_IMPORTS: readonly (readonly [RegExp, string])[] = [
  [/^abort$/, "compile with --use abort= so that an abort is a trap"],
  [/^seed$/, "Math.random is entropy; pass random values in the command"],
  [/^(Date|performance)\./, "a clock is no input; use tx.timeNs"],
  [/^(console\.|trace$)/, "output is not repeated; emit an event"],
];

function importMessage(module: string, name: string): string {
  const known = KNOWN_IMPORTS.find(([pattern]) => pattern.test(name))?.[1];
  const todo = known ?? `remove what needs ${printable(module)}.${printable(name)}`;
  return `handlers import the memory and the operations of the core, nothing else; ${todo}`;
}

function checkMemory({ memories }: ModuleModel, findings: Findings): void {
  const [memory, ...others] = memories;
  if (memory === undefined || !memory.isImported || others.length > 0) {
    const found = memories.filter(({ isImported }) => !isImported).length;
    const message =
      `found ${memories.length} memories, ${found} of them its own; expected the memory of the core alone ` +
      "(asc --importMemory --noExportMemory)";
    findings.add("memory", "module", message);
  }
  if (memories.some(({ isShared }) => isShared)) {
    findings.add("threads", "module", "a shared memory lets other threads be seen; compile without threads");
  }
  if (memory && memory.initial > MEMORY_PAGES_MAX) {
    const message = `asks for ${memory.initial} pages at its start, at most ${MEMORY_PAGES_MAX} (asc --initialMemory)`;
    findings.add("memory", "module", message);
  }
}

function checkExports(model: ModuleModel, findings: Findings): void {
  const entries = model.exports.filter(
    ({ name, kind }) => name === ENTRY_EXPORT && kind === EXTERNAL_FUNCTION,
  );
  for (const entry of model.exports) {
    if (entries.includes(entry)) continue;
    const message = `a handler module exports the function ${ENTRY_EXPORT} alone; remove this export`;
    findings.add("export", `export ${printable(entry.name)}`, message);
  }
  const [entry] = entries;
  if (entry === undefined) {
    const message = `the module exports no function ${ENTRY_EXPORT}; export ${ENTRY_EXPORT}(kind: u32, payload: usize): void`;
    findings.add("export", "module", message);
    return;
  }
  const found = model.signatureOf(entry.index);
  if (found && isSame(found, ENTRY_SIGNATURE)) return;
  const message = `found ${signatureText(found)}, expected ${signatureText(ENTRY_SIGNATURE)}: (kind: u32, payload: usize): void`;
  findings.add("export", `export ${ENTRY_EXPORT}`, message);
}

function checkGlobals({ globals, names }: ModuleModel, findings: Findings): void {
  globals.forEach(({ isMutable, isImported, type, initial }, index) => {
    const place = `global ${printable(names.globals.get(index) ?? String(index))}`;
    if (isMutable) {
      const message =
        "a mutable global is state that outlives the command and is in no snapshot; keep state in records, and " +
        "move what is module-level into functions";
      findings.add("mutable-global", place, message);
    } else if (type === VALUE_F32 || type === VALUE_F64) {
      findings.add("float", place, "a global holds a floating-point number; use integers or num");
    } else if (
      !isImported &&
      !(initial.length === 2 && CONSTANTS.has(initial[0]!) && initial[1] === OP_END)
    ) {
      findings.add("global", place, "its value is no plain constant of an integer type; write the constant");
    }
  });
}

/** A table that never changes is part of the code; function values (the comparison of a sort) need one. */
function checkTables(model: ModuleModel, findings: Findings): void {
  const { tables, elements } = model;
  if (tables.length > 1)
    findings.add("table", "module", `found ${tables.length} tables, at most one is allowed`);
  if (tables.some(({ isImported, type }) => isImported || type !== VALUE_FUNCREF)) {
    findings.add("table", "module", "the table must be the module's own, and of functions");
  }
  for (const { kind, name } of model.exports) {
    if (kind !== EXTERNAL_TABLE) continue;
    findings.add(
      "table",
      `export ${printable(name)}`,
      "an exported table can be changed from outside; keep it inside",
    );
  }
  elements.forEach((element, index) => {
    if (isFixed(element)) return;
    const message =
      "a table is filled once, at a constant offset, with plain functions; no other segment is allowed";
    findings.add("table", `element segment ${index}`, message);
  });
}

function isFixed({ isActive, tableIndex, offset, functions }: ElementModel): boolean {
  return isActive && tableIndex === 0 && offset !== undefined && !functions.includes(undefined);
}

function checkTypes({ types, tags }: ModuleModel, findings: Findings): void {
  types.forEach((type, index) => {
    const place = `type ${index}`;
    if (type === undefined) {
      findings.add("instruction", place, "it is no function type; compile for WebAssembly 1.0");
    } else if (hasFloat([...type.params, ...type.results])) {
      findings.add("float", place, "functions take or return floating-point numbers; use integers or num");
    }
  });
  if (tags > 0) findings.add("instruction", "module", "it declares exceptions; compile for WebAssembly 1.0");
}

function hasFloat(types: readonly number[]): boolean {
  return types.includes(VALUE_F32) || types.includes(VALUE_F64);
}

function checkData({ data }: ModuleModel, findings: Findings): void {
  data.forEach((segment, index) => {
    const message = dataProblem(segment);
    if (message !== undefined) findings.add("data", `data segment ${index}`, message);
  });
}

function dataProblem({ isActive, memoryIndex, offset, length }: DataModel): string | undefined {
  if (!isActive) return "a passive segment needs bulk memory; compile with bulk memory disabled";
  if (memoryIndex !== 0) return "it belongs to a second memory; there is one memory, the core's";
  if (offset === undefined) return "its offset is no plain constant; static data has a fixed place";
  if (offset >= HANDLER_DATA_START && offset + length <= HANDLER_DATA_END) return undefined;
  const expected = `${HANDLER_DATA_START}..${HANDLER_DATA_END}`;
  return (
    `it fills bytes ${offset}..${offset + length}, expected within ${expected}; compile with --memoryBase ` +
    `${HANDLER_DATA_START}, and move large tables into records`
  );
}

function checkFunction(model: ModuleModel, body: FunctionModel, findings: Findings): void {
  const place = model.functionPlace(body.index);
  const broken = new Map<string, string[]>();
  const rules = new Map<string, { readonly why: string; readonly todo: string }>();
  for (const code of body.codes) {
    const rule = ruleOfInstruction(code);
    if (rule === undefined) continue;
    rules.set(rule.rule, rule);
    const names = broken.get(rule.rule) ?? [];
    broken.set(rule.rule, names);
    names.push(instructionName(code));
  }
  for (const [rule, names] of broken) {
    const { why, todo } = rules.get(rule)!;
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    findings.add(rule, place, `found ${names.slice(0, 3).join(", ")}${more}: ${why}; ${todo}`);
  }
  if (hasFloat([...body.localTypes]))
    findings.add("float", place, "a local holds a floating-point number; use integers or num");
  if (body.usesOther) {
    const message =
      "an instruction names a second memory or table, or spells the first one at length; recompile";
    findings.add("instruction", place, message);
  }
}

function checkRecursion(model: ModuleModel, findings: Findings): void {
  const { cycles, deepest } = walkCalls(model, CYCLES_MAX);
  for (const cycle of cycles) {
    const message =
      `${chainText(model, [...cycle, cycle[0]!])}: recursion ends where the machine's stack ends, and that differs ` +
      "from engine to engine; use a loop";
    findings.add("recursion", model.functionPlace(cycle[0]!), message);
  }
  if (cycles.length > 0 || deepest.bytes <= STACK_BYTES_MAX) return;
  const message =
    `${chainText(model, deepest.path)}: together they may need ${deepest.bytes} bytes of the machine's stack, at ` +
    `most ${STACK_BYTES_MAX} are sure to be there; call less deep, or with fewer locals`;
  findings.add("call-depth", model.functionPlace(deepest.path[0]!), message);
}

/** `a calls b calls c`; a long chain is cut in its middle. */
function chainText(model: ModuleModel, chain: readonly number[]): string {
  const names = chain.map((index) => model.functionName(index));
  const shown = names.length > 12 ? [...names.slice(0, 11), "...", names.at(-1)!] : names;
  return shown.join(" calls ");
}

function isSame(one: Signature, other: Signature): boolean {
  return signatureText(one) === signatureText(other);
}

function signatureText(signature: Signature | undefined): string {
  if (signature === undefined) return "no function type";
  const names = (types: readonly number[]) =>
    types.map((type) => TYPE_NAMES[type] ?? `type ${type}`).join(", ");
  return `(${names(signature.params)}) -> (${names(signature.results)})`;
}

/**
 * Where the static data of a handler module ends.
 * @returns an address in HANDLER_DATA_START..HANDLER_DATA_END, if the module breaks no rule
 */
export function endOfStaticData({ data }: ModuleModel): number {
  const ends = data.map(({ offset, length }) => (offset ?? 0) + length);
  return ends.reduce((last, end) => Math.max(last, end), HANDLER_DATA_START);
}
