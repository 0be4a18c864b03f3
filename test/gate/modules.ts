/**
 * Modules for the gate to judge.
 *
 * Responsible for: handler modules from WebAssembly text, modules byte by byte for what no tool would write, sources
 * through the compiler.
 */
import binaryen from "assemblyscript/binaryen";
import { ByteWriter } from "../../src/gate/byte-writer.ts";
import { checkSources, type Finding, listRawArithmetic, type Source } from "../../src/gate/index.ts";

/** The module around what a test is about: memory, entry, one function that is called. */
export interface Parts {
  readonly imports?: string;
  readonly fields?: string;
  /** Body of `run`; its parameters are 0 and 1, its locals $x (i32), $y (i64), $v (v128). */
  readonly run?: string;
  readonly memory?: string;
  readonly exports?: string;
}

export function handlerText({ imports = "", fields = "", run = "", memory, exports }: Parts): string {
  return `(module
    (import "env" "opSeq" (func $opSeq (result i64)))
    ${imports}
    ${memory ?? '(import "env" "memory" (memory 16))'}
    ${fields}
    (func $run (param i32 i32) (local $x i32) (local $y i64) (local $v v128) ${run})
    ${exports ?? '(export "run" (func $run))'}
  )`;
}

/** The bytes of a module in WebAssembly text, with its names. */
export function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All & ~binaryen.Features.GC);
    const hadNames = binaryen.getDebugInfo();
    binaryen.setDebugInfo(true);
    const bytes = module.emitBinary();
    binaryen.setDebugInfo(hadNames);
    return bytes;
  } finally {
    module.dispose();
  }
}

export function handlers(parts: Parts): Uint8Array {
  return assemble(handlerText(parts));
}

// ---- byte by byte ----------------------------------------------------------------------------------------

export function section(id: number, content: Uint8Array | readonly number[]): Uint8Array {
  return new ByteWriter().byte(id).sized(new Uint8Array(content)).take();
}

export function named(name: string): Uint8Array {
  return new ByteWriter().sized(new TextEncoder().encode(name)).take();
}

export function concatenated(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const out = new ByteWriter();
  for (const part of parts) out.bytes(new Uint8Array(part));
  return out.take();
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32 = 0x7f;

interface RawParts {
  readonly tables?: Uint8Array;
  readonly memories?: Uint8Array;
  /** Sections between the exports and the code. */
  readonly elements?: Uint8Array;
  readonly customs?: Uint8Array;
  /** Instructions of further functions, without parameters and results; they count from 1. */
  readonly others?: readonly (readonly number[])[];
}

/** A handler module around the instructions of `run`, byte by byte. */
export function rawHandlers(code: readonly number[], parts: RawParts = {}): Uint8Array {
  const none: number[] = [];
  const { tables = none, memories = none, elements = none, customs = none, others = [] } = parts;
  const bodies = new ByteWriter().unsigned(1 + others.length);
  for (const body of [code, ...others]) bodies.sized(new Uint8Array([0x00, ...body, 0x0b]));
  const types = new ByteWriter().unsigned(1 + others.length).byte(0);
  for (const _ of others) types.byte(1);
  return concatenated(
    HEADER,
    section(1, [2, 0x60, 2, I32, I32, 0, 0x60, 0, 0]),
    section(2, concatenated([1], named("env"), named("memory"), [0x02, 0x00, 0x10])),
    section(3, types.take()),
    tables,
    memories,
    section(7, concatenated([1], named("run"), [0x00, 0x00])),
    elements,
    section(10, bodies.take()),
    customs,
  );
}

/** `call INDEX` */
export function callOf(index: number): number[] {
  return [...new ByteWriter().byte(0x10).unsigned(index).take()];
}

// ---- sources ---------------------------------------------------------------------------------------------

/** The source under test. */
export const ENTRY = "assembly/index.ts";
const SDK = "export class Row {}\nexport function view(): Row { return changetype<Row>(0); }\n";

/** Files beside the one under test: SDK, generated classes, a package, by the name the compiler asks for. */
const AROUND: Readonly<Record<string, string>> = {
  "node_modules/statevec/assembly/index.ts": SDK,
  "node_modules/statevec/assembly/runtime.ts": "export let offset: usize = 0;\n",
  "build/shop.schema.ts": "export let counter: u64 = 0;\nexport enum Side { Bid = 1, Ask = 2 }\n",
  "node_modules/helpers/index.ts": "export function peek(at: usize): u32 { return load<u32>(at); }\n",
};

interface SourceReport {
  readonly findings: readonly Finding[];
  readonly arithmetic: readonly Finding[];
  /** What the compiler itself said. */
  readonly diagnostics: string;
}

/** Parses a source and everything it imports, and judges the user's part in `afterParse`, as a build does. */
export async function judge(text: string): Promise<SourceReport> {
  // The compiler's typings declare a global console of their own, so they stay out of this program.
  const { default: asc, libraryFiles } = await import("assemblyscript/asc" as string);
  const { Transform } = await import("assemblyscript/transform" as string);
  let findings: readonly Finding[] = [];
  let arithmetic: readonly Finding[] = [];
  class Judge extends Transform {
    afterParse(parser: { readonly sources: readonly Source[] }): void {
      const options = { generated: new Set(["build/shop.schema.ts"]), standard: Object.keys(libraryFiles) };
      findings = checkSources(parser.sources, options);
      arithmetic = listRawArithmetic(parser.sources, options);
    }
  }
  const files: Readonly<Record<string, string>> = { ...AROUND, [ENTRY]: text };
  const { stderr } = await asc.main([ENTRY, "--runtime", "stub", "--noEmit"], {
    readFile: (name: string) => files[name.replace(/^\.\//, "")] ?? null,
    writeFile: () => {},
    listFiles: () => [],
    transforms: [Judge],
  });
  return { findings, arithmetic, diagnostics: String(stderr) };
}
