/**
 * Injects fuel into a handler module.
 *
 * Responsible for: the metered module: the same instructions with charges between them, the import of the budget,
 * and every index that moves by it.
 * Not responsible for: where the charges stand and what they cost (fuel-points.ts), the budget itself (the core).
 *
 * A charge, at the start of a function and of each iteration of a loop:
 *
 *     fuel = fuel - COST                 global.get $fuel  i32.const COST  i32.sub  global.set $fuel
 *     if (fuel < 0) {                    global.get $fuel  i32.const 0  i32.lt_s  if
 *       opFuelExhausted(); unreachable     call $opFuelExhausted  unreachable  end
 *     }
 *
 * I1. The bytes are a pure function of the bytes: no compiler, no version of an optimiser has a part in them. What
 * the gate has read is what is metered, instruction by instruction.
 * I2. Only modules without findings are metered, so there is no table that changes and no global to renumber but by
 * one, and no loop that the reader does not see.
 */
import { UsageError } from "../errors.ts";
import { ByteWriter, lengthOfNumber } from "./byte-writer.ts";
import { Findings } from "./finding.ts";
import { type ChargePoint, FuelPoints } from "./fuel-points.ts";
import { checkHandlerRules } from "./handler-rules.ts";
import type { ModuleModel, Operator, SectionModel } from "./module-model.ts";
import { readModule } from "./module-reader.ts";
import { type Names, writeNames } from "./name-section.ts";
import { FUEL_EXHAUSTED, FUEL_IMPORT, IMPORT_MODULE } from "./operations-list.ts";
import {
  BLOCK_EMPTY,
  EXTERNAL_FUNCTION,
  EXTERNAL_GLOBAL,
  OP_CALL,
  OP_END,
  OP_GLOBAL_GET,
  OP_GLOBAL_SET,
  OP_I32_CONST,
  OP_I32_LT_S,
  OP_I32_SUB,
  OP_IF,
  OP_UNREACHABLE,
  SECTION_CODE,
  SECTION_CUSTOM,
  SECTION_ELEMENT,
  SECTION_EXPORT,
  SECTION_IMPORT,
  SECTION_TYPE,
  VALUE_I32,
} from "./wasm-codes.ts";

const HEADER_BYTES = 8;
const BYTE_I32 = VALUE_I32 & 0x7f;
const BYTE_FUNCTION_TYPE = 0x60;
const MUTABLE = 1;
/** The budget is the only imported global: the gate lets no other one in. */
const FUEL_INDEX = 0;

/**
 * Makes handler code count what it does: `env.fuel` (a mutable i32 global) goes down, and below 0 the code calls
 * `opFuelExhausted` and traps.
 *
 * @param bytes a handler module without findings
 * @returns the metered module, the same bytes each time; function names stay
 * @throws UsageError BAD_ARGUMENT if the module has findings, or is metered already
 */
export function injectFuel(bytes: Uint8Array): Uint8Array {
  const source = new Uint8Array(bytes);
  const points = new FuelPoints();
  const calls: Operator[] = [];
  const { model, problem } = readModule(source, (body, operator, reading) => {
    points.visit(body, operator, reading);
    if (MOVED.has(operator.code)) calls.push(operator);
  });
  if (!model) throw new UsageError("bytes", `${problem}; expected a handler module`);
  const findings = new Findings();
  checkHandlerRules(model, findings);
  const [first] = findings.all;
  if (first) {
    const message = `${first.place}: ${first.message} (rule ${first.rule}); only a module without findings is metered`;
    throw new UsageError("bytes", message);
  }
  return new Metering(source, model, points.points, calls).write();
}

/** Instructions with an index that may move. */
const MOVED: ReadonlySet<number> = new Set([OP_CALL, OP_GLOBAL_GET, OP_GLOBAL_SET]);

/** What stands in place of the bytes `start` to `end` of the source. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: Uint8Array;
}

class Metering {
  readonly #source: Uint8Array;
  readonly #model: ModuleModel;
  readonly #edits: readonly Edit[];
  /** Index of opFuelExhausted in the new module, and by how much the functions behind the imports move. */
  readonly #exhausted: number;
  readonly #functionShift: number;

  constructor(
    source: Uint8Array,
    model: ModuleModel,
    points: readonly ChargePoint[],
    moved: readonly Operator[],
  ) {
    this.#source = source;
    this.#model = model;
    const known = model.importedFunctions.indexOf(FUEL_EXHAUSTED);
    this.#exhausted = known >= 0 ? known : model.importedFunctions.length;
    this.#functionShift = known >= 0 ? 0 : 1;
    this.#edits = [
      ...points.map(({ at, cost }) => ({ start: at, end: at, content: this.#charge(cost) })),
      ...moved.map((operator) => this.#move(operator)),
    ].sort((left, right) => left.start - right.start || left.end - right.end);
  }

  write(): Uint8Array {
    const out = new ByteWriter().bytes(this.#source.subarray(0, HEADER_BYTES));
    for (const section of this.#model.sections) {
      const content = this.#section(section);
      if (content) out.byte(section.id).sized(content);
      else out.bytes(this.#source.subarray(section.start, section.end));
    }
    return out.take();
  }

  /** The new content of a section; undefined if it stays as it is. */
  #section(section: SectionModel): Uint8Array | undefined {
    switch (section.id) {
      case SECTION_TYPE:
        return this.#types(section);
      case SECTION_IMPORT:
        return this.#imports(section);
      case SECTION_EXPORT:
        return this.#exports();
      case SECTION_ELEMENT:
        return this.#elements();
      case SECTION_CODE:
        return this.#code(section);
      case SECTION_CUSTOM:
        return this.#custom(section);
      default:
        return undefined;
    }
  }

  /** The index of a function without parameters and results: an old type, or the one that is added. */
  get #exhaustedType(): number {
    const { types } = this.#model;
    const known = types.findIndex((type) => type?.params.length === 0 && type.results.length === 0);
    return known >= 0 ? known : types.length;
  }

  #types(section: SectionModel): Uint8Array | undefined {
    const { types } = this.#model;
    if (this.#functionShift === 0 || this.#exhaustedType < types.length) return undefined;
    return this.#appended(section, types.length + 1, new Uint8Array([BYTE_FUNCTION_TYPE, 0, 0]));
  }

  #imports(section: SectionModel): Uint8Array {
    const added = new ByteWriter();
    if (this.#functionShift > 0) {
      added.sized(encode(IMPORT_MODULE)).sized(encode(FUEL_EXHAUSTED)).byte(EXTERNAL_FUNCTION);
      added.unsigned(this.#exhaustedType);
    }
    added.sized(encode(IMPORT_MODULE)).sized(encode(FUEL_IMPORT));
    added.byte(EXTERNAL_GLOBAL).byte(BYTE_I32).byte(MUTABLE);
    return this.#appended(section, this.#model.imports.length + 1 + this.#functionShift, added.take());
  }

  /** A vector with entries added at its end. */
  #appended({ content, end }: SectionModel, count: number, added: Uint8Array): Uint8Array {
    const entriesAt = content + lengthOfNumber(this.#source, content);
    const entries = this.#source.subarray(entriesAt, end);
    return new ByteWriter().unsigned(count).bytes(entries).bytes(added).take();
  }

  #exports(): Uint8Array {
    const { exports } = this.#model;
    const out = new ByteWriter().unsigned(exports.length);
    for (const { name, kind, index } of exports)
      out.sized(encode(name)).byte(kind).unsigned(this.#moved(index));
    return out.take();
  }

  #elements(): Uint8Array {
    const { elements } = this.#model;
    const out = new ByteWriter().unsigned(elements.length);
    for (const { offset, functions } of elements) {
      out.byte(0).byte(OP_I32_CONST).signed(offset!).byte(OP_END).unsigned(functions.length);
      for (const index of functions) out.unsigned(this.#moved(index!));
    }
    return out.take();
  }

  #code(section: SectionModel): Uint8Array {
    const { functions } = this.#model;
    const out = new ByteWriter().unsigned(functions.length);
    let at = section.content + lengthOfNumber(this.#source, section.content);
    let next = 0;
    for (const { end } of functions) {
      const body = new ByteWriter();
      at += lengthOfNumber(this.#source, at);
      for (; next < this.#edits.length && this.#edits[next]!.start < end; next += 1) {
        const edit = this.#edits[next]!;
        body.bytes(this.#source.subarray(at, edit.start)).bytes(edit.content);
        at = edit.end;
      }
      out.sized(body.bytes(this.#source.subarray(at, end)).take());
      at = end;
    }
    return out.take();
  }

  /** Names move with what they name; the two imports get theirs. */
  #custom(section: SectionModel): Uint8Array | undefined {
    if (section.start !== this.#model.customs.find(({ name }) => name === "name")?.at) return undefined;
    const { module, functions, globals } = this.#model.names;
    const moved: Names = {
      module,
      functions: new Map([...functions].map(([index, name]) => [this.#moved(index), name])),
      globals: new Map([...globals].map(([index, name]) => [index + 1, name])),
    };
    moved.functions.set(this.#exhausted, FUEL_EXHAUSTED);
    moved.globals.set(FUEL_INDEX, FUEL_IMPORT);
    return new ByteWriter().sized(encode("name")).bytes(writeNames(moved)).take();
  }

  #moved(functionIndex: number): number {
    return functionIndex < this.#model.importedFunctions.length
      ? functionIndex
      : functionIndex + this.#functionShift;
  }

  #move({ code, start, end, functionIndex, globalIndex }: Operator): Edit {
    const index = code === OP_CALL ? this.#moved(functionIndex!) : globalIndex! + 1;
    return { start, end, content: new ByteWriter().byte(code).unsigned(index).take() };
  }

  #charge(cost: number): Uint8Array {
    const out = new ByteWriter();
    out.byte(OP_GLOBAL_GET).unsigned(FUEL_INDEX).byte(OP_I32_CONST).signed(cost).byte(OP_I32_SUB);
    out.byte(OP_GLOBAL_SET).unsigned(FUEL_INDEX);
    out.byte(OP_GLOBAL_GET).unsigned(FUEL_INDEX).byte(OP_I32_CONST).signed(0).byte(OP_I32_LT_S);
    out
      .byte(OP_IF)
      .byte(BLOCK_EMPTY)
      .byte(OP_CALL)
      .unsigned(this.#exhausted)
      .byte(OP_UNREACHABLE)
      .byte(OP_END);
    return out.take();
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
