/**
 * Keys of phantom members.
 *
 * Responsible for: the unique symbols under which a definition carries its derived types, so that `tx` looks a type
 * up (`D[typeof TAKES]`) and never infers it backwards.
 * Not responsible for: anything at run time; no definition has such a property.
 *
 * Invariant: I1 this module is not in the package's `exports`: editors then do not offer the symbols.
 */
export declare const VALUE: unique symbol;
export declare const VIEW: unique symbol;
export declare const TAKES: unique symbol;
export declare const PATCH: unique symbol;
export declare const KEY: unique symbol;
export declare const PREFIX: unique symbol;
export declare const DETAIL: unique symbol;
export declare const BRAND: unique symbol;
