/**
 * The runtime half of as-bind 0.8.2, as far as it is used. The package's own declaration says `any`.
 */
declare module "#as-bind" {
  /** An instance with its exports bound to strings and arrays. */
  export interface Binding {
    /** Functions that the module's bindings list take and give values; all other exports are as they are. */
    readonly exports: Readonly<Record<string, any>>;
    /** Class id of a type by its AssemblyScript name. */
    getTypeId(type: string): number;
  }

  /** Brings values of one type across. `type` is the AssemblyScript name. */
  export interface Converter {
    ascToJs(binding: Binding, value: any, type: string): unknown;
    jsToAsc(binding: Binding, value: any, type: string): unknown;
  }

  /** Of all bindings, asked in order: by name, or by what a name looks like. */
  export const converters: Map<string | RegExp, Converter>;

  /** Compiles and instantiates a module that has the section `as-bind_bindings`. */
  export function instantiate(source: Uint8Array, imports: object): Promise<Binding>;
}
