/**
 * Names of the platform: which of its values an expression means, whoever wrote it how.
 *
 * Responsible for: `Date.now`, `globalThis.Date.now` and `Date["now"]` as one path; members of the platform's types.
 * Not responsible for: which of them a handler may use (the rules).
 */
import type ts from "typescript";
import type { Sources } from "./sources.ts";

/** Other names of the global object. */
const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "window", "self", "global"]);

/** Whether an identifier is used for its value, which nothing in the sources or their packages declares. */
function isGlobal({ ts, checker, isPlatform }: Sources, identifier: ts.Identifier): boolean {
  const { parent } = identifier;
  const isShorthand = ts.isShorthandPropertyAssignment(parent);
  const { name, propertyName } = parent as { readonly name?: ts.Node; readonly propertyName?: ts.Node };
  if (!isShorthand && (name === identifier || propertyName === identifier)) return false;
  const symbol = isShorthand
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(identifier);
  const declarations = symbol?.declarations ?? [];
  return declarations.every((declaration) => isPlatform(declaration.getSourceFile()));
}

/** The name after the dot, or the text in the brackets. */
export function memberName(ts: Sources["ts"], node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (!ts.isElementAccessExpression(node)) return undefined;
  return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined;
}

/** An expression without what changes its type only: parentheses, `as`, `!`, `satisfies`. */
export function bare(ts: Sources["ts"], node: ts.Expression): ts.Expression {
  const isWrapper =
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isTypeAssertionExpression(node);
  return isWrapper ? bare(ts, node.expression) : node;
}

/** A node with the wrappers around it: the outermost that has the same value. */
export function wrapped(ts: Sources["ts"], node: ts.Node): ts.Node {
  const { parent } = node;
  const isWrapped = ts.isExpression(parent) && parent !== node && bare(ts, parent) !== parent;
  return isWrapped ? wrapped(ts, parent) : node;
}

/** `["Date", "now"]` for an expression that means a global value or a member of one. */
export function globalPath(sources: Sources, node: ts.Node): readonly string[] | undefined {
  const { ts } = sources;
  if (ts.isIdentifier(node)) {
    if (!isGlobal(sources, node)) return undefined;
    return [node.text];
  }
  const name = memberName(ts, node);
  if (name === undefined) return undefined;
  const owner = (node as ts.PropertyAccessExpression | ts.ElementAccessExpression).expression;
  const path = globalPath(sources, bare(ts, owner));
  if (path === undefined) return undefined;
  return path.length === 1 && GLOBAL_OBJECTS.has(path[0]!) ? [name] : [...path, name];
}

/** Whether a node is the owner in a longer path: `Date` of `Date.now`. */
export function isOwner(ts: Sources["ts"], node: ts.Node): boolean {
  const outer = wrapped(ts, node);
  const { parent } = outer;
  const isAccess = ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
  return isAccess && parent.expression === outer && memberName(ts, parent) !== undefined;
}

/**
 * The name of a member that the platform declares: `toFixed` of a number, `localeCompare` of a string. A value whose
 * type is not known may be anything.
 */
export function platformMember(sources: Sources, node: ts.Node): string | undefined {
  const name = memberName(sources.ts, node);
  if (name === undefined) return undefined;
  const { checker, ts } = sources;
  const access = node as ts.PropertyAccessExpression | ts.ElementAccessExpression;
  const key = ts.isPropertyAccessExpression(access) ? access.name : access.argumentExpression;
  const declarations = checker.getSymbolAtLocation(key)?.declarations;
  if (declarations !== undefined) {
    return declarations.some((declaration) => sources.isPlatform(declaration.getSourceFile()))
      ? name
      : undefined;
  }
  const isUnknown = (checker.getTypeAtLocation(access.expression).flags & ts.TypeFlags.Any) !== 0;
  return isUnknown ? name : undefined;
}

/** Whether every part of a type has one of these flags: `1n | 2n` is all bigint, `bigint | string` is not. */
export function isAll(type: ts.Type, flags: ts.TypeFlags): boolean {
  if (type.isUnion()) return type.types.every((part) => isAll(part, flags));
  if (type.isIntersection()) return type.types.some((part) => isAll(part, flags));
  return (type.flags & flags) !== 0;
}
