/**
 * The type in which each checked operation of a sealed source is done.
 *
 * Responsible for: choosing the type argument of `checkedAdd` and its like as the operator itself would choose its type,
 * and refusing operands of two integer types at the user's line.
 * Not responsible for: which operators are checked (checked-arithmetic.ts).
 *
 * The compiler's own inference does not serve: it widens (`u8 + 1` becomes i32) and lets u64 meet i32, so that a negative
 * number turns into a huge one. The choice is made where the compiler asks for the instance of a call, since only there
 * the types of locals are known.
 *
 * I1. An integer operation has the type of both operands; a literal takes the type of the other operand.
 */
import type { SourceRemark } from "./checked-arithmetic.ts";
import type * as Syntax from "./compiler-syntax.ts";
import type { CompilerSyntax, Type } from "./compiler-syntax.ts";

/** The operator behind each call that stands for one. */
export type CheckedCalls = Map<Syntax.Expression, string>;

type Report = (remark: SourceRemark) => void;

/** Makes a program choose the types of these calls by I1. */
export function resolveCheckedCalls(
  syntax: CompilerSyntax,
  program: Syntax.Program,
  calls: CheckedCalls,
  report: Report,
): void {
  const { resolver } = program;
  const infer = resolver.maybeInferCall.bind(resolver);
  const types = new OperandTypes(syntax, resolver);
  resolver.maybeInferCall = (call, prototype, flow, mode = syntax.ReportMode.Report) => {
    const operator = calls.get(call);
    if (operator === undefined) return infer(call, prototype, flow, mode);
    const found = types.of(call.args, flow);
    // Operands without a type are the compiler's to report.
    if (found === undefined) return infer(call, prototype, flow, mode);
    if (found.mixed && mode === syntax.ReportMode.Report) {
      report({ range: call.range, message: mixedText(operator, found.mixed) });
    }
    return resolver.resolveFunction(prototype, [found.type], new Map(flow.contextualTypeArguments), mode);
  };
}

function mixedText(operator: string, [left, right]: readonly [Type, Type]): string {
  return (
    `the operands of ${operator} are ${left} and ${right}, expected one type for both; ` +
    `convert one of them where its value is known to fit: <${left}>value`
  );
}

interface Found {
  /** The type the operation is done in. */
  readonly type: Type;
  /** The types of the operands where they are two different integer types. */
  readonly mixed?: readonly [Type, Type];
}

class OperandTypes {
  readonly #syntax: CompilerSyntax;
  readonly #resolver: Syntax.Resolver;

  constructor(syntax: CompilerSyntax, resolver: Syntax.Resolver) {
    this.#syntax = syntax;
    this.#resolver = resolver;
  }

  of([left, right]: readonly Syntax.Expression[], flow: Syntax.Flow): Found | undefined {
    if (right === undefined) {
      const type = left && this.#typeOf(left, flow);
      return type && { type };
    }
    const [first, second] = this.#isLiteral(left!) ? [right, left!] : [left!, right];
    const type = this.#typeOf(first, flow);
    if (type === undefined) return undefined;
    if (this.#isLiteral(second)) return { type };
    const other = this.#typeOf(second, flow, type);
    if (other === undefined) return undefined;
    if (isSame(type, other)) return { type };
    // `(isMaker ? 1 : 2) * quantity`: what is made of literals takes the other's type, on either side.
    const again = this.#typeOf(first, flow, other);
    if (again !== undefined && isSame(again, other)) return { type: other };
    if (type.isIntegerValue && other.isIntegerValue) return { type, mixed: [type, other] };
    return other.isAssignableTo(type) ? { type } : type.isAssignableTo(other) ? { type: other } : undefined;
  }

  #typeOf(node: Syntax.Expression, flow: Syntax.Flow, context = this.#syntax.Type.auto): Type | undefined {
    const silently = this.#syntax.ReportMode.Swallow;
    return this.#resolver.resolveExpression(node, flow, context, silently) ?? undefined;
  }

  #isLiteral(node: Syntax.Expression): boolean {
    if (node instanceof this.#syntax.ParenthesizedExpression) return this.#isLiteral(node.expression);
    return node instanceof this.#syntax.UnaryPrefixExpression
      ? node.operand.isNumericLiteral
      : node.isNumericLiteral;
  }
}

/** The same integer type, under whatever name; other types are the compiler's to compare. */
function isSame(left: Type, right: Type): boolean {
  if (!left.isIntegerValue || !right.isIntegerValue) return left === right;
  return left.size === right.size && left.isSignedIntegerValue === right.isSignedIntegerValue;
}
