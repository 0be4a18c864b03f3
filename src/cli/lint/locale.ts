/** Rule `locale`: what depends on the language, the time zone or the Unicode tables of the machine. */
import type ts from "typescript";
import { globalPath, isOwner, platformMember } from "./globals.ts";
import type { NodeRule, RuleContext } from "./rule.ts";

/** Members by name, and what to do instead. */
const MEMBERS: ReadonlyMap<string, string> = new Map([
  ["toLocaleString", "format outside of the handler"],
  ["toLocaleDateString", "format outside of the handler"],
  ["toLocaleTimeString", "format outside of the handler"],
  ["toLocaleUpperCase", "use toUpperCase"],
  ["toLocaleLowerCase", "use toLowerCase"],
  ["localeCompare", "compare with < and >, which go by code units"],
  ["normalize", "normalise before the command is submitted"],
]);

/** Members of Date that read or write local time, or depend on the time zone. */
const LOCAL_TIME =
  /^((get|set)(FullYear|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds|Year)|getTimezoneOffset|to(Date|Time)?String)$/;

export const locale: NodeRule = (node, context) => {
  const { sources, report } = context;
  const { ts } = sources;
  const path = globalPath(sources, node);
  if (path?.[0] === "Intl" && !isOwner(ts, node)) {
    report(
      "locale",
      node,
      `${path.join(".")} depends on the machine's settings and ICU version: format outside of the handler`,
    );
  }
  if (path?.join(".") === "Date.parse" && !isOwner(ts, node)) {
    report("locale", node, "Date.parse may depend on the time zone: pass a timestamp in the command");
  }
  if (ts.isNewExpression(node)) checkNewDate(node, context);
  const member = platformMember(sources, node);
  if (member === undefined) return;
  const instead = MEMBERS.get(member);
  if (instead !== undefined) report("locale", node, `${member} depends on the machine: ${instead}`);
  else if (LOCAL_TIME.test(member) && isDate(node, context)) {
    report(
      "locale",
      node,
      `${member} of a Date depends on the time zone: use the UTC methods, or nanoseconds as bigint`,
    );
  }
};

/** `new Date(text)` and `new Date(year, month)` read the time zone; a number of milliseconds does not. */
function checkNewDate(node: ts.NewExpression, { sources, report }: RuleContext): void {
  const { ts, checker } = sources;
  if (globalPath(sources, node.expression)?.join(".") !== "Date") return;
  const [first, ...more] = node.arguments ?? [];
  if (first === undefined) return;
  const isText = (checker.getTypeAtLocation(first).flags & ts.TypeFlags.StringLike) !== 0;
  if (!isText && more.length === 0) return;
  report(
    "locale",
    node,
    "a Date from text or parts depends on the time zone: pass a timestamp in the command",
  );
}

function isDate(node: ts.Node, { sources }: RuleContext): boolean {
  const { expression } = node as ts.PropertyAccessExpression | ts.ElementAccessExpression;
  return sources.checker.getTypeAtLocation(expression).symbol?.name === "Date";
}
