/**
 * Rule `float`: numbers that are no integers, and what makes them.
 *
 * Not responsible for: `+ - *` on `number`, which stay exact for the integers up to 32 bits that fields have.
 */
import type ts from "typescript";
import { globalPath, isAll, isOwner, platformMember, wrapped } from "./globals.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

const INSTEAD = "count in the smallest unit as an integer or a decimal mantissa (bigint)";

/** Members of Math that give integers for integers. */
const INTEGER_MATH: ReadonlySet<string> = new Set(
  ["abs", "ceil", "clz32", "floor", "imul", "max", "min", "round", "sign", "trunc"].map(
    (name) => `Math.${name}`,
  ),
);
const ROUNDING_MATH: ReadonlySet<string> = new Set(["Math.ceil", "Math.floor", "Math.round", "Math.trunc"]);
const FLOAT_GLOBALS: ReadonlySet<string> = new Set([
  "parseFloat",
  "NaN",
  "Infinity",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "Number.parseFloat",
  "Number.EPSILON",
  "Number.MIN_VALUE",
  "Number.MAX_VALUE",
  "Number.NaN",
  "Number.POSITIVE_INFINITY",
  "Number.NEGATIVE_INFINITY",
]);
const FLOAT_MEMBERS: ReadonlySet<string> = new Set([
  "toFixed",
  "toPrecision",
  "toExponential",
  "getFloat16",
  "getFloat32",
  "getFloat64",
  "setFloat16",
  "setFloat32",
  "setFloat64",
]);

export const floats: NodeRule = (node, context) => {
  const { ts } = context.sources;
  if (ts.isNumericLiteral(node)) checkLiteral(node, context);
  else if (ts.isBinaryExpression(node)) checkOperator(node, context);
  else checkName(node, context);
};

function checkLiteral(node: ts.NumericLiteral, { report }: RuleContext): void {
  const value = Number(node.text);
  if (!Number.isInteger(value)) report("float", node, `${node.getText()} is a float: ${INSTEAD}`);
  else if (!Number.isSafeInteger(value)) {
    report(
      "float",
      node,
      `${node.getText()} is beyond 2^53, where number loses digits: write it as a bigint`,
    );
  }
}

function checkOperator(node: ts.BinaryExpression, context: RuleContext): void {
  const { ts, checker } = context.sources;
  const { kind } = node.operatorToken;
  const isDivision = kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.SlashEqualsToken;
  const isPower =
    kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
  if (!isDivision && !isPower) return;
  if (!isAll(checker.getTypeAtLocation(node.left), ts.TypeFlags.NumberLike)) return;
  if (isPower) {
    return context.report("float", node, "** on number may differ between JavaScript engines: use bigint");
  }
  if (isRounded(node, context)) return;
  const instead = "divide bigint, use num.u64.div with a rounding mode, or put Math.trunc around it";
  context.report("float", node, `/ on number leaves the integers: ${instead}`);
}

/** `Math.trunc(a / b)` and `(a / b) | 0` are integers. */
function isRounded(node: ts.BinaryExpression, { sources }: RuleContext): boolean {
  const { ts } = sources;
  const outer = wrapped(ts, node);
  const { parent } = outer;
  if (ts.isCallExpression(parent))
    return ROUNDING_MATH.has((globalPath(sources, parent.expression) ?? []).join("."));
  if (!ts.isBinaryExpression(parent) || parent.left !== outer) return false;
  const { BarToken, GreaterThanGreaterThanToken, GreaterThanGreaterThanGreaterThanToken } = ts.SyntaxKind;
  return [BarToken, GreaterThanGreaterThanToken, GreaterThanGreaterThanGreaterThanToken].includes(
    parent.operatorToken.kind as never,
  );
}

function checkName(node: ts.Node, { sources, report }: RuleContext): void {
  const path = globalPath(sources, node)?.join(".");
  if (path !== undefined && !isOwner(sources.ts, node)) {
    const isMath = path.startsWith("Math.") && path !== "Math.random" && !INTEGER_MATH.has(path);
    if (isMath) {
      report(
        "float",
        node,
        `${path} leaves the integers, and may differ between JavaScript engines: ${INSTEAD}`,
      );
    } else if (FLOAT_GLOBALS.has(path)) report("float", node, `${path} is about floats: ${INSTEAD}`);
  }
  const member = platformMember(sources, node);
  if (member !== undefined && FLOAT_MEMBERS.has(member)) {
    report("float", node, `${member} is about floats: ${INSTEAD}`);
  }
}
