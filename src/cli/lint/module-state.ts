/**
 * Rules `module-state` and `iteration-order`: what outlives a command beside the records, and what depends on its past.
 *
 * A variable outlives the command if it is declared by a module, or by a function that ran while the modules loaded and
 * handed out the functions that use it.
 */
import type ts from "typescript";
import { type Changes, rootOf } from "./changes.ts";
import { globalPath, memberName } from "./globals.ts";
import { functionAround, symbolOf } from "./reach.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

const INSTEAD = "keep it in a record, or make it inside the handler";

export function moduleState(changes: Changes): NodeRule {
  return (node, context) => {
    const { ts } = context.sources;
    if (!ts.isIdentifier(node)) return;
    const symbol = symbolOf(context.sources, node);
    const declaration = symbol?.valueDeclaration;
    if (symbol === undefined || declaration === undefined || !outlives(declaration, node, context)) return;
    if (isVariable(ts, declaration)) return checkVariable(symbol, declaration, changes, context);
    for (const change of lastingChanges(symbol, changes, context)) {
      const text = `${symbol.name} outlives the command and is changed here, which no history records: ${INSTEAD}`;
      context.report("module-state", change, text);
    }
  };
}

/** Whether what a declaration makes is there before the command that reads it at `use`, and after it. */
function outlives(declaration: ts.Declaration, use: ts.Node, { sources, reach }: RuleContext): boolean {
  const { ts } = sources;
  if (!sources.has(declaration.getSourceFile())) return false;
  const isKnown =
    ts.isVariableDeclaration(declaration) ||
    ts.isBindingElement(declaration) ||
    ts.isParameter(declaration) ||
    ts.isClassDeclaration(declaration) ||
    ts.isFunctionDeclaration(declaration);
  if (!isKnown) return false;
  const around = functionAround(ts, declaration);
  if (around === undefined) return true;
  return reach.makesFunctionsAtLoad(around) && functionAround(ts, use) !== around;
}

/** Whether a declaration is a `let` or `var`, which can be assigned again. */
function isVariable(ts: RuleContext["sources"]["ts"], declaration: ts.Declaration): boolean {
  const isDeclared = ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration);
  return (
    isDeclared && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) !== ts.NodeFlags.Const
  );
}

/** A variable of a module is refused as such; one of a function if a function within assigns it. */
function checkVariable(
  symbol: ts.Symbol,
  declaration: ts.Declaration,
  changes: Changes,
  context: RuleContext,
): void {
  const { ts } = context.sources;
  const around = functionAround(ts, declaration);
  const isAssigned = changes.assignmentsOf(symbol).some((node) => functionAround(ts, node) !== around);
  const isChanged = lastingChanges(symbol, changes, context).length > 0;
  if (around !== undefined && !isAssigned && !isChanged) return;
  const text =
    isAssigned || isChanged
      ? `${symbol.name} outlives the command and is changed, which no history records: ${INSTEAD}`
      : `${symbol.name} outlives the command and could be changed: make it a const`;
  context.report("module-state", declaration, text);
}

/** Where something that outlives the command is changed while commands run. */
function lastingChanges(symbol: ts.Symbol, changes: Changes, { sources }: RuleContext): ts.Node[] {
  const around = functionAround(sources.ts, symbol.valueDeclaration!);
  return changes.of(symbol).filter((change) => functionAround(sources.ts, change) !== around);
}

// ---- iteration-order -------------------------------------------------------------------------------------

const LISTING_FUNCTIONS: ReadonlySet<string> = new Set([
  "Array.from",
  "JSON.stringify",
  "Object.entries",
  "Object.keys",
  "Object.values",
]);
const LISTING_METHODS: ReadonlySet<string> = new Set(["entries", "forEach", "keys", "values"]);

export function iterationOrder(changes: Changes): NodeRule {
  return (node, context) => {
    const { sources } = context;
    const listed = listedBy(node, context);
    const root = listed === undefined ? undefined : rootOf(sources, listed);
    const declaration = root?.valueDeclaration;
    if (listed === undefined || root === undefined || declaration === undefined) return;
    if (!outlives(declaration, node, context) || lastingChanges(root, changes, context).length === 0) return;
    if (sources.checker.isArrayLikeType(sources.checker.getTypeAtLocation(listed))) return;
    const text = `the order in ${listed.getText()} depends on earlier commands: keep it in records and list a canonical index`;
    context.report("iteration-order", listed, text);
  };
}

/** What a node goes through in its own order. */
function listedBy(node: ts.Node, { sources }: RuleContext): ts.Expression | undefined {
  const { ts } = sources;
  if (ts.isForOfStatement(node) || ts.isForInStatement(node))
    return withoutListing(node.expression, sources.ts);
  if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node))
    return withoutListing(node.expression, sources.ts);
  if (!ts.isCallExpression(node)) return undefined;
  const path = globalPath(sources, node.expression)?.join(".");
  if (path !== undefined && LISTING_FUNCTIONS.has(path)) return node.arguments[0];
  const listed = withoutListing(node, ts);
  return listed === node ? undefined : listed;
}

/** `map` for `map.keys()` */
function withoutListing(expression: ts.Expression, ts: RuleContext["sources"]["ts"]): ts.Expression {
  if (!ts.isCallExpression(expression)) return expression;
  const name = memberName(ts, expression.expression);
  const isListing = name !== undefined && LISTING_METHODS.has(name);
  return isListing ? (expression.expression as ts.PropertyAccessExpression).expression : expression;
}
