/**
 * The syntax tree of the AssemblyScript compiler, as far as the source rules read it.
 *
 * Responsible for: the shapes and numbers of the compiler's nodes. The compiler is an optional dependency, its
 * typings declare globals that clash with those of Node, and its numbers are ambient const enums; so what is used
 * stands here, and a test compares it with the compiler that is installed.
 * Source: assemblyscript 0.28.20, `NodeKind`, `LiteralKind`, `DecoratorKind`, `CommonFlags`, `Token`.
 */

/** The release whose numbers these are. */
export const COMPILER_VERSION = "0.28.20";

export const NODE = {
  Source: 0,
  NamedType: 1,
  TypeName: 4,
  Parameter: 6,
  Identifier: 7,
  Assertion: 8,
  Binary: 9,
  Call: 10,
  Class: 11,
  False: 14,
  Literal: 17,
  Null: 19,
  Parenthesized: 21,
  PropertyAccess: 22,
  True: 26,
  UnaryPostfix: 28,
  UnaryPrefix: 29,
  Empty: 35,
  Export: 36,
  ExportDefault: 37,
  ExportImport: 38,
  Import: 43,
  Variable: 48,
  Module: 51,
  ClassDeclaration: 52,
  EnumDeclaration: 53,
  EnumValueDeclaration: 54,
  FieldDeclaration: 55,
  FunctionDeclaration: 56,
  InterfaceDeclaration: 58,
  NamespaceDeclaration: 60,
  TypeDeclaration: 61,
  VariableDeclaration: 62,
  Decorator: 63,
  ExportMember: 64,
} as const;

export const LITERAL = { Float: 0, Integer: 1, String: 2, Template: 3 } as const;

export const DECORATOR = {
  Operator: 2,
  OperatorBinary: 3,
  OperatorPrefix: 4,
  OperatorPostfix: 5,
  Unmanaged: 6,
  Final: 7,
  Inline: 8,
} as const;

export const FLAG = { Declare: 4, Const: 8, Static: 32, Readonly: 64 } as const;

export const TOKEN = {
  Plus: 81,
  Minus: 82,
  Asterisk: 84,
  Plus_Plus: 87,
  Minus_Minus: 88,
  Exclamation: 95,
  Tilde: 96,
  Plus_Equals: 102,
  Minus_Equals: 103,
  Asterisk_Equals: 104,
} as const;

/** Any node. Its other members are nodes, arrays of nodes, or plain values, by kind. */
export interface SyntaxNode {
  readonly kind: number;
  readonly range: { readonly start: number; readonly end: number };
}

export interface Source extends SyntaxNode {
  /** `assembly/index.ts`; in packages and the standard library it starts with `~lib/`. */
  readonly normalizedPath: string;
  readonly text: string;
  readonly statements: readonly SyntaxNode[];
}

export interface Identifier extends SyntaxNode {
  readonly text: string;
}

export interface Declaration extends SyntaxNode {
  readonly name: Identifier;
  readonly flags: number;
}

export interface VariableLike extends Declaration {
  readonly initializer: SyntaxNode | null;
}

export interface TypeName extends SyntaxNode {
  readonly identifier: Identifier;
}

export interface PropertyAccess extends SyntaxNode {
  readonly expression: SyntaxNode;
  readonly property: Identifier;
}

/** Import or export of names from a path. */
export interface PathStatement extends SyntaxNode {
  /** Without extension, resolved: `~lib/builtins`. */
  readonly internalPath: string | null;
}

export function isNode(value: unknown): value is SyntaxNode {
  const node = value as Partial<SyntaxNode> | null | undefined;
  return (
    typeof node === "object" && node !== null && typeof node.kind === "number" && node.range !== undefined
  );
}

export function isKind<T extends SyntaxNode>(node: SyntaxNode | null | undefined, kind: number): node is T {
  return node?.kind === kind;
}

/** A node below another one, and the member that holds it. */
export interface Child {
  readonly node: SyntaxNode;
  readonly member: string;
}

/** The nodes right below a node, in the order of its members. */
export function childrenOf(node: SyntaxNode): Child[] {
  const children: Child[] = [];
  for (const [member, value] of Object.entries(node)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNode(item)) children.push({ node: item, member });
    }
  }
  return children;
}

/** `assembly/index.ts:12:7`: line and column count from 1. */
export function placeAt(source: Source, offset: number): string {
  const before = source.text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return `${source.normalizedPath}:${line}:${offset - lineStart + 1}`;
}
