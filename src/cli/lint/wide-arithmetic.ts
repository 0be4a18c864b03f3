/** Rule `wide-arithmetic` (information): `+ - *` on bigint, which no type bounds. */
import type ts from "typescript";
import { isAll } from "./globals.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

export const wideArithmetic: NodeRule = (node, context) => {
  const { ts } = context.sources;
  if (!ts.isBinaryExpression(node)) return;
  const found = operationOf(ts, node.operatorToken.kind);
  if (found === undefined) return;
  const [operator, operation] = found;
  const { checker } = context.sources;
  const isWide = [node.left, node.right].some((operand) => {
    return isAll(checker.getTypeAtLocation(operand), ts.TypeFlags.BigIntLike);
  });
  if (!isWide) return;
  context.report(
    "wide-arithmetic",
    node.operatorToken,
    `${operator} on bigint leaves its type unseen until the value is stored: where it can, num.u64.${operation} faults at once`,
  );
};

function operationOf(
  ts: RuleContext["sources"]["ts"],
  kind: ts.SyntaxKind,
): readonly [operator: string, operation: string] | undefined {
  switch (kind) {
    case ts.SyntaxKind.PlusToken:
      return ["+", "add"];
    case ts.SyntaxKind.PlusEqualsToken:
      return ["+=", "add"];
    case ts.SyntaxKind.MinusToken:
      return ["-", "sub"];
    case ts.SyntaxKind.MinusEqualsToken:
      return ["-=", "sub"];
    case ts.SyntaxKind.AsteriskToken:
      return ["*", "mul"];
    case ts.SyntaxKind.AsteriskEqualsToken:
      return ["*=", "mul"];
    default:
      return undefined;
  }
}
