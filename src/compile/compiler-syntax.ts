/**
 * The parts of the AssemblyScript compiler that the passes of a build use, as types.
 *
 * Responsible for: the classes of the syntax tree, what makes nodes, and what the compiler says of types.
 * Not responsible for: loading the compiler (tools.ts).
 *
 * The compiler's own typings can not be imported: they declare globals (console, i32...) that would hide those of Node in
 * this whole project, and constants that only a type checker can read. What stands here holds for assemblyscript 0.28.
 */

// ---- sources and ranges ------------------------------------------------------------------------------------

export interface Source extends Node {
  /** `assembly/index.ts`, `~lib/array.ts`. */
  readonly normalizedPath: string;
  readonly text: string;
  readonly statements: Statement[];
}

export interface Range {
  readonly start: number;
  readonly end: number;
  source: Source;
}

export interface Parser {
  readonly sources: readonly Source[];
  /** Paths of files that were asked for, so that each is asked for once. */
  readonly seenlog: Set<string>;
  /** Paths of files to be asked for next. */
  readonly backlog: string[];
}

// ---- expressions -------------------------------------------------------------------------------------------

export interface Node {
  readonly kind: number;
  readonly range: Range;
}
export interface Expression extends Node {
  readonly isNumericLiteral: boolean;
}
export interface IdentifierExpression extends Expression {
  readonly text: string;
}
export interface BinaryExpression extends Expression {
  readonly operator: number;
  left: Expression;
  right: Expression;
}
export interface UnaryExpression extends Expression {
  readonly operator: number;
  operand: Expression;
}
export interface CallExpression extends Expression {
  expression: Expression;
  readonly args: Expression[];
}
export interface NewExpression extends Expression {
  readonly args: Expression[];
}
export interface PropertyAccessExpression extends Expression {
  expression: Expression;
  readonly property: IdentifierExpression;
}
export interface ElementAccessExpression extends Expression {
  expression: Expression;
  elementExpression: Expression;
}
/** Parenthesized, assertion (`<T>x`, `x as T`, `x!`), instanceof. */
export interface WrappingExpression extends Expression {
  expression: Expression;
}
export interface TernaryExpression extends Expression {
  condition: Expression;
  ifThen: Expression;
  ifElse: Expression;
}
/** Comma, template literal. */
export interface ListExpression extends Expression {
  expressions: Expression[];
}
export interface ArrayLiteralExpression extends Expression {
  readonly elementExpressions: Expression[];
}
export interface ObjectLiteralExpression extends Expression {
  readonly values: Expression[];
}
export interface IntegerLiteralExpression extends Expression {
  /** The 64 bits in two halves. */
  readonly value: { readonly low: number; readonly high: number };
}
/** A function or class as a value. */
export interface DeclarationExpression extends Expression {
  readonly declaration: Statement;
}

// ---- statements --------------------------------------------------------------------------------------------

export interface Statement extends Node {
  /** Keeps statements and expressions apart; no node has it. */
  readonly isStatement?: true;
}
/** A variable, a field, a parameter, a value of an enum. */
export interface Initialized {
  initializer: Expression | null;
}
export interface ExpressionStatement extends Statement {
  expression: Expression;
}
export interface VariableStatement extends Statement {
  readonly declarations: readonly (Statement & Initialized)[];
}
/** Return and throw. */
export interface ValueStatement extends Statement {
  value: Expression | null;
}
export interface BlockStatement extends Statement {
  readonly statements: Statement[];
}
/** A namespace or a class. */
export interface MembersStatement extends Statement {
  readonly members: Statement[];
}
export interface ExportDefaultStatement extends Statement {
  readonly declaration: Statement;
}
export interface FunctionDeclaration extends Statement {
  readonly signature: { readonly parameters: readonly Initialized[] };
  body: Statement | null;
}
export interface FieldDeclaration extends Statement, Initialized {}
export interface EnumDeclaration extends Statement {
  readonly values: readonly Initialized[];
}
export interface IfStatement extends Statement {
  condition: Expression;
  ifTrue: Statement;
  ifFalse: Statement | null;
}
/** While and do. */
export interface LoopStatement extends Statement {
  condition: Expression;
  body: Statement;
}
export interface ForStatement extends Statement {
  initializer: Statement | null;
  condition: Expression | null;
  incrementor: Expression | null;
  body: Statement;
}
export interface ForOfStatement extends Statement {
  iterable: Expression;
  body: Statement;
}
export interface SwitchStatement extends Statement {
  condition: Expression;
  readonly cases: readonly { label: Expression | null; readonly statements: Statement[] }[];
}
export interface TryStatement extends Statement {
  readonly bodyStatements: Statement[];
  readonly catchStatements: Statement[] | null;
  readonly finallyStatements: Statement[] | null;
}
export interface ImportStatement extends Statement {
  /** The path that the compiler looks for. */
  readonly internalPath: string;
}

// ---- types and calls ---------------------------------------------------------------------------------------

export interface Type {
  readonly isIntegerValue: boolean;
  readonly isSignedIntegerValue: boolean;
  /** In bits. */
  readonly size: number;
  isAssignableTo(target: Type): boolean;
  toString(): string;
}
export interface Flow {
  readonly contextualTypeArguments: ReadonlyMap<string, Type> | null;
}
/** A function before its type arguments are known, and one of its instances. */
export type FunctionPrototype = { readonly prototypeOfFunction?: never };
export type FunctionInstance = { readonly instanceOfFunction?: never };

export interface Resolver {
  maybeInferCall(
    node: CallExpression,
    prototype: FunctionPrototype,
    flow: Flow,
    mode?: number,
  ): FunctionInstance | null;
  resolveFunction(
    prototype: FunctionPrototype,
    typeArguments: readonly Type[],
    contextualTypes: Map<string, Type>,
    mode: number,
  ): FunctionInstance | null;
  resolveExpression(node: Expression, flow: Flow, context: Type, mode: number): Type | null;
}
export interface Program {
  readonly resolver: Resolver;
}

// ---- the command -------------------------------------------------------------------------------------------

/** A part of a source in what the command reports. */
export interface ReportedRange {
  readonly start: number;
  readonly end: number;
  readonly source: { readonly normalizedPath: string } | null;
}
export interface Diagnostic {
  readonly code: number;
  /** 0 pedantic, 1 information, 2 warning, 3 error. */
  readonly category: number;
  readonly message: string;
  readonly range: ReportedRange | null;
  readonly relatedRange: ReportedRange | null;
}
/** Passes of a compilation. */
export interface Transform {
  afterParse?(parser: Parser): void;
  afterInitialize?(program: Program): void;
}
export interface CommandOptions {
  readonly readFile: (name: string, directory: string) => string | null;
  readonly writeFile: (name: string, contents: Uint8Array | string, directory: string) => void;
  readonly listFiles: (directory: string, base: string) => string[];
  readonly reportDiagnostic: (diagnostic: Diagnostic) => void;
  readonly transforms: readonly Transform[];
}

/** The module `assemblyscript/asc`. */
export interface CompilerCommand {
  readonly version: string;
  /** Sources of the standard library by name without ending: `array`, `util/number`. */
  readonly libraryFiles: Readonly<Record<string, string>>;
  main(
    args: readonly string[],
    options: CommandOptions,
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

// ---- the module --------------------------------------------------------------------------------------------

/** A class of the compiler, for `instanceof`. */
type ClassOf<T> = abstract new (...parts: never[]) => T;

/** What makes nodes. */
interface NodeFactory {
  createIdentifierExpression(text: string, range: Range): IdentifierExpression;
  createStringLiteralExpression(text: string, range: Range): Expression;
  createIntegerLiteralExpression(value: IntegerLiteralExpression["value"], range: Range): Expression;
  createUnaryPrefixExpression(operator: number, operand: Expression, range: Range): Expression;
  createBinaryExpression(operator: number, left: Expression, right: Expression, range: Range): Expression;
  createParenthesizedExpression(inner: Expression, range: Range): Expression;
  createCallExpression(
    callee: Expression,
    typeArguments: null,
    operands: Expression[],
    range: Range,
  ): CallExpression;
  createPropertyAccessExpression(
    object: Expression,
    property: IdentifierExpression,
    range: Range,
  ): Expression;
  createElementAccessExpression(object: Expression, index: Expression, range: Range): Expression;
  createExpressionStatement(expression: Expression): Statement;
  createBlockStatement(statements: Statement[], range: Range): Statement;
  createVariableStatement(decorators: null, declarations: Statement[], range: Range): Statement;
  createVariableDeclaration(
    name: Expression,
    decorators: null,
    flags: number,
    type: null,
    initializer: Expression,
    range: Range,
  ): Statement;
  createImportDeclaration(foreignName: Expression, name: Expression, range: Range): Statement;
  createImportStatement(declarations: Statement[], path: Expression, range: Range): ImportStatement;
}

/** The module `assemblyscript`. */
export interface CompilerSyntax {
  readonly Node: NodeFactory;
  readonly Range: new (start: number, end: number) => Range;
  readonly Token: { readonly Equals: number; readonly Plus: number; readonly Minus: number };
  readonly CommonFlags: { readonly Const: number };
  readonly ReportMode: { readonly Report: number; readonly Swallow: number };
  readonly Type: { readonly auto: Type };
  /** The text of an operator: `+=`. */
  operatorTokenToString(operator: number): string;

  readonly ArrayLiteralExpression: ClassOf<ArrayLiteralExpression>;
  readonly AssertionExpression: ClassOf<WrappingExpression>;
  readonly BinaryExpression: ClassOf<BinaryExpression>;
  readonly CallExpression: ClassOf<CallExpression>;
  readonly ClassExpression: ClassOf<DeclarationExpression>;
  readonly CommaExpression: ClassOf<ListExpression>;
  readonly ElementAccessExpression: ClassOf<ElementAccessExpression>;
  readonly FunctionExpression: ClassOf<DeclarationExpression>;
  readonly IdentifierExpression: ClassOf<IdentifierExpression>;
  readonly InstanceOfExpression: ClassOf<WrappingExpression>;
  readonly IntegerLiteralExpression: ClassOf<IntegerLiteralExpression>;
  readonly NewExpression: ClassOf<NewExpression>;
  readonly ObjectLiteralExpression: ClassOf<ObjectLiteralExpression>;
  readonly ParenthesizedExpression: ClassOf<WrappingExpression>;
  readonly PropertyAccessExpression: ClassOf<PropertyAccessExpression>;
  readonly TemplateLiteralExpression: ClassOf<ListExpression>;
  readonly TernaryExpression: ClassOf<TernaryExpression>;
  readonly UnaryExpression: ClassOf<UnaryExpression>;
  readonly UnaryPostfixExpression: ClassOf<UnaryExpression>;
  readonly UnaryPrefixExpression: ClassOf<UnaryExpression>;

  readonly BlockStatement: ClassOf<BlockStatement>;
  readonly ClassDeclaration: ClassOf<MembersStatement>;
  readonly DoStatement: ClassOf<LoopStatement>;
  readonly EnumDeclaration: ClassOf<EnumDeclaration>;
  readonly ExportDefaultStatement: ClassOf<ExportDefaultStatement>;
  readonly ExpressionStatement: ClassOf<ExpressionStatement>;
  readonly FieldDeclaration: ClassOf<FieldDeclaration>;
  readonly ForOfStatement: ClassOf<ForOfStatement>;
  readonly ForStatement: ClassOf<ForStatement>;
  readonly FunctionDeclaration: ClassOf<FunctionDeclaration>;
  readonly IfStatement: ClassOf<IfStatement>;
  readonly NamespaceDeclaration: ClassOf<MembersStatement>;
  readonly ReturnStatement: ClassOf<ValueStatement>;
  readonly SwitchStatement: ClassOf<SwitchStatement>;
  readonly ThrowStatement: ClassOf<ValueStatement>;
  readonly TryStatement: ClassOf<TryStatement>;
  readonly VariableStatement: ClassOf<VariableStatement>;
  readonly VoidStatement: ClassOf<ExpressionStatement>;
  readonly WhileStatement: ClassOf<LoopStatement>;
}
