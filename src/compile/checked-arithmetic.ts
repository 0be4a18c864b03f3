/**
 * The compiler pass that makes `+`, `-` and `*` of sealed sources record OVERFLOW and trap instead of wrapping.
 *
 *     total + order.quantity         ->  checkedAdd(total, order.quantity)
 *     maker.remaining -= quantity    ->  maker.remaining = checkedSub(maker.remaining, quantity)
 *     next().count++;                ->  { const object = next(); object.count = checkedAdd(object.count, 1); }
 *     24 * 60 * 60 * 1_000_000_000   ->  86400000000000
 *
 * Responsible for: the rewriting of the syntax tree after parsing; arithmetic of literals, done here and exactly.
 * Not responsible for: the type an operation is done in (checked-types.ts), the checks at run time
 * (assembly/sdk/checked.ts).
 *
 * I1. What the source evaluates once is evaluated once, in the same order. Where the tree can not say that, the source
 *     is refused at its line. (The one exception: an object that the value of its own update assigns,
 *     `o.n += (o = p).n`, as the compiler itself has it.)
 * I2. Each new node carries the range of the source it stands for, so that later errors point there.
 * I3. Nothing but these operators changes: comparisons, shifts, division and bit operations stay as they are.
 */
import { type CheckedCalls, resolveCheckedCalls } from "./checked-types.ts";
import type * as Syntax from "./compiler-syntax.ts";
import type { CompilerSyntax, Expression } from "./compiler-syntax.ts";
import { SyntaxRewriter } from "./syntax-rewriter.ts";

/** Where the functions stand. */
const CHECKED_MODULE = "statevec/assembly/sdk/checked";

/** The function behind each operator, and the operator's sign in messages. */
const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ["+", "checkedAdd"],
  ["-", "checkedSub"],
  ["*", "checkedMul"],
]);
const NEGATE = "checkedNegate";

/** Local names that no source can write, so that nothing is hidden by them and they hide nothing. */
const localName = (name: string): string => `~${name}`;

const INTEGER_MIN = -(1n << 63n);
const INTEGER_MAX = (1n << 64n) - 1n;

/** Something to say about a place in a source. */
export interface SourceRemark {
  readonly range: Syntax.Range;
  readonly message: string;
}

export interface CheckedArithmeticOptions {
  /** Whether the source of this path, as the compiler names it, is to be checked. */
  readonly isChecked: (path: string) => boolean;
  /** Takes what makes the sources unfit; the build has failed then. */
  readonly report: (remark: SourceRemark) => void;
}

/** @returns a transform for `asc.main({ transforms: [...] })`; good for one compilation */
export function checkedArithmetic(syntax: CompilerSyntax, options: CheckedArithmeticOptions) {
  const calls: CheckedCalls = new Map();
  return {
    afterParse(parser: Syntax.Parser): void {
      for (const source of parser.sources) {
        if (!options.isChecked(source.normalizedPath)) continue;
        const rewriter = new CheckedArithmetic(syntax, calls, options.report);
        rewriter.source(source);
        if (rewriter.used.size > 0) importFunctions(syntax, parser, source, rewriter.used);
      }
    },
    afterInitialize(program: Syntax.Program): void {
      resolveCheckedCalls(syntax, program, calls, options.report);
    },
  };
}

/** Puts `import { checkedAdd as ~checkedAdd } from "statevec/assembly/sdk/checked"` in front of a source. */
function importFunctions(
  syntax: CompilerSyntax,
  parser: Syntax.Parser,
  source: Syntax.Source,
  names: ReadonlySet<string>,
): void {
  const { Node } = syntax;
  const range = new syntax.Range(0, 0);
  range.source = source;
  const identifier = (name: string) => Node.createIdentifierExpression(name, range);
  const declarations = [...names].map((name) =>
    Node.createImportDeclaration(identifier(name), identifier(localName(name)), range),
  );
  const path = Node.createStringLiteralExpression(CHECKED_MODULE, range);
  const statement = Node.createImportStatement(declarations, path, range);
  source.statements.unshift(statement);
  if (parser.seenlog.has(statement.internalPath)) return;
  parser.seenlog.add(statement.internalPath);
  parser.backlog.push(statement.internalPath);
}

class CheckedArithmetic extends SyntaxRewriter {
  /** Names of the functions that the source needs. */
  readonly used = new Set<string>();
  readonly #calls: CheckedCalls;
  readonly #report: CheckedArithmeticOptions["report"];

  constructor(syntax: CompilerSyntax, calls: CheckedCalls, report: CheckedArithmeticOptions["report"]) {
    super(syntax);
    this.#calls = calls;
    this.#report = report;
  }

  // ---- statements ------------------------------------------------------------------------------------------

  override statement(node: Syntax.Statement): Syntax.Statement {
    if (!(node instanceof this.syntax.ExpressionStatement)) return super.statement(node);
    const update = this.#updateOf(node.expression);
    if (update && !this.#isRepeatable(update.target)) return this.#updateOnce(update);
    node.expression = this.unusedExpression(node.expression);
    return node;
  }

  /** Values of an enum are constants of their own kind: there is nothing to run. */
  override enumeration(node: Syntax.EnumDeclaration): void {
    for (const value of node.values) {
      const constant = value.initializer && this.#constantOf(value.initializer);
      if (constant !== null && constant !== undefined)
        value.initializer = this.#literal(constant, value.initializer!.range);
    }
  }

  // ---- expressions -----------------------------------------------------------------------------------------

  override unusedExpression(node: Expression): Expression {
    if (node instanceof this.syntax.CommaExpression) {
      node.expressions = node.expressions.map((one) => this.unusedExpression(one));
      return node;
    }
    const update = this.#updateOf(node);
    return update ? this.#assignment(update) : this.expression(node);
  }

  override expression(node: Expression): Expression {
    const { syntax } = this;
    const update = this.#updateOf(node);
    if (update) {
      const assigned = this.#assignment(update);
      return update.isPostfix ? this.#before(assigned, update) : assigned;
    }
    if (node instanceof syntax.BinaryExpression) return this.#binary(node);
    if (node instanceof syntax.UnaryPrefixExpression) return this.#prefix(node);
    return super.expression(node);
  }

  #binary(node: Syntax.BinaryExpression): Expression {
    const operator = this.syntax.operatorTokenToString(node.operator);
    if (operator === "**" || operator === "**=") {
      const message = `${operator} wraps without a trace; multiply step by step, or use num`;
      this.#report({ range: node.range, message });
      return node;
    }
    const name = FUNCTIONS.get(operator);
    if (name === undefined) return super.expression(node);
    const constant = this.#constantOf(node);
    if (constant !== undefined) return this.#literal(constant, node.range);
    super.expression(node);
    return this.#call(name, operator, [node.left, node.right], node.range);
  }

  #prefix(node: Syntax.UnaryExpression): Expression {
    const operator = this.syntax.operatorTokenToString(node.operator);
    if (operator !== "-") return super.expression(node);
    const constant = this.#constantOf(node);
    if (constant !== undefined) return this.#literal(constant, node.range);
    super.expression(node);
    // Of a float literal the minus is part.
    if (node.operand.isNumericLiteral) return node;
    return this.#call(NEGATE, operator, [node.operand], node.range);
  }

  #call(name: string, operator: string, operands: Expression[], range: Syntax.Range): Expression {
    const { Node } = this.syntax;
    this.used.add(name);
    const callee = Node.createIdentifierExpression(localName(name), range);
    const call = Node.createCallExpression(callee, null, operands, range);
    this.#calls.set(call, operator);
    return call;
  }

  // ---- updates: += -= *= ++ -- -----------------------------------------------------------------------------

  #updateOf(node: Expression): Update | undefined {
    const { syntax } = this;
    const inner = this.#inner(node);
    if (inner instanceof syntax.BinaryExpression) {
      const sign = syntax.operatorTokenToString(inner.operator);
      const operator = sign.slice(0, -1);
      if (!sign.endsWith("=") || !FUNCTIONS.has(operator)) return undefined;
      const target = this.#inner(inner.left);
      return { target, operator, value: inner.right, range: inner.range, isPostfix: false };
    }
    if (!(inner instanceof syntax.UnaryExpression)) return undefined;
    const sign = syntax.operatorTokenToString(inner.operator);
    if (sign !== "++" && sign !== "--") return undefined;
    const { range } = inner;
    const isPostfix = inner instanceof syntax.UnaryPostfixExpression;
    const target = this.#inner(inner.operand);
    return { target, operator: sign.slice(1), value: this.#literal(1n, range), range, isPostfix };
  }

  /** `target = checkedAdd(target, value)`. */
  #assignment(update: Update): Expression {
    const { target, operator, value, range } = update;
    if (!this.#isRepeatable(target)) {
      const message =
        "the object or index of this update would be evaluated twice; make it a statement of its own, or put the object into a const first";
      this.#report({ range, message });
      return target;
    }
    return this.#assign(target, operator, this.expression(value), range);
  }

  #assign(target: Expression, operator: string, value: Expression, range: Syntax.Range): Expression {
    const sum = this.#call(FUNCTIONS.get(operator)!, operator, [target, value], range);
    return this.syntax.Node.createBinaryExpression(this.syntax.Token.Equals, target, sum, range);
  }

  /** The value that a target had before `target++`, from the one it has now: the step back can not overflow. */
  #before(assigned: Expression, { operator, value, range }: Update): Expression {
    const { Node, Token } = this.syntax;
    const back = operator === "+" ? Token.Minus : Token.Plus;
    const grouped = Node.createParenthesizedExpression(assigned, range);
    return Node.createBinaryExpression(back, grouped, value, range);
  }

  /** As a statement: object and index go into constants of a block first. */
  #updateOnce({ target, operator, value, range }: Update): Syntax.Statement {
    const { syntax } = this;
    const { Node } = syntax;
    const statements: Syntax.Statement[] = [];
    const once = (name: string, expression: Expression, always = false): Expression => {
      const rewritten = this.expression(expression);
      if (!always && this.#isSimple(rewritten)) return rewritten;
      const declared = Node.createVariableDeclaration(
        Node.createIdentifierExpression(localName(name), expression.range),
        null,
        syntax.CommonFlags.Const,
        null,
        rewritten,
        expression.range,
      );
      statements.push(Node.createVariableStatement(null, [declared], expression.range));
      return Node.createIdentifierExpression(localName(name), expression.range);
    };
    let again = target;
    if (target instanceof syntax.PropertyAccessExpression) {
      const object = once("object", target.expression);
      again = Node.createPropertyAccessExpression(object, target.property, target.range);
    } else if (target instanceof syntax.ElementAccessExpression) {
      // A name too: what computes the index may assign it.
      const object = once("object", target.expression, !this.#isSimple(target.elementExpression));
      const index = once("index", target.elementExpression);
      again = Node.createElementAccessExpression(object, index, target.range);
    }
    const assignment = this.#assign(again, operator, this.expression(value), range);
    statements.push(Node.createExpressionStatement(assignment));
    return Node.createBlockStatement(statements, range);
  }

  /** Whether a target can stand on both sides: a name, or a property or element reached by names and literals. */
  #isRepeatable(target: Expression): boolean {
    const { syntax } = this;
    if (target instanceof syntax.PropertyAccessExpression) return this.#isSimple(target.expression);
    if (target instanceof syntax.ElementAccessExpression)
      return this.#isSimple(target.expression) && this.#isSimple(target.elementExpression);
    return true;
  }

  #isSimple(node: Expression): boolean {
    const inner = this.#inner(node);
    // Names, `this` and `super` are identifiers of the tree, as are the literals true, false and null.
    return inner instanceof this.syntax.IdentifierExpression || inner.isNumericLiteral;
  }

  #inner(node: Expression): Expression {
    return node instanceof this.syntax.ParenthesizedExpression ? this.#inner(node.expression) : node;
  }

  // ---- arithmetic of literals ------------------------------------------------------------------------------

  /** The value of an expression made of integer literals alone. */
  #constantOf(node: Expression): bigint | undefined {
    const { syntax } = this;
    if (node instanceof syntax.ParenthesizedExpression) return this.#constantOf(node.expression);
    if (node instanceof syntax.IntegerLiteralExpression) return BigInt.asUintN(64, integerOf(node));
    if (node instanceof syntax.UnaryPrefixExpression) {
      const value = this.#constantOf(node.operand);
      if (value === undefined) return undefined;
      const operator = syntax.operatorTokenToString(node.operator);
      return operator === "-" ? -value : operator === "+" ? value : undefined;
    }
    if (!(node instanceof syntax.BinaryExpression)) return undefined;
    const left = this.#constantOf(node.left);
    const right = this.#constantOf(node.right);
    if (left === undefined || right === undefined) return undefined;
    const operator = syntax.operatorTokenToString(node.operator);
    if (operator === "+") return left + right;
    if (operator === "-") return left - right;
    return operator === "*" ? left * right : undefined;
  }

  #literal(value: bigint, range: Syntax.Range): Expression {
    const { Node, Token } = this.syntax;
    if (value < INTEGER_MIN || value > INTEGER_MAX) {
      const message = `the value ${value} has no integer type of 64 bits; wider numbers are made by num`;
      this.#report({ range, message });
    }
    const size = BigInt.asUintN(64, value < 0n ? -value : value);
    const literal = Node.createIntegerLiteralExpression(longOf(size), range);
    return value < 0n ? Node.createUnaryPrefixExpression(Token.Minus, literal, range) : literal;
  }
}

type Long = Syntax.IntegerLiteralExpression["value"];

/** The compiler puts what makes its 64-bit integers on the global object. */
function longOf(value: bigint): Long {
  const { i64_new } = globalThis as unknown as { i64_new: (low: number, high: number) => Long };
  return i64_new(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
}

function integerOf({ value }: Syntax.IntegerLiteralExpression): bigint {
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

/** `target operator= value`; `++` and `--` have the value 1. */
interface Update {
  readonly target: Expression;
  readonly operator: string;
  readonly value: Expression;
  readonly range: Syntax.Range;
  /** Its value is the one from before. */
  readonly isPostfix: boolean;
}
