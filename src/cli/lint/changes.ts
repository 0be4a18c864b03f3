/**
 * What the sources change: which variables, classes and parameters hold something that is written through.
 *
 * Responsible for: places that change an object, by the name that leads to it (`cache` for `cache.a[0].push(x)`); names
 * that stand for the same object (a local alias, a parameter, a method whose `this` it is).
 * Not responsible for: which of them outlive a command (module-state.ts).
 *
 * Code that runs only while modules load does not count: it builds constants.
 */
import type ts from "typescript";
import { bare, globalPath, memberName, platformMember } from "./globals.ts";
import { calleesOf, forEachNode, functionAround, type Reach, symbolOf } from "./reach.ts";
import type { Sources } from "./sources.ts";

/** Methods of the language's own objects that change them. */
const CHANGING_METHODS: ReadonlySet<string> = new Set(
  (
    "add append clear copyWithin delete fill pop push reverse set shift sort splice unshift " +
    "setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setBigInt64 setBigUint64 " +
    "setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setTime " +
    "setUTCDate setUTCFullYear setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth setUTCSeconds"
  ).split(" "),
);
/** Methods that hand out what an object holds. */
const HOLDING_METHODS: ReadonlySet<string> = new Set(["at", "find", "findLast", "get"]);
/** Functions of Object and Reflect that change their first argument. */
const CHANGING_FUNCTIONS: ReadonlySet<string> = new Set(
  "assign defineProperty defineProperties deleteProperty set setPrototypeOf".split(" "),
);

export interface Changes {
  /** Where the object behind a name is changed, under this name or another. */
  of(symbol: ts.Symbol): readonly ts.Node[];
  /** Where the variable itself is assigned after its declaration. */
  assignmentsOf(symbol: ts.Symbol): readonly ts.Node[];
}

/** @returns the name that leads to an expression: `state` of `state.orders.get(id)` */
export function rootOf(sources: Sources, expression: ts.Expression): ts.Symbol | undefined {
  const { ts } = sources;
  const node = bare(ts, expression);
  if (ts.isIdentifier(node)) return symbolOf(sources, node);
  if (node.kind === ts.SyntaxKind.ThisKeyword) return methodAround(sources, node);
  if (ts.isCallExpression(node)) {
    const callee = bare(ts, node.expression);
    const name = memberName(ts, callee);
    const isHolding =
      name !== undefined && HOLDING_METHODS.has(name) && calleesOf(sources, node).length === 0;
    return isHolding ? rootOf(sources, (callee as ts.PropertyAccessExpression).expression) : undefined;
  }
  if (ts.isElementAccessExpression(node)) return rootOf(sources, node.expression);
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const owner = rootOf(sources, node.expression);
  const isModule = owner !== undefined && (owner.flags & ts.SymbolFlags.Module) !== 0;
  return isModule ? symbolOf(sources, node.name) : owner;
}

/** `this` stands for whatever the method around it is called on: the method's own name says so. */
function methodAround(sources: Sources, node: ts.Node): ts.Symbol | undefined {
  const { ts, checker } = sources;
  let around = node.parent;
  while (around !== undefined && (ts.isArrowFunction(around) || !isThisOwner(ts, around)))
    around = around.parent;
  if (around === undefined) return undefined;
  const isStatic = (ts.getCombinedModifierFlags(around as ts.Declaration) & ts.ModifierFlags.Static) !== 0;
  const { name } = (isStatic ? around.parent : around) as ts.NamedDeclaration;
  return name === undefined ? undefined : checker.getSymbolAtLocation(name);
}

function isThisOwner(ts: Sources["ts"], node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node);
}

/** Reads all sources once. */
export function changesOf(sources: Sources, reach: Reach): Changes {
  const collector = new Collector(sources);
  const { ts } = sources;
  for (const file of sources.files) {
    forEachNode(ts, file, (node) => {
      const around = functionAround(ts, node);
      if (around === undefined) return collector.addNames(node);
      if (reach.has(node) || !reach.runsOnlyAtLoad(around)) collector.addChange(node);
      collector.addNames(node);
    });
  }
  return collector;
}

class Collector implements Changes {
  private readonly sources: Sources;
  private readonly changes = new Map<ts.Symbol, ts.Node[]>();
  private readonly assignments = new Map<ts.Symbol, ts.Node[]>();
  /** Names that may stand for the object behind a name. */
  private readonly names = new Map<ts.Symbol, Set<ts.Symbol>>();

  constructor(sources: Sources) {
    this.sources = sources;
  }

  of(symbol: ts.Symbol): readonly ts.Node[] {
    const seen = new Set([symbol]);
    for (const one of seen) for (const other of this.names.get(one) ?? []) seen.add(other);
    return [...seen].flatMap((one) => this.changes.get(one) ?? []);
  }

  assignmentsOf(symbol: ts.Symbol): readonly ts.Node[] {
    return this.assignments.get(symbol) ?? [];
  }

  addChange(node: ts.Node): void {
    const { ts } = this.sources;
    if (ts.isBinaryExpression(node)) {
      const { FirstAssignment, LastAssignment } = ts.SyntaxKind;
      const { kind } = node.operatorToken;
      if (kind >= FirstAssignment && kind <= LastAssignment) this.addTarget(node.left);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
      if (node.operator === PlusPlusToken || node.operator === MinusMinusToken) this.addTarget(node.operand);
    } else if (ts.isDeleteExpression(node)) this.addTarget(node.expression);
    else if (ts.isCallExpression(node)) this.addCall(node);
  }

  /** What is written: a variable, a member, or a pattern of both. */
  private addTarget(expression: ts.Expression): void {
    const { ts } = this.sources;
    const target = bare(ts, expression);
    if (ts.isIdentifier(target)) add(this.assignments, symbolOf(this.sources, target), target);
    else if (ts.isArrayLiteralExpression(target))
      for (const element of target.elements) this.addTarget(element);
    else if (ts.isSpreadElement(target)) this.addTarget(target.expression);
    else if (ts.isObjectLiteralExpression(target)) {
      for (const property of target.properties) {
        if (ts.isPropertyAssignment(property)) this.addTarget(property.initializer);
        else if (ts.isShorthandPropertyAssignment(property)) this.addTarget(property.name);
      }
    } else add(this.changes, rootOf(this.sources, target), target);
  }

  private addCall(node: ts.CallExpression): void {
    const { ts } = this.sources;
    const callee = bare(ts, node.expression);
    const [owner, name] = globalPath(this.sources, callee) ?? [];
    const isFunction = (owner === "Object" || owner === "Reflect") && CHANGING_FUNCTIONS.has(name ?? "");
    if (isFunction && node.arguments[0]) add(this.changes, rootOf(this.sources, node.arguments[0]), node);
    const member = platformMember(this.sources, callee);
    if (member === undefined || !CHANGING_METHODS.has(member)) return;
    const receiver = (callee as ts.PropertyAccessExpression | ts.ElementAccessExpression).expression;
    add(this.changes, rootOf(this.sources, receiver), node);
  }

  /** Notes which names come to stand for the same object at a node. */
  addNames(node: ts.Node): void {
    const { ts } = this.sources;
    if (ts.isVariableDeclaration(node) && node.initializer) this.addName(node.initializer, node.name);
    else if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer)) {
      this.addName(node.expression, node.initializer.declarations[0]!.name);
    } else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      if (ts.isIdentifier(node.left)) this.addName(node.right, node.left);
    } else if (ts.isCallExpression(node)) this.addArguments(node);
  }

  private addArguments(node: ts.CallExpression): void {
    const { ts, checker } = this.sources;
    for (const callee of calleesOf(this.sources, node) as ts.SignatureDeclaration[]) {
      for (const [position, argument] of node.arguments.entries()) {
        const parameter = callee.parameters[position];
        if (parameter !== undefined) this.addName(argument, parameter.name);
      }
      const expression = bare(ts, node.expression);
      if (!ts.isPropertyAccessExpression(expression) || callee.name === undefined) continue;
      const method = checker.getSymbolAtLocation(callee.name);
      const owner = rootOf(this.sources, expression.expression);
      if (owner !== undefined && method !== undefined) this.link(owner, method);
    }
  }

  private addName(from: ts.Expression, to: ts.BindingName): void {
    const { ts } = this.sources;
    const root = rootOf(this.sources, from);
    if (root === undefined) return;
    forEachNode(ts, to, (node) => {
      const symbol = ts.isIdentifier(node) ? symbolOf(this.sources, node) : undefined;
      if (symbol !== undefined) this.link(root, symbol);
    });
  }

  private link(from: ts.Symbol, to: ts.Symbol): void {
    this.names.set(from, (this.names.get(from) ?? new Set()).add(to));
  }
}

function add(places: Map<ts.Symbol, ts.Node[]>, symbol: ts.Symbol | undefined, node: ts.Node): void {
  if (symbol === undefined) return;
  places.set(symbol, [...(places.get(symbol) ?? []), node]);
}
