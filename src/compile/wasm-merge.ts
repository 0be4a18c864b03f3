/**
 * Core, handlers and driver become one module: binaryen's wasm-merge.
 *
 * Responsible for: running that program in this process, so that a second merge costs a tenth of the first.
 * Not responsible for: what the modules hold, or whether they fit (build.ts).
 *
 * The program is a script that compiles its own WebAssembly (9 MB), reads files and ends the process. It runs here with
 * a process and a compiler of its own: the end is an answer, and the compiled code is kept. A child process takes
 * 0.6 s each time.
 *
 * I1. What is merged stands in a temporary folder of its own, which is gone afterwards.
 */
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { toolFile } from "./tools.ts";

/** A module and the name under which the others import it. */
export interface MergedModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What the modules use of WebAssembly beyond its first version; the core says it to its compiler as well. */
const FEATURES = [
  "--enable-mutable-globals",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-bulk-memory",
  "--enable-simd",
];

const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

type Main = (
  module: object,
  require: NodeJS.Require,
  commonModule: object,
  process: object,
  webAssembly: object,
  console: object,
  folder: string,
  file: string,
) => void;

/** The part of the WebAssembly API that the program uses. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<object>;
}

export class WasmMerge {
  #main: Main | undefined;
  #compiled: Promise<object> | undefined;
  #prepared: Promise<unknown> | undefined;

  /** Loads and compiles the program ahead of the first merge. It goes on beside whatever is done meanwhile. */
  prepare(): void {
    if (this.#prepared !== undefined) return;
    this.#prepared = this.#merge([{ name: "empty", bytes: EMPTY_MODULE }]);
    // Whoever merges hears of a failure; a build that ends before that has reasons of its own.
    this.#prepared.catch(() => {});
  }

  /** Merges modules in this order; exports of all of them stay. @throws Error what wasm-merge objects to */
  async merge(modules: readonly MergedModule[]): Promise<Uint8Array> {
    this.prepare();
    await this.#prepared;
    return this.#merge(modules);
  }

  async #merge(modules: readonly MergedModule[]): Promise<Uint8Array> {
    const folder = mkdtempSync(join(tmpdir(), "statevec-merge-"));
    try {
      const inputs = modules.flatMap(({ name, bytes }) => {
        writeFileSync(join(folder, `${name}.wasm`), bytes);
        return [join(folder, `${name}.wasm`), name];
      });
      const output = join(folder, "merged.out");
      const { exitCode, text } = await this.#run([...inputs, "-o", output, "-g", ...FEATURES]);
      if (exitCode !== 0) throw new Error(`wasm-merge failed: ${text.trim()}`);
      return readFileSync(output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #run(args: readonly string[]): Promise<{ readonly exitCode: number; readonly text: string }> {
    const file = toolFile("binaryen/bin/wasm-merge");
    this.#main ??= load(file);
    return new Promise((resolve) => {
      const printed: string[] = [];
      const print = (text: unknown) => void printed.push(String(text));
      const end = (exitCode: number) => resolve({ exitCode, text: printed.join("") });
      this.#main!(
        {},
        requireFor(createRequire(file), print),
        {},
        processFor([process.execPath, file, ...args], end),
        this.#webAssembly(),
        { log: print, error: print, warn: print },
        dirname(file),
        file,
      );
    });
  }

  /** WebAssembly that compiles the program once. */
  #webAssembly(): object {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
    const instantiate = async (bytes: Uint8Array, imports: object) => {
      this.#compiled ??= WebAssembly.compile(bytes);
      const module = await this.#compiled;
      return { module, instance: await WebAssembly.instantiate(module, imports) };
    };
    return new Proxy(WebAssembly, {
      get: (target, name) => (name === "instantiate" ? instantiate : Reflect.get(target, name)),
    });
  }
}

/** The script as a function of what a script finds around itself. */
function load(file: string): Main {
  const text = readFileSync(file, "utf8").replace(/^#!.*/, "");
  const names = [
    "Module",
    "require",
    "module",
    "process",
    "WebAssembly",
    "console",
    "__dirname",
    "__filename",
  ];
  return new Function(...names, text) as Main;
}

/** The modules of Node, but that what goes to the terminal is kept. */
function requireFor(require: NodeJS.Require, print: (text: string) => void): NodeJS.Require {
  const files = new Proxy(fs, {
    get(target, name) {
      if (name !== "writeSync") return Reflect.get(target, name);
      return (descriptor: number, bytes: Uint8Array, offset: number, length: number, at: number) => {
        if (descriptor !== 1 && descriptor !== 2) return fs.writeSync(descriptor, bytes, offset, length, at);
        print(Buffer.from(bytes.subarray(offset, offset + length)).toString());
        return length;
      };
    },
  });
  const own = (name: string) => (name === "fs" || name === "node:fs" ? files : require(name));
  return own as NodeJS.Require;
}

/** This process, but for its arguments, and that its end is told to `end`. */
function processFor(argv: readonly string[], end: (exitCode: number) => void): object {
  return new Proxy(process, {
    get(target, name) {
      if (name === "argv") return argv;
      if (name === "exit") return end;
      // Handlers for errors that nobody else catches would stay behind.
      if (name === "on") return () => undefined;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, name, value) {
      if (name !== "exitCode") return Reflect.set(target, name, value);
      end(Number(value));
      return true;
    },
  });
}
