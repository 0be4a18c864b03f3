/**
 * Compiling a few lines against the SDK and running them without a core.
 *
 * Responsible for: the compiler flags of a handler module, an environment that counts what is asked of it, and what
 * came of a call: a value, a fault, a trap.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as abi from "../../assembly/abi.ts";

const SDK = fileURLToPath(new URL("../../assembly/sdk", import.meta.url));

/** What is used of the compiler. Its own typings declare globals that hide those of Node. */
interface Compiler {
  main(
    args: readonly string[],
    io: {
      readFile(name: string, folder: string): Promise<string | null>;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): null;
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

/** The part of WebAssembly that is used; Node's typings leave it to those of browsers. */
interface WebAssemblyApi {
  readonly Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly RuntimeError: new () => Error;
}

const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };

/** Allocates by `opAllocate` alone: no collector, no mutable global. */
const RUNTIME = `
@external("env", "opAllocate") declare function allocate(bytes: u32): usize;
// @ts-ignore: decorator
@global export function __new(size: usize, id: u32): usize {
  const at = allocate(<u32>size + 24);
  store<u32>(at + 16, id);
  store<u32>(at + 20, <u32>size);
  return at + 24;
}
// @ts-ignore: decorator
@global export function __renew(at: usize, size: usize): usize {
  const next = __new(size, load<u32>(at - 8));
  memory.copy(next, at, min<usize>(size, load<u32>(at - 4)));
  return next;
}
// @ts-ignore: decorator
@global export function __link(parent: usize, child: usize, expect: bool): void {}
// @ts-ignore: decorator
@global export function __pin(at: usize): usize { return at; }
// @ts-ignore: decorator
@global export function __unpin(at: usize): void {}
// @ts-ignore: decorator
@global export function __collect(): void {}
`;

/** A runtime of one's own gets a shadow stack, and so a mutable global, unless the size of the stack says none. */
const CONFIG = JSON.stringify({ options: { stackSize: -1 } });

/** What came of a call: its result, or how it ended. */
export type Answer<T> = T | "OVERFLOW" | "TRAP";

export interface HandlerModule {
  readonly text: string;
  readonly memory: DataView;
  /** How many allocations the last call made. */
  readonly allocations: number;
  /** Calls an export in a fresh arena. */
  call(name: string, ...values: (bigint | number)[]): Answer<bigint | number>;
}

/**
 * @param source of a module in assembly/sdk, so that it imports "./num"
 * @throws Error with what the compiler said
 */
export async function compileAgainstSdk(source: string): Promise<HandlerModule> {
  const virtual = new Map([
    [resolve(SDK, "program-under-test.ts"), source],
    [resolve(SDK, "runtime-under-test.ts"), RUNTIME],
    [resolve(SDK, "config-under-test.json"), CONFIG],
  ]);
  const written = new Map<string, string | Uint8Array>();
  const specifier: string = "assemblyscript/asc";
  const compiler: Compiler = await import(specifier);
  const { error, stderr } = await compiler.main(
    [
      ["program-under-test.ts", "--runtime", "runtime-under-test", "--config", "config-under-test.json"],
      ["--baseDir", SDK, "--use", "abort=", "--disable", "bulk-memory"],
      ["--importMemory", "--noExportMemory", "--initialMemory", "16"],
      ["--memoryBase", String(abi.HANDLER_DATA_START), "-O1", "-o", "out.wasm", "-t", "out.wat"],
    ].flat(),
    {
      readFile: async (name, folder) => {
        const path = resolve(folder, name);
        return virtual.get(path) ?? (await readFile(path, "utf8").catch(() => null));
      },
      writeFile: (name, contents) => void written.set(name, contents),
      listFiles: () => null,
    },
  );
  if (error) throw new Error(stderr.toString() || error.message);
  return run(written.get("out.wasm") as Uint8Array, written.get("out.wat") as string);
}

function run(bytes: Uint8Array, text: string): HandlerModule {
  const memory = new WebAssembly.Memory({ initial: 16 });
  const view = new DataView(memory.buffer);
  let fault: string | undefined;
  let top = 0;
  let allocations = 0;
  const env = {
    memory,
    opFault(code: number, detail: number) {
      fault ??= code === abi.CODE_OVERFLOW && detail === 0 ? "OVERFLOW" : `fault ${code} ${detail}`;
    },
    opAllocate(size: number) {
      allocations++;
      const at = top;
      top += (size + 15) & ~15;
      return at;
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  return {
    text,
    memory: view,
    get allocations() {
      return allocations;
    },
    call(name, ...values) {
      fault = undefined;
      top = abi.ARENA_START;
      allocations = 0;
      try {
        const result = (exports[name] as (...values: unknown[]) => bigint | number)(...values);
        if (fault !== undefined) throw new Error(`${name} went on behind ${fault}`);
        return result;
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        return (fault ?? "TRAP") as Answer<never>;
      }
    },
  };
}
