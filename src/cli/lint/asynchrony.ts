/** Rule `async`: a handler answers at once; what runs later runs in no command. */

import type ts from "typescript";
import { globalPath, isOwner, wrapped } from "./globals.ts";
import { calleesOf } from "./reach.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

const INSTEAD = "a handler answers at once; do it outside of the handler, from the command's events";

const TIMERS: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "requestAnimationFrame",
  "requestIdleCallback",
  "process.nextTick",
]);

export const asynchrony: NodeRule = (node, context) => {
  const { sources, report } = context;
  const { ts } = sources;
  if (ts.isFunctionLike(node) && isAsync(ts, node)) {
    report("async", node, `this function is async: ${INSTEAD}`);
  } else if (ts.isAwaitExpression(node)) {
    report("async", node, `await leaves the command: ${INSTEAD}`);
  } else if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) {
    report("async", node, `for await leaves the command: ${INSTEAD}`);
  } else if (ts.isCallExpression(node)) checkCall(node, context);
  const path = globalPath(sources, node);
  if (path === undefined || isOwner(ts, node)) return;
  const name = path.join(".");
  if (TIMERS.has(name)) report("async", node, `${name} runs something in no command: ${INSTEAD}`);
  else if (path[0] === "Promise") report("async", node, `${name} makes promises: ${INSTEAD}`);
};

function isAsync(ts: RuleContext["sources"]["ts"], node: ts.SignatureDeclaration): boolean {
  const modifiers = ts.canHaveModifiers(node) ? ts.getModifiers(node) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false;
}

/** `import()`, and calls of packages and the platform that answer with a promise. Those of the sources have a finding. */
function checkCall(node: ts.CallExpression, { sources, report }: RuleContext): void {
  const { ts, checker } = sources;
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return report("async", node, `import() answers later: import at the top of the module`);
  }
  if (calleesOf(sources, node).length > 0 || globalPath(sources, node.expression) !== undefined) return;
  const { parent } = wrapped(ts, node);
  if (ts.isAwaitExpression(parent)) return;
  if (checker.getTypeAtLocation(node).symbol?.name !== "Promise") return;
  report("async", node, `this call answers with a promise: ${INSTEAD}`);
}
