/**
 * The language of random handlers: expressions with a type, statements over records.
 *
 * Responsible for: what a program can say. It says it once, and is printed for both lanes. Arithmetic that may leave its
 * type is `num`, or an operator that the sealed lane checks and the open lane has no word for but `num`.
 * Not responsible for: which programs there are (generate-program.ts), how they look (print-open.ts, print-sealed.ts).
 *
 * I1. Every name is given once in a program. I2. Loops are bounded, by the program or by the budget of work.
 */

/** Timestamps, refs and SysIds are u64, narrow decimals i64, wide ones i128. */
export type Type = "u64" | "i64" | "u128" | "i128" | "u32" | "bool" | "side" | "text" | "bytes";
export type Numeric = "u64" | "i64" | "u128" | "i128";
export type Verb = "add" | "sub" | "mul" | "div" | "mulDiv" | "rescale";
export type Mode = "truncate" | "floor" | "ceil" | "halfUp" | "halfEven";
export type Literal = bigint | number | boolean | string;

export type Expression =
  | { readonly is: "literal"; readonly type: Type; readonly value: Literal }
  | { readonly is: "payload"; readonly type: Type; readonly field: string }
  | { readonly is: "payloadOr"; readonly type: Type; readonly field: string; readonly other: Expression }
  | { readonly is: "payloadHas"; readonly type: "bool"; readonly field: string }
  | { readonly is: "item"; readonly type: "u64"; readonly index: Expression }
  | { readonly is: "items"; readonly type: "u32" }
  | { readonly is: "local"; readonly type: Type; readonly name: string }
  | { readonly is: "field"; readonly type: Type; readonly record: string; readonly field: string }
  | {
      readonly is: "fieldOr";
      readonly type: Type;
      readonly record: string;
      readonly field: string;
      readonly other: Expression;
    }
  | { readonly is: "fieldHas"; readonly type: "bool"; readonly record: string; readonly field: string }
  | { readonly is: "num"; readonly type: Numeric; readonly call: NumCall }
  | {
      readonly is: "operator";
      readonly type: Numeric;
      readonly verb: "add" | "sub" | "mul";
      readonly values: readonly Expression[];
    }
  | {
      readonly is: "divide";
      readonly type: "u64";
      readonly sign: "/" | "%";
      readonly values: readonly Expression[];
    }
  | {
      readonly is: "compare";
      readonly type: "bool";
      readonly sign: "==" | "!=" | "<" | "<=";
      readonly values: readonly Expression[];
    }
  | {
      readonly is: "logic";
      readonly type: "bool";
      readonly sign: "&&" | "||";
      readonly values: readonly Expression[];
    }
  | { readonly is: "not"; readonly type: "bool"; readonly value: Expression }
  | { readonly is: "convert"; readonly type: Type; readonly value: Expression }
  | { readonly is: "count"; readonly type: "u32"; readonly range: Range; readonly limit: Expression }
  | { readonly is: "exists"; readonly type: "bool"; readonly lookup: Lookup }
  | { readonly is: "context"; readonly type: "u64"; readonly what: "seq" | "timeNs" | "source" };

export interface NumCall {
  readonly verb: Verb;
  readonly values: readonly Expression[];
  /** Of rescale. */
  readonly scales: readonly [number, number];
  readonly mode: Mode;
}

/** By SysId, or by a unique key. */
export interface Lookup {
  readonly kind: string;
  readonly key: string | null;
  readonly values: readonly Expression[];
}

export type BoundName = "from" | "to" | "after" | "before";
/** A value of a segment; null is the absent one. */
export interface Segment {
  readonly field: string;
  readonly value: Expression | null;
}
export interface Range {
  readonly kind: string;
  readonly index: string;
  readonly prefix: readonly Segment[];
  readonly bounds: readonly (Segment & { readonly bound: BoundName })[];
}

/** A field and its new value; null is the absent one. */
export interface Assignment {
  readonly field: string;
  readonly value: Expression | null;
}

export type Statement =
  | { readonly does: "let"; readonly name: string; readonly value: Expression }
  | { readonly does: "accumulate"; readonly name: string; readonly value: Expression }
  | { readonly does: "see"; readonly value: Expression }
  | { readonly does: "seeRecord"; readonly kind: string; readonly record: string }
  | { readonly does: "get"; readonly lookup: Lookup; readonly name: string }
  | (Maybe & { readonly does: "find"; readonly lookup: Lookup })
  | (Maybe & { readonly does: "edge"; readonly verb: "first" | "last"; readonly range: Range })
  | (Maybe & {
      readonly does: "near";
      readonly verb: "next" | "prev";
      readonly kind: string;
      readonly index: string;
      readonly record: string;
    })
  | {
      readonly does: "scan";
      readonly range: Range;
      readonly reverse: boolean;
      readonly limit: Expression | null;
      readonly name: string;
      readonly body: readonly Statement[];
      /** Leaves the loop early. */
      readonly until: Expression | null;
    }
  | {
      readonly does: "create";
      readonly kind: string;
      readonly name: string;
      readonly values: readonly Assignment[];
    }
  | {
      readonly does: "update";
      readonly kind: string;
      readonly record: string;
      readonly values: readonly Assignment[];
      readonly name: string;
    }
  | { readonly does: "delete"; readonly record: string }
  | {
      readonly does: "emit";
      readonly event: string;
      readonly values: readonly Assignment[];
      readonly list: readonly Expression[];
    }
  | {
      readonly does: "reject";
      readonly code: string;
      readonly values: readonly Assignment[];
      /** Sealed handlers that forget to return go on; what they do then is lost. */
      readonly returns: boolean;
    }
  | {
      readonly does: "if";
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly does: "repeat";
      readonly times: Expression;
      readonly name: string;
      readonly body: readonly Statement[];
    }
  /** Opens cursors and leaves them open. */
  | { readonly does: "hold"; readonly range: Range; readonly times: number; readonly name: string }
  | { readonly does: "trap"; readonly how: "null" | "assert"; readonly name: string };

/** What is done with a record that may not be there. */
interface Maybe {
  readonly name: string;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[];
}

/** The handler of one command. */
export interface Program {
  readonly command: string;
  readonly body: readonly Statement[];
}
