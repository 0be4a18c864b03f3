/** Running a handler module without a core: stubs in place of the operations. */

interface Memory {
  readonly buffer: ArrayBuffer;
}
interface Global {
  value: number;
}
/** The part of the WebAssembly API that is used here; the types of this package need no DOM library. */
interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: any };
  readonly Memory: new (limits: { readonly initial: number }) => Memory;
  readonly Global: new (type: { readonly value: "i32"; readonly mutable: true }, value: number) => Global;
  readonly RuntimeError: new () => Error;
}
const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: Api };

export interface Run {
  /** Runs one command; "trapped" is any trap. */
  call(kind: number, payload: number): "returned" | "trapped";
  /** What is left of the budget. */
  fuel: number;
  /** How often opFuelExhausted was called. */
  readonly exhausted: number;
  /** Operations that were called, with their arguments. */
  readonly calls: readonly string[];
  word(address: number): number;
}

/** @param pages of memory, touched before anything runs, so that time is that of the handler alone */
export function start(
  bytes: Uint8Array,
  options: { readonly fuel: number; readonly pages?: number; readonly quiet?: boolean },
): Run {
  const memory = new api.Memory({ initial: options.pages ?? 32 });
  const fuel = new api.Global({ value: "i32", mutable: true }, options.fuel);
  const calls: string[] = [];
  let exhausted = 0;
  const record = (name: string, answer: unknown) => {
    if (options.quiet) return () => answer;
    return (...values: unknown[]) => {
      calls.push(`${name}(${values.join(", ")})`);
      return answer;
    };
  };
  const env = {
    memory,
    fuel,
    opSeq: record("opSeq", 11n),
    opGet: record("opGet", 77),
    opClear: record("opClear", undefined),
    opFuelExhausted: () => {
      exhausted += 1;
    },
  };
  const { exports } = new api.Instance(new api.Module(bytes), { env });
  return {
    call(kind, payload) {
      try {
        exports.run(kind, payload);
        return "returned";
      } catch (error) {
        if (error instanceof api.RuntimeError) return "trapped";
        throw error;
      }
    },
    get fuel() {
      return fuel.value;
    },
    set fuel(value) {
      fuel.value = value;
    },
    get exhausted() {
      return exhausted;
    },
    calls,
    word: (address) => new DataView(memory.buffer).getInt32(address, true),
  };
}
