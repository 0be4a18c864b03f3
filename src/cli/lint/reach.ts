/**
 * The code that handlers reach: what `defineDomain` is given, and whatever that refers to, at any depth.
 *
 * Responsible for: finding domains; following names to their declarations within the sources; functions that run while
 * the modules load and hand out functions: their variables live as long as those of a module.
 * Not responsible for: which calls are made. Code that is referred to counts as run.
 */
import type ts from "typescript";
import { bare, wrapped } from "./globals.ts";
import type { Sources } from "./sources.ts";

export interface Reach {
  /** How many domains were found. */
  readonly domains: number;
  /** Every node that handlers reach, each once. */
  readonly nodes: readonly ts.Node[];
  has(node: ts.Node): boolean;
  /** Whether a function is called while the modules load and hands out functions, which keep its variables alive. */
  makesFunctionsAtLoad(node: ts.Node): boolean;
  /** Whether a function is called while the modules load, and by nothing that handlers reach. */
  runsOnlyAtLoad(node: ts.Node): boolean;
}

/** What an identifier means, behind imports and shorthand properties. */
export function symbolOf(sources: Sources, identifier: ts.Node): ts.Symbol | undefined {
  const { ts, checker } = sources;
  const { parent } = identifier;
  const symbol =
    ts.isShorthandPropertyAssignment(parent) && parent.name === identifier
      ? checker.getShorthandAssignmentValueSymbol(parent)
      : checker.getSymbolAtLocation(identifier);
  return symbol === undefined ? undefined : behindImports(sources, symbol);
}

function behindImports({ ts, checker }: Sources, symbol: ts.Symbol): ts.Symbol {
  return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** The nearest function around a node; undefined for code that runs while its module loads. */
export function functionAround(ts: Sources["ts"], node: ts.Node): ts.Node | undefined {
  let child = node;
  for (let around = node.parent; around !== undefined; child = around, around = around.parent) {
    if (ts.isFunctionLike(around) && !runsAtOnce(ts, around)) return around;
    // The values of fields are made by the constructor.
    if (ts.isPropertyDeclaration(around) && around.initializer === child && !isStatic(ts, around))
      return around;
  }
  return undefined;
}

function isStatic(ts: Sources["ts"], node: ts.PropertyDeclaration): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
}

/** `(() => { ... })()` is part of the code around it. */
function runsAtOnce(ts: Sources["ts"], node: ts.Node): boolean {
  const outer = wrapped(ts, node);
  return ts.isCallExpression(outer.parent) && outer.parent.expression === outer;
}

/** Calls `visit` for a node and all below it. */
export function forEachNode(ts: Sources["ts"], node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => forEachNode(ts, child, visit));
}

/** Walks from every domain. */
export function reachOf(sources: Sources): Reach {
  const { ts } = sources;
  const waiting: ts.Node[] = [];
  let domains = 0;
  for (const file of sources.files) {
    forEachNode(ts, file, (node) => {
      if (!ts.isCallExpression(node) || !isDefineDomain(sources, node.expression)) return;
      domains++;
      waiting.push(...node.arguments.slice(1));
    });
  }
  const nodes = walk(sources, waiting);
  const loaded = functionsCalledAtLoad(sources);
  return {
    domains,
    nodes: [...nodes],
    has: (node) => nodes.has(node),
    makesFunctionsAtLoad: (node) =>
      loaded.has(node) && returnsFunctions(sources, node as ts.SignatureDeclaration),
    runsOnlyAtLoad: (node) => loaded.has(node) && !nodes.has(node),
  };
}

/** `defineDomain` of statevec, under whatever name it was imported. */
function isDefineDomain(sources: Sources, callee: ts.Expression): boolean {
  const { ts, checker } = sources;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  if (!ts.isIdentifier(name)) return false;
  const symbol = checker.getSymbolAtLocation(name);
  // The package may be out of reach: then what is imported by that name is it.
  const imported = symbol?.declarations?.find(ts.isImportSpecifier);
  const importedName = (imported?.propertyName ?? imported?.name ?? name).text;
  if (importedName !== "defineDomain") return false;
  const target = symbol === undefined ? undefined : behindImports(sources, symbol);
  return !(target?.declarations ?? []).some((declaration) => sources.has(declaration.getSourceFile()));
}

function walk(sources: Sources, waiting: ts.Node[]): ReadonlySet<ts.Node> {
  const { ts } = sources;
  const nodes = new Set<ts.Node>();
  const visit = (node: ts.Node): void => {
    if (nodes.has(node)) return;
    if (ts.isExpressionWithTypeArguments(node))
      return isBaseClass(ts, node) ? visit(node.expression) : undefined;
    if (isTypeOnly(ts, node)) return;
    nodes.add(node);
    if (ts.isIdentifier(node)) waiting.push(...declarationsOf(sources, node));
    ts.forEachChild(node, visit);
  };
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) visit(next);
  return nodes;
}

function isTypeOnly(ts: Sources["ts"], node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

function isBaseClass(ts: Sources["ts"], node: ts.ExpressionWithTypeArguments): boolean {
  return ts.isHeritageClause(node.parent) && node.parent.token === ts.SyntaxKind.ExtendsKeyword;
}

/** What of the sources an identifier stands for: the whole statement of a destructured name, no parameters. */
function declarationsOf(sources: Sources, identifier: ts.Identifier): ts.Node[] {
  const { ts, checker } = sources;
  const found: ts.Node[] = [];
  // `const fs = require("fs")` is to the checker an import as well: it counts besides what it imports.
  const named = checker.getSymbolAtLocation(identifier)?.declarations ?? [];
  const required = named.filter((one) => ts.isVariableDeclaration(one) || ts.isBindingElement(one));
  for (const declaration of [...required, ...(symbolOf(sources, identifier)?.declarations ?? [])]) {
    if (!sources.has(declaration.getSourceFile()) || ts.isSourceFile(declaration)) continue;
    let whole: ts.Node = declaration;
    while (ts.isBindingElement(whole)) whole = whole.parent.parent;
    if (!ts.isParameter(whole)) found.push(whole);
  }
  return found;
}

/** The functions of the sources that an expression calls, as far as names tell, with their bodies. */
export function calleesOf(sources: Sources, call: ts.CallExpression | ts.NewExpression): ts.Node[] {
  const { ts } = sources;
  const callee = bare(ts, call.expression);
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const found: ts.Node[] = [];
  for (const declaration of symbolOf(sources, name)?.declarations ?? []) {
    if (!sources.has(declaration.getSourceFile())) continue;
    const hasValue = ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration);
    const value = hasValue && declaration.initializer ? bare(ts, declaration.initializer) : declaration;
    if (ts.isFunctionLike(value) && "body" in value && value.body !== undefined) found.push(value);
  }
  return found;
}

/** Functions that are called while the modules load, directly or by another. */
function functionsCalledAtLoad(sources: Sources): ReadonlySet<ts.Node> {
  const { ts } = sources;
  const calls = new Map<ts.Node | undefined, ts.Node[]>();
  for (const file of sources.files) {
    forEachNode(ts, file, (node) => {
      if (!ts.isCallExpression(node)) return;
      const around = functionAround(ts, node);
      calls.set(around, [...(calls.get(around) ?? []), ...calleesOf(sources, node)]);
    });
  }
  const called = new Set(calls.get(undefined) ?? []);
  for (const node of called) for (const callee of calls.get(node) ?? []) called.add(callee);
  return called;
}

/** Whether what a function returns can be called, or has members of the sources that can. */
function returnsFunctions(sources: Sources, node: ts.SignatureDeclaration): boolean {
  const { checker } = sources;
  const type = checker.getSignatureFromDeclaration(node)?.getReturnType();
  if (type === undefined) return false;
  if (type.getCallSignatures().length > 0) return true;
  return type.getProperties().some((member) => {
    const { valueDeclaration } = member;
    if (valueDeclaration === undefined || !sources.has(valueDeclaration.getSourceFile())) return false;
    return checker.getTypeOfSymbolAtLocation(member, valueDeclaration).getCallSignatures().length > 0;
  });
}
