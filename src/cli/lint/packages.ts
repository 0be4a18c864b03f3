/**
 * What handlers take from packages: built-in modules of Node by the rule each falls under, others as rule `package`
 * (information), since lint does not read them.
 */
import { builtinModules } from "node:module";
import type ts from "typescript";
import { globalPath } from "./globals.ts";
import { builtinRule } from "./outside.ts";
import { symbolOf } from "./reach.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

export const packages: NodeRule = (node, context) => {
  const { ts, checker } = context.sources;
  if (ts.isCallExpression(node)) return checkRequire(node, context);
  if (!ts.isIdentifier(node)) return;
  for (const declaration of checker.getSymbolAtLocation(node)?.declarations ?? []) {
    if (!context.sources.has(declaration.getSourceFile())) continue;
    const specifier = specifierOf(ts, declaration);
    if (specifier === undefined) continue;
    const isOwn = specifier.text.startsWith(".");
    check(
      isOwn ? (builtinBehind(node, context) ?? specifier.text) : specifier.text,
      node,
      specifier,
      context,
    );
  }
};

/** The built-in module that a module of the sources hands on. */
function builtinBehind(identifier: ts.Identifier, { sources }: RuleContext): string | undefined {
  const { ts } = sources;
  for (const declaration of symbolOf(sources, identifier)?.declarations ?? []) {
    let around: ts.Node | undefined = declaration;
    while (around !== undefined && !(ts.isModuleDeclaration(around) && ts.isStringLiteral(around.name))) {
      around = around.parent;
    }
    if (around !== undefined) return (around as ts.ModuleDeclaration).name.text;
  }
  return undefined;
}

function checkRequire(node: ts.CallExpression, context: RuleContext): void {
  const [specifier] = node.arguments;
  if (specifier === undefined || !context.sources.ts.isStringLiteralLike(specifier)) return;
  if (globalPath(context.sources, node.expression)?.join(".") !== "require") return;
  check(specifier.text, specifier, specifier, context);
}

/** The module that an imported name comes from. */
function specifierOf(ts: RuleContext["sources"]["ts"], declaration: ts.Node): ts.StringLiteral | undefined {
  const isImported =
    ts.isImportSpecifier(declaration) || ts.isImportClause(declaration) || ts.isNamespaceImport(declaration);
  if (!isImported) return undefined;
  let statement: ts.Node = declaration;
  while (!ts.isImportDeclaration(statement)) statement = statement.parent;
  return statement.moduleSpecifier as ts.StringLiteral;
}

function check(name: string, use: ts.Node, specifier: ts.Node, { report }: RuleContext): void {
  if (name.startsWith(".") || name === "statevec" || name.startsWith("statevec/")) return;
  if (name.startsWith("node:") || builtinModules.includes(name)) {
    const found = builtinRule(name);
    if (found === undefined) return;
    const [rule, instead] = found;
    return report(
      rule,
      use,
      `what ${name} gives is not part of the command, no replay can repeat it: ${instead}`,
    );
  }
  report(
    "package",
    specifier,
    `handlers use ${name}, which lint does not read: it must be a pure function of its arguments`,
  );
}
