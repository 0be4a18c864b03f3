/**
 * A WebAssembly module as the rules look at it.
 *
 * Responsible for: the shape, and how a function, global or segment is called in a finding.
 * Not responsible for: reading one (module-reader.ts), judging one (handler-rules.ts, merged-rules.ts).
 */
import { printable } from "./finding.ts";
import type { Names } from "./name-section.ts";
import type { Signature } from "./operations-list.ts";

/** One instruction, with the bytes it stands in. */
export interface Operator {
  readonly code: number;
  /** Offsets into the module: of its first byte, and behind its last one. */
  readonly start: number;
  readonly end: number;
  /** call, ref.func */
  readonly functionIndex: number | undefined;
  /** call_indirect */
  readonly typeIndex: number | undefined;
  /** global.get, global.set */
  readonly globalIndex: number | undefined;
  /** Loads and stores: the alignment, and bits of newer proposals. */
  readonly memoryFlags: number | undefined;
  /** i32.const */
  readonly literal: unknown;
}

export interface ImportModel {
  readonly module: string;
  readonly name: string;
  /** EXTERNAL_... */
  readonly kind: number;
  /** Of a function. */
  readonly typeIndex: number | undefined;
}

export interface MemoryModel {
  readonly isImported: boolean;
  /** Pages of 64 KiB. */
  readonly initial: number;
  readonly isShared: boolean;
}

export interface GlobalModel {
  readonly isImported: boolean;
  readonly isMutable: boolean;
  readonly type: number;
  /** Codes of the instructions that make its first value, the end included. */
  readonly initial: number[];
}

export interface ExportModel {
  readonly name: string;
  /** EXTERNAL_... */
  readonly kind: number;
  readonly index: number;
}

/** The functions that a segment puts into a table. */
export interface ElementModel {
  readonly isActive: boolean;
  readonly tableIndex: number;
  /** Undefined when the offset is more than one i32.const. */
  offset: number | undefined;
  /** Undefined members stand for entries that are no plain function. */
  readonly functions: (number | undefined)[];
}

export interface DataModel {
  readonly isActive: boolean;
  readonly memoryIndex: number;
  /** Undefined when the offset is more than one i32.const. */
  offset: number | undefined;
  length: number;
}

/** A function with a body. */
export interface FunctionModel {
  /** Counted over imported and defined functions. */
  readonly index: number;
  /** How many locals it declares, and their types, each once. */
  readonly locals: number;
  readonly localTypes: ReadonlySet<number>;
  /** Offsets into the module: of the first instruction, and behind the last one. */
  readonly start: number;
  end: number;
  /** Codes of its instructions, each once. */
  readonly codes: Set<number>;
  /** Functions that it calls directly. */
  readonly calls: Set<number>;
  /** Types that it calls through a table. */
  readonly indirectCalls: Set<number>;
  /** Reads from or writes to a table or memory that is not the first one. */
  usesOther: boolean;
}

export interface CustomSection {
  /** Offset of the section into the module. */
  readonly at: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface SectionModel {
  readonly id: number;
  /** Offsets into the module: of the id, of the content, behind the content. */
  readonly start: number;
  readonly content: number;
  end: number;
}

export class ModuleModel {
  readonly sections: SectionModel[] = [];
  /** Undefined stands for a type that is no function type. */
  readonly types: (Signature | undefined)[] = [];
  readonly imports: ImportModel[] = [];
  /** Type index of each function, imported ones first. */
  readonly functionTypes: number[] = [];
  readonly functions: FunctionModel[] = [];
  readonly tables: { readonly isImported: boolean; readonly type: number }[] = [];
  readonly memories: MemoryModel[] = [];
  readonly globals: GlobalModel[] = [];
  readonly exports: ExportModel[] = [];
  readonly elements: ElementModel[] = [];
  readonly data: DataModel[] = [];
  readonly customs: CustomSection[] = [];
  start: number | undefined;
  /** Names of the imported functions, by index. */
  readonly importedFunctions: string[] = [];
  /** Exceptions: no rule allows them. */
  tags = 0;
  names: Names = { module: undefined, functions: new Map(), globals: new Map() };

  signatureOf(functionIndex: number): Signature | undefined {
    return this.types[this.functionTypes[functionIndex] ?? -1];
  }

  /** `function placeOrder`, or `function 12` where the module has no names. */
  functionPlace(index: number): string {
    return `function ${this.functionName(index)}`;
  }

  functionName(index: number): string {
    const name = this.names.functions.get(index);
    return name === undefined || name === "" ? String(index) : printable(name);
  }
}
