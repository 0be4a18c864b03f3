/**
 * Reads the bytes of a module into a model.
 *
 * Responsible for: bytes that nobody has checked: this never throws, always ends, and uses memory in proportion to
 * the bytes.
 * Not responsible for: what a module may hold (handler-rules.ts).
 *
 * I1. What is read is what an engine executes. The engine of this machine validates the module first, so its
 * structure is sound. The parser reads some encodings more narrowly than engines do (indices of a second memory or
 * table, custom sections); therefore each section and each function body must end exactly where its length says,
 * custom sections are never handed to the parser, and the rules refuse every instruction whose reading may differ.
 * I2. The bytes are copied first: nobody changes them while they are read.
 */
import { BinaryReader } from "wasmparser";
import { isModule } from "../wasm.ts";
import { type ElementModel, type FunctionModel, ModuleModel, type Operator } from "./module-model.ts";
import { readNames } from "./name-section.ts";
import {
  EXTERNAL_FUNCTION,
  EXTERNAL_GLOBAL,
  EXTERNAL_MEMORY,
  EXTERNAL_TABLE,
  EXTERNAL_TAG,
  FORM_FUNCTION,
  MODE_ACTIVE,
  OP_CALL,
  OP_CALL_INDIRECT,
  OP_END,
  OP_I32_CONST,
  OP_REF_FUNC,
  SECTION_CUSTOM,
  SECTION_DATA,
  SECTION_DATA_COUNT,
  SECTION_GLOBAL,
  STATE,
} from "./wasm-codes.ts";

/** Far above any domain; bounds what a hostile file can cost. */
export const MODULE_BYTES_MAX = 16_777_216;
const LARGEST_ALIGNMENT = 4;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Sees every instruction of every function body, in order; the model is known up to there. */
export type OperatorVisitor = (body: FunctionModel, operator: Operator, model: ModuleModel) => void;

export type ReadResult =
  | { readonly model: ModuleModel; readonly problem?: undefined }
  | { readonly model?: undefined; readonly problem: string };

/**
 * @param bytes anything
 * @returns the model, or what is wrong with the bytes
 */
export function readModule(bytes: Uint8Array, visit?: OperatorVisitor): ReadResult {
  if (bytes.length > MODULE_BYTES_MAX) {
    return { problem: `the module has ${bytes.length} bytes, at most ${MODULE_BYTES_MAX} are read` };
  }
  const copy = new Uint8Array(bytes);
  if (!isModule(copy)) return { problem: "this engine takes the bytes for no valid WebAssembly module" };
  try {
    return new ModuleReader(copy, visit).read();
  } catch (error) {
    // The parser throws at what it does not know: newer proposals that the engine accepts.
    return { problem: `the module can not be read: ${error instanceof Error ? error.message : error}` };
  }
}

class ModuleReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #reader = new BinaryReader();
  readonly #model = new ModuleModel();
  readonly #visit: OperatorVisitor | undefined;
  /** Section whose offset and init expressions are being read. */
  #sectionId = SECTION_CUSTOM;
  #sectionName = "";
  /** Instructions of the offset that is being read, without its end. */
  #offset: Operator[] = [];
  /** Blocks that are open in the function body being read; below 0 behind its end. */
  #depth = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, visit: OperatorVisitor | undefined) {
    this.#bytes = bytes;
    this.#visit = visit;
    this.#reader.setData(bytes.buffer, 0, bytes.length);
  }

  read(): ReadResult {
    const reader = this.#reader;
    for (;;) {
      const start = reader.position;
      if (!reader.read()) return { problem: `the module ends within something, at byte ${reader.position}` };
      const state: number = reader.state;
      if (state === STATE.ERROR) return { problem: `${reader.error.message}, at byte ${reader.position}` };
      if (state === STATE.END_WASM) break;
      const problem = this.#take(state, start);
      if (problem !== undefined) return { problem: `${problem}, at byte ${start}` };
    }
    if (reader.position !== this.#bytes.length) return { problem: "there are bytes behind the module" };
    const names = this.#model.customs.find(({ name }) => name === "name");
    if (names) this.#model.names = readNames(names.bytes);
    return { model: this.#model };
  }

  /** @returns what is wrong, if something is */
  #take(state: number, start: number): string | undefined {
    const result = this.#reader.result as any;
    switch (state) {
      case STATE.BEGIN_SECTION:
        this.#beginSection(result, start);
        return undefined;
      case STATE.END_SECTION:
        this.#model.sections.at(-1)!.end = this.#reader.position;
        return this.#endExactly(start, "a section");
      case STATE.SECTION_RAW_DATA:
        this.#model.customs.push({
          at: this.#model.sections.at(-1)!.start,
          name: this.#sectionName,
          bytes: result,
        });
        return undefined;
      case STATE.BEGIN_FUNCTION_BODY:
        this.#beginFunction(result.locals);
        return undefined;
      case STATE.CODE_OPERATOR:
        return this.#takeOperator(this.#operator(result, start));
      case STATE.END_FUNCTION_BODY:
        if (this.#depth !== -1) return "a function body has blocks that are not closed";
        this.#model.functions.at(-1)!.end = start;
        return this.#endExactly(start, "a function body");
      default:
        return this.#takeEntry(state, result, start);
    }
  }

  /** I1: had the parser read too little or too much, it would have had to jump to the end. */
  #endExactly(position: number, what: string): string | undefined {
    return this.#reader.position === position ? undefined : `${what} does not end where its length says`;
  }

  #beginSection({ id, name }: { id: number; name: Uint8Array | null }, start: number): void {
    this.#sectionId = id;
    this.#sectionName = name === null ? "" : decoder.decode(name);
    const content = this.#reader.position;
    this.#model.sections.push({ id, start, content, end: content });
    if (RAW_SECTIONS.has(id)) this.#reader.fetchSectionRawData();
  }

  #takeEntry(state: number, result: any, start: number): string | undefined {
    const model = this.#model;
    switch (state) {
      case STATE.TYPE_SECTION_ENTRY:
        model.types.push(
          result.form === FORM_FUNCTION && result.supertypes === undefined
            ? { params: result.params.map(kindOf), results: result.returns.map(kindOf) }
            : undefined,
        );
        return undefined;
      case STATE.BEGIN_REC_GROUP:
        return "the module has recursive types; no rule allows them";
      case STATE.IMPORT_SECTION_ENTRY:
        this.#takeImport(result);
        return undefined;
      case STATE.FUNCTION_SECTION_ENTRY:
        model.functionTypes.push(result.typeIndex);
        return undefined;
      case STATE.TABLE_SECTION_ENTRY:
        model.tables.push({ isImported: false, type: kindOf(result.elementType) });
        return undefined;
      case STATE.MEMORY_SECTION_ENTRY:
        this.#takeMemory(result, false);
        return undefined;
      case STATE.TAG_SECTION_ENTRY:
        model.tags += 1;
        return undefined;
      case STATE.BEGIN_GLOBAL_SECTION_ENTRY:
        this.#takeGlobal(result.type, false);
        return undefined;
      case STATE.EXPORT_SECTION_ENTRY:
        model.exports.push({ name: decoder.decode(result.field), kind: result.kind, index: result.index });
        return undefined;
      case STATE.START_SECTION_ENTRY:
        model.start = result.index;
        return undefined;
      default:
        this.#takeSegment(state, result, start);
        return undefined;
    }
  }

  #takeImport(entry: any): void {
    const [module, name] = [decoder.decode(entry.module), decoder.decode(entry.field)];
    const { kind } = entry;
    this.#model.imports.push({ module, name, kind, typeIndex: entry.funcTypeIndex });
    if (kind === EXTERNAL_FUNCTION) {
      this.#model.functionTypes.push(entry.funcTypeIndex);
      this.#model.importedFunctions.push(name);
    } else if (kind === EXTERNAL_TABLE) {
      this.#model.tables.push({ isImported: true, type: kindOf(entry.type.elementType) });
    } else if (kind === EXTERNAL_MEMORY) this.#takeMemory(entry.type, true);
    else if (kind === EXTERNAL_GLOBAL) this.#takeGlobal(entry.type, true);
    else if (kind === EXTERNAL_TAG) this.#model.tags += 1;
    else throw new Error(`an import of the unknown kind ${kind}`);
  }

  #takeMemory({ limits, shared }: any, isImported: boolean): void {
    this.#model.memories.push({ isImported, initial: limits.initial, isShared: shared });
  }

  #takeGlobal({ contentType, mutability }: any, isImported: boolean): void {
    this.#model.globals.push({
      isImported,
      isMutable: mutability !== 0,
      type: kindOf(contentType),
      initial: [],
    });
  }

  #takeSegment(state: number, result: any, start: number): void {
    const { data, elements } = this.#model;
    if (state === STATE.BEGIN_DATA_SECTION_ENTRY) {
      const isActive = result.mode === MODE_ACTIVE;
      data.push({ isActive, memoryIndex: result.memoryIndex ?? 0, offset: undefined, length: 0 });
      this.#offset = [];
    } else if (state === STATE.DATA_SECTION_ENTRY_BODY) {
      data.at(-1)!.length = result.data.length;
    } else if (state === STATE.BEGIN_ELEMENT_SECTION_ENTRY) {
      const isActive = result.mode === MODE_ACTIVE;
      elements.push({ isActive, tableIndex: result.tableIndex ?? 0, offset: undefined, functions: [] });
      this.#offset = [];
    } else if (state === STATE.OFFSET_EXPRESSION_OPERATOR) {
      this.#takeOffset(this.#operator(result, start));
    } else if (state === STATE.INIT_EXPRESSION_OPERATOR) {
      const operator = this.#operator(result, start);
      if (this.#sectionId === SECTION_GLOBAL) this.#model.globals.at(-1)!.initial.push(operator.code);
      else this.#takeElement(operator, elements.at(-1)!);
    }
  }

  #takeOffset(operator: Operator): void {
    if (operator.code !== OP_END) {
      this.#offset.push(operator);
      return;
    }
    const [only, ...others] = this.#offset;
    if (only?.code !== OP_I32_CONST || others.length > 0) return;
    const { data, elements } = this.#model;
    const segment = this.#sectionId === SECTION_DATA ? data.at(-1)! : elements.at(-1)!;
    segment.offset = (only.literal as number) >>> 0;
  }

  #takeElement(operator: Operator, segment: ElementModel): void {
    if (operator.code === OP_END) return;
    segment.functions.push(operator.code === OP_REF_FUNC ? operator.functionIndex : undefined);
  }

  #beginFunction(
    locals: readonly { readonly count: number; readonly type: { readonly kind: number } }[],
  ): void {
    const model = this.#model;
    const start = this.#reader.position;
    model.functions.push({
      index: model.importedFunctions.length + model.functions.length,
      locals: locals.reduce((sum, { count }) => sum + count, 0),
      localTypes: new Set(locals.map(({ type }) => kindOf(type))),
      start,
      end: start,
      codes: new Set(),
      calls: new Set(),
      indirectCalls: new Set(),
      usesOther: false,
    });
    this.#depth = 0;
  }

  #operator(result: any, start: number): Operator {
    return {
      code: result.code,
      start,
      end: this.#reader.position,
      functionIndex: result.funcIndex,
      typeIndex: result.typeIndex,
      globalIndex: result.globalIndex,
      memoryFlags: result.memoryAddress?.flags,
      literal: result.literal,
    };
  }

  #takeOperator(operator: Operator): string | undefined {
    if (this.#depth < 0) return "there are instructions behind the end of a function";
    const body = this.#model.functions.at(-1)!;
    const { code } = operator;
    body.codes.add(code);
    if (OPENS_BLOCK.has(code)) this.#depth += 1;
    else if (code === OP_END) this.#depth -= 1;
    else if (code === OP_CALL) body.calls.add(operator.functionIndex!);
    else if (code === OP_CALL_INDIRECT) {
      body.indirectCalls.add(operator.typeIndex!);
      // The parser takes the table for one byte; any other byte than 0 is a second table or a longer encoding.
      if (this.#bytes[operator.end - 1] !== 0) body.usesOther = true;
    } else if ((operator.memoryFlags ?? 0) > LARGEST_ALIGNMENT) body.usesOther = true;
    this.#visit?.(body, operator, this.#model);
    return undefined;
  }
}

/** Sections that the parser may not read: nobody has checked custom ones, and it misreads the count of segments. */
const RAW_SECTIONS: ReadonlySet<number> = new Set([SECTION_CUSTOM, SECTION_DATA_COUNT]);

/** block, loop, if, and those of exceptions: try, try_table. */
const OPENS_BLOCK: ReadonlySet<number> = new Set([0x02, 0x03, 0x04, 0x06, 0x1f]);

function kindOf(type: { readonly kind: number }): number {
  return type.kind;
}
