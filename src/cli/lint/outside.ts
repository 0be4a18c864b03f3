/**
 * Rules `clock`, `entropy`, `captured-clock`, `environment`: values that come from outside of the command.
 *
 * Responsible for: globals of the platforms by name, and built-in modules of Node. Not responsible for: promises and
 * timers (asynchrony.ts).
 */
import type ts from "typescript";
import type { RuleName } from "./finding.ts";
import { globalPath, isOwner, platformMember, wrapped } from "./globals.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

const CLOCK = "use tx.timeNs";
const ENTROPY = "pass the random value in the command";
const OUTSIDE = "pass what the handler needs in the command, or keep it in a record";
const IO = "do it outside of the handler, from the command's events";
const COLLECTOR = "what it answers depends on when memory is collected: keep what counts in a record";
const TEXT = "code from a text can not be checked: write it out";

/** Globals, and members of globals, by name; the longest name counts. */
const GLOBALS: ReadonlyMap<string, readonly [rule: RuleName, instead: string]> = new Map([
  ["Date.now", ["clock", CLOCK]],
  ["Temporal.Now", ["clock", CLOCK]],
  ["performance", ["clock", CLOCK]],
  ["process.hrtime", ["clock", CLOCK]],
  ["process.uptime", ["clock", CLOCK]],
  ["Math.random", ["entropy", ENTROPY]],
  ["crypto", ["entropy", ENTROPY]],
  ["process", ["environment", OUTSIDE]],
  ["Deno", ["environment", OUTSIDE]],
  ["Bun", ["environment", OUTSIDE]],
  ["navigator", ["environment", OUTSIDE]],
  ["location", ["environment", OUTSIDE]],
  ["document", ["environment", OUTSIDE]],
  ["localStorage", ["environment", OUTSIDE]],
  ["sessionStorage", ["environment", OUTSIDE]],
  ["globalThis", ["environment", OUTSIDE]],
  ["window", ["environment", OUTSIDE]],
  ["self", ["environment", OUTSIDE]],
  ["global", ["environment", OUTSIDE]],
  ["fetch", ["environment", IO]],
  ["XMLHttpRequest", ["environment", IO]],
  ["WebSocket", ["environment", IO]],
  ["EventSource", ["environment", IO]],
  ["indexedDB", ["environment", IO]],
  ["Worker", ["environment", IO]],
  ["BroadcastChannel", ["environment", IO]],
  ["MessageChannel", ["environment", IO]],
  ["Atomics", ["environment", IO]],
  ["SharedArrayBuffer", ["environment", IO]],
  ["WeakRef", ["environment", COLLECTOR]],
  ["FinalizationRegistry", ["environment", COLLECTOR]],
  ["eval", ["environment", TEXT]],
  ["Function", ["environment", TEXT]],
]);

/** Members of `process` that asynchrony.ts is about. */
const ELSEWHERE: ReadonlySet<string> = new Set(["process.nextTick"]);

/** Built-in modules of Node, without `node:`. Those with `undefined` are pure; all others are the environment. */
const MODULES: ReadonlyMap<string, readonly [rule: RuleName, instead: string] | undefined> = new Map([
  ["assert", undefined],
  ["buffer", undefined],
  ["crypto", ["entropy", ENTROPY] as const],
  ["perf_hooks", ["clock", CLOCK] as const],
]);

/** What a built-in module is to a handler; undefined if it does no harm. */
export function builtinRule(name: string): readonly [rule: RuleName, instead: string] | undefined {
  const bare = name.replace(/^node:/, "").split("/")[0]!;
  return MODULES.has(bare) ? MODULES.get(bare) : ["environment", IO];
}

export const outside: NodeRule = (node, context) => {
  const { ts } = context.sources;
  if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
    context.report("environment", node, `import.meta depends on where the module stands: ${OUTSIDE}`);
  }
  const path = globalPath(context.sources, node);
  if (path !== undefined && !isOwner(ts, node)) {
    if (path.length === 1 && path[0] === "Date") checkDate(node, context);
    else if (path.length === 1 && path[0] === "Math") checkMath(node, context);
    else checkGlobal(node, path, context);
  }
  if (platformMember(context.sources, node) === "stack" && isError(node, context)) {
    context.report(
      "environment",
      node,
      "the stack of an error differs between JavaScript engines: leave it to the log",
    );
  }
};

function checkGlobal(node: ts.Node, path: readonly string[], { sources, report }: RuleContext): void {
  const name = path.join(".");
  if (ELSEWHERE.has(name)) return;
  for (let length = path.length; length > 0; length--) {
    const found = GLOBALS.get(path.slice(0, length).join("."));
    if (found === undefined) continue;
    const [rule, instead] = found;
    const isCaptured = (rule === "clock" || rule === "entropy") && !isCalled(sources.ts, node);
    if (isCaptured) return reportCapture(node, name, instead, report);
    return report(rule, node, `${name} is not part of the command, no replay can repeat it: ${instead}`);
  }
}

function reportCapture(node: ts.Node, name: string, instead: string, report: RuleContext["report"]): void {
  report(
    "captured-clock",
    node,
    `${name} is taken as a value, behind which no guard can see its calls: ${instead}`,
  );
}

function isCalled(ts: RuleContext["sources"]["ts"], node: ts.Node): boolean {
  const outer = wrapped(ts, node);
  const { parent } = outer;
  const isCall = ts.isCallExpression(parent) || ts.isNewExpression(parent);
  return isCall && parent.expression === outer;
}

/** `Date()` and `new Date()` read the clock; `new Date(n)` and `instanceof Date` do not; anything else hands it on. */
function checkDate(node: ts.Node, { sources, report }: RuleContext): void {
  const { ts } = sources;
  const outer = wrapped(ts, node);
  const { parent } = outer;
  if (ts.isNewExpression(parent) && parent.expression === outer) {
    if ((parent.arguments?.length ?? 0) > 0) return;
    return report("clock", parent, `new Date() reads the clock: ${CLOCK}`);
  }
  if (ts.isCallExpression(parent) && parent.expression === outer) {
    return report("clock", parent, `Date() reads the clock: ${CLOCK}`);
  }
  const isTest =
    ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
  if (!isTest) reportCapture(node, "Date", CLOCK, report);
}

/** `const { random } = Math` captures; `const { max } = Math` does not. */
function checkMath(node: ts.Node, { sources, report }: RuleContext): void {
  const { ts } = sources;
  const { parent } = wrapped(ts, node);
  const isTaken = ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name);
  const names = isTaken
    ? (parent.name as ts.ObjectBindingPattern).elements.map((element) => nameOf(element))
    : [];
  const isPure = isTaken && names.every((name) => name !== undefined && name !== "random");
  if (!isPure) reportCapture(node, "Math, with Math.random,", ENTROPY, report);
}

/** The property that an element of a pattern takes; undefined for all the rest. */
function nameOf(element: ts.BindingElement): string | undefined {
  return element.dotDotDotToken ? undefined : (element.propertyName ?? element.name).getText();
}

function isError(node: ts.Node, { sources }: RuleContext): boolean {
  const { expression } = node as ts.PropertyAccessExpression | ts.ElementAccessExpression;
  const type = sources.checker.getTypeAtLocation(expression);
  const isUnknown = (type.flags & sources.ts.TypeFlags.Any) !== 0;
  return isUnknown || /Error$/.test(type.symbol?.name ?? "");
}
