/**
 * The import directions of the architecture: who may import whom, in assembly/ and in src/.
 *
 * Responsible for: layers, `node:` imports, native packages, the boundary to assembly/, module-level mutable state.
 * Not responsible for: formatting and types; a pure function of paths and texts, so tests can feed it violations.
 */
import { posix } from "node:path";
import ts from "typescript";

/** Lowest first. A module may import its own layer and lower ones; names in one group do not know each other. */
const ASSEMBLY_LAYERS = [
  ["abi"],
  ["base"],
  ["schema"],
  ["key"],
  ["state"],
  ["frame"],
  ["engine"],
  ["sdk", "inspect"],
  ["index", "driver"],
];
const SOURCE_LAYERS = [
  ["abi"],
  ["errors"],
  ["schema"],
  ["wasm"],
  ["history"],
  ["proto"],
  ["engine"],
  ["index"],
  ["projection", "testing", "vectors", "bundle", "inspect", "gate"],
  ["node", "browser"],
  ["compile"],
  ["service", "client"],
  ["cli", "explorer"],
];

/** Places that know the platform Node. */
const NODE_PLACES = [/^src\/node\.ts$/, /\/node\//, /^src\/(compile|service|cli)\//];
/** Packages with native code: a browser has none. */
const NATIVE_PACKAGES = /^@node-rs\//;
/** The half of as-bind that runs beside the compiler used here; the hot path does not know it. */
const AS_BIND_RUNTIME = "#as-bind";
/** Holds the process-wide counter of running handlers, the one exception. */
const MUTABLE_STATE_ALLOWED = "src/engine/guard.ts";

/** Values that exist in order to be filled or written. */
const MUTABLE_CLASSES = new Set([
  "Map",
  "Set",
  "WeakMap",
  "WeakSet",
  "Array",
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "BigInt64Array",
  "BigUint64Array",
]);

function rankOf(layers, name) {
  return layers.findIndex((group) => group.includes(name));
}

/** The layer a file belongs to: the first folder below src/ or assembly/, or the name of a file that stands there. */
function layerOf(path) {
  const [, first] = path.split("/");
  return path === "assembly/abi.ts" ? "abi" : first.replace(/\.ts$/, "");
}

/** Every module a source file names: import, export from, import(), import types, require. */
function importsOf(source) {
  const found = [];
  const add = (node, text) => {
    found.push({ to: text, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 });
  };
  const visit = (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      add(node, node.moduleSpecifier.text);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal.text);
    } else if (
      ts.isCallExpression(node) &&
      node.arguments.length > 0 &&
      ts.isStringLiteralLike(node.arguments[0])
    ) {
      const callee = node.expression;
      const isRequire = ts.isIdentifier(callee) && callee.text === "require";
      if (callee.kind === ts.SyntaxKind.ImportKeyword || isRequire) add(node, node.arguments[0].text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Where a relative import leads, as a path from the root; undefined for packages. */
function resolve(path, to) {
  if (!to.startsWith(".")) return undefined;
  const target = posix.join(posix.dirname(path), to);
  return target.endsWith(".ts") || target.endsWith(".js") ? target : `${target}.ts`;
}

function checkDirection(layers, path, target) {
  const from = layerOf(path);
  const to = layerOf(target);
  const fromRank = rankOf(layers, from);
  const toRank = rankOf(layers, to);
  if (fromRank < 0) return `stands in "${from}", which is no layer of the architecture`;
  if (toRank < 0) return `imports ${target}, which is in no layer of the architecture`;
  if (toRank > fromRank) return `imports ${target}: "${from}" stands below "${to}"`;
  if (toRank === fromRank && from !== to)
    return `imports ${target}: "${from}" and "${to}" do not know each other`;
  return undefined;
}

function checkSourceImport(path, to) {
  const knowsNode = NODE_PLACES.some((place) => place.test(path));
  if (to.startsWith("node:")) {
    return knowsNode ? undefined : `imports ${to}: only node.ts, */node/, compile/, service/ and cli/ may`;
  }
  if (NATIVE_PACKAGES.test(to) && !knowsNode)
    return `imports ${to}, which is native: the neutral core runs in browsers`;
  if (/^#?as-bind/.test(to) && (!path.startsWith("src/inspect/") || to !== AS_BIND_RUNTIME))
    return `imports ${to}: only src/inspect/ may, and only ${AS_BIND_RUNTIME}`;
  if (to === "statevec" || to.startsWith("statevec/")) return `imports ${to}: inside src/ use relative paths`;
  const target = resolve(path, to);
  if (target === undefined) return undefined;
  if (target.startsWith("assembly/")) {
    return target === "assembly/abi.ts" ? undefined : `imports ${target}: of assembly/ only abi.ts`;
  }
  if (!target.startsWith("src/")) return `imports ${target}, which is outside src/`;
  if (target.includes("/node/") && !knowsNode)
    return `imports ${target}: the neutral core does not know Node`;
  return checkDirection(SOURCE_LAYERS, path, target);
}

function checkAssemblyImport(path, to) {
  const target = resolve(path, to);
  if (target === undefined || !target.startsWith("assembly/"))
    return `imports ${to}, which is outside assembly/`;
  return checkDirection(ASSEMBLY_LAYERS, path, target);
}

function isMutableValue(value) {
  if (ts.isAsExpression(value)) {
    const isConst = value.type.getText() === "const";
    return !isConst && isMutableValue(value.expression);
  }
  if (ts.isArrayLiteralExpression(value)) return value.elements.length === 0;
  if (ts.isObjectLiteralExpression(value)) return value.properties.length === 0;
  if (!ts.isNewExpression(value) || !ts.isIdentifier(value.expression)) return false;
  if (!MUTABLE_CLASSES.has(value.expression.text)) return false;
  // A container made from entries is a constant table; an empty or sized one is there to be written.
  const [first] = value.arguments ?? [];
  if (first === undefined) return true;
  const takesEntries = /^(Weak)?(Map|Set)$/.test(value.expression.text);
  return !takesEntries && !ts.isArrayLiteralExpression(first);
}

/** `let`, `var`, and constants that hold an empty container or a buffer, at the top of a module. */
function mutableState(source) {
  const found = [];
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    if (statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)) continue;
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    for (const declaration of statement.declarationList.declarations) {
      const { initializer } = declaration;
      if (isConst && !(initializer && isMutableValue(initializer))) continue;
      const { line } = source.getLineAndCharacterOfPosition(declaration.getStart(source));
      found.push({ name: declaration.name.getText(source), line: line + 1 });
    }
  }
  return found;
}

/**
 * @param {ReadonlyMap<string, string>} files text by path from the root ("src/engine/open.ts"); only src/ and assembly/
 * @returns {string[]} one line for each violation; empty if there is none
 */
export function checkImports(files) {
  const problems = [];
  for (const [path, text] of files) {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const isSource = path.startsWith("src/");
    for (const { to, line } of importsOf(source)) {
      const problem = isSource ? checkSourceImport(path, to) : checkAssemblyImport(path, to);
      if (problem) problems.push(`${path}:${line} ${problem}`);
    }
    if (path === "assembly/abi.ts" && importsOf(source).length > 0)
      problems.push(`${path} imports: it may not`);
    if (!isSource || path === MUTABLE_STATE_ALLOWED) continue;
    for (const { name, line } of mutableState(source)) {
      problems.push(
        `${path}:${line} holds module-level mutable state "${name}": any number of engines share a process`,
      );
    }
  }
  return problems;
}
