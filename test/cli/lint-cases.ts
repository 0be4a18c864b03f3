/**
 * Handlers that break a rule, one by one, and their clean counterparts.
 *
 * A comment that begins with `!` stands right before the node of each expected finding and names its rule. What stands
 * behind a line of dashes is the body of a handler `(tx, cmd)`, what stands before it is the module around it.
 */
export interface LintCase {
  readonly name: string;
  readonly source: string;
  /** Other modules, by the name they are imported by. */
  readonly others?: Readonly<Record<string, string>>;
}

export const BROKEN: readonly LintCase[] = [
  // ---- module-state
  { name: "a let of the module", source: "let /*!module-state*/count = 0;\n----\ncount++;" },
  { name: "a var of the module", source: "var /*!module-state*/count = 0;\n----\ncount = 1;" },
  {
    name: "a let that nobody assigns",
    source: "let /*!module-state*/limit = 5;\n----\nif (cmd.small > limit) return;",
  },
  {
    name: "a destructured let",
    source: "let { /*!module-state*/size } = { size: 1 };\n----\nsize = cmd.small;",
  },
  {
    name: "a map that is filled",
    source: "const seen = new Map<bigint, bigint>();\n----\n/*!module-state*/seen.set(cmd.n, cmd.n);",
  },
  {
    name: "an array that grows",
    source: "const all: bigint[] = [];\n----\n/*!module-state*/all.push(cmd.n);",
  },
  {
    name: "an object that is written",
    source: "const last = { n: 0n };\n----\n/*!module-state*/last.n = cmd.n;",
  },
  {
    name: "an object that is written by destructuring",
    source: "const last = { n: 0n };\n----\n[/*!module-state*/last.n] = [cmd.n];",
  },
  {
    name: "an element that is deleted",
    source: "const by: Record<string, bigint> = {};\n----\ndelete /*!module-state*/by[cmd.text];",
  },
  {
    name: "something deep inside",
    source:
      "const by = new Map<string, { all: bigint[] }>();\n----\n/*!module-state*/by.get(cmd.text)!.all.push(cmd.n);",
  },
  {
    name: "Object.assign",
    source: "const last = { n: 0n };\n----\n/*!module-state*/Object.assign(last, { n: cmd.n });",
  },
  { name: "a typed array", source: "const bits = new Uint8Array(8);\n----\n/*!module-state*/bits[0] = 1;" },
  {
    name: "a static field",
    source: "class Counter { static count = 0; }\n----\n/*!module-state*/Counter.count++;",
  },
  {
    name: "an instance whose method writes its fields",
    source:
      "class Counter { count = 0; add() { /*!module-state*/this.count++; } }\nconst counter = new Counter();\n----\ncounter.add();",
  },
  {
    name: "by a local name",
    source: "const seen = new Set<bigint>();\n----\nconst mine = seen;\n/*!module-state*/mine.add(cmd.n);",
  },
  {
    name: "as an argument",
    source:
      "const seen = new Set<bigint>();\nfunction note(set: Set<bigint>, n: bigint) { /*!module-state*/set.add(n); }\n----\nnote(seen, cmd.n);",
  },
  {
    name: "a variable of the function that made the handler",
    source:
      "function counting() { let /*!module-state*/count = 0; return () => { count++; }; }\nconst next = counting();\n----\nnext();",
  },
  {
    name: "a variable of another module",
    source: 'import { next } from "./state.ts";\n----\nnext();',
    others: { "./state.ts": "let /*!module-state*/count = 0;\nexport const next = () => count++;" },
  },
  {
    name: "a container of another module, by its namespace",
    source: 'import * as state from "./store.ts";\n----\n/*!module-state*/state.seen.add(cmd.n);',
    others: { "./store.ts": "export const seen = new Set<bigint>();" },
  },
  {
    name: "a cache that the host fills",
    source:
      "const rates = new Map<string, bigint>();\nexport function load(name: string) { /*!module-state*/rates.set(name, 1n); }\n----\nif (rates.has(cmd.text)) return;",
  },
  // ---- float
  { name: "a fraction", source: "----\nif (cmd.small > /*!float*/0.5) return;" },
  {
    name: "a fraction by an exponent",
    source: "----\nconst x = /*!float*/1e-3;\nif (cmd.small > x) return;",
  },
  {
    name: "a fraction in a constant of the module",
    source: "const FEE = /*!float*/0.25;\n----\nif (cmd.small > FEE) return;",
  },
  { name: "a number beyond 2^53", source: "----\nif (cmd.small > /*!float*/9007199254740993) return;" },
  {
    name: "a division of numbers",
    source: "----\nconst half = /*!float*/cmd.small / 2;\nif (half > 1) return;",
  },
  {
    name: "a division that is assigned",
    source: "----\nlet half = cmd.small;\n/*!float*/half /= 2;\nif (half > 1) return;",
  },
  { name: "a power of numbers", source: "----\nif (/*!float*/cmd.small ** 2 > 5) return;" },
  { name: "a function of Math", source: "----\nif (/*!float*/Math.sqrt(cmd.small) > 2) return;" },
  { name: "a constant of Math", source: "----\nif (cmd.small > /*!float*/Math.PI) return;" },
  { name: "parseFloat", source: "----\nif (/*!float*/parseFloat(cmd.text) > 2) return;" },
  { name: "Number.EPSILON", source: "----\nif (cmd.small > /*!float*/Number.EPSILON) return;" },
  {
    name: "Infinity",
    source: "----\nlet least = /*!float*/Infinity;\nleast = cmd.small;\nif (least > 1) return;",
  },
  { name: "toFixed", source: "----\nif (/*!float*/cmd.small.toFixed(2) === cmd.text) return;" },
  {
    name: "a Float64Array",
    source: "----\nconst all = new /*!float*/Float64Array(2);\nif (all.length > cmd.small) return;",
  },
  {
    name: "a float in a DataView",
    source: "----\nif (/*!float*/new DataView(new ArrayBuffer(8)).getFloat64(0) > 1) return;",
  },
  // ---- locale
  { name: "toLocaleString", source: "----\nif (/*!locale*/cmd.n.toLocaleString() === cmd.text) return;" },
  { name: "localeCompare", source: '----\nif (/*!locale*/cmd.text.localeCompare("b") > 0) return;' },
  {
    name: "toLocaleUpperCase",
    source: "----\nif (/*!locale*/cmd.text.toLocaleUpperCase() === cmd.text) return;",
  },
  { name: "normalize", source: "----\nif (/*!locale*/cmd.text.normalize() === cmd.text) return;" },
  {
    name: "Intl",
    source:
      "----\nconst format = new /*!locale*/Intl.NumberFormat();\nif (format.format(1) === cmd.text) return;",
  },
  { name: "local time", source: "----\nif (/*!locale*/new Date(0).getHours() > cmd.small) return;" },
  { name: "a date from text", source: "----\nif (/*!locale*/new Date(cmd.text).getUTCDay() > 1) return;" },
  { name: "Date.parse", source: "----\nif (/*!locale*/Date.parse(cmd.text) > 1) return;" },
  {
    name: "a value of no known type",
    source: "declare const thing: any;\n----\nif (/*!locale*/thing.toLocaleString() === cmd.text) return;",
  },
  // ---- clock
  { name: "Date.now", source: "----\nif (/*!clock*/Date.now() > cmd.small) return;" },
  { name: "Date.now by its text", source: '----\nif (/*!clock*/Date["now"]() > cmd.small) return;' },
  {
    name: "Date.now by the global object",
    source: "----\nif (/*!clock*/globalThis.Date.now() > cmd.small) return;",
  },
  { name: "new Date", source: "----\nconst now = /*!clock*/new Date();\nif (now.getTime() > 1) return;" },
  { name: "Date", source: "----\nif (/*!clock*/Date() === cmd.text) return;" },
  { name: "performance.now", source: "----\nif (/*!clock*/performance.now() > cmd.small) return;" },
  { name: "process.hrtime.bigint", source: "----\nif (/*!clock*/process.hrtime.bigint() > cmd.n) return;" },
  {
    name: "node:perf_hooks",
    source:
      'import { performance as watch } from "node:perf_hooks";\n----\nif (/*!clock*/watch.now() > cmd.small) return;',
  },
  {
    name: "a clock that was read when the module loaded",
    source: "const START = /*!clock*/Date.now();\n----\nif (START > cmd.small) return;",
  },
  {
    name: "a clock in a helper",
    source:
      "const helper = { now: () => /*!clock*/Date.now() };\n----\nif (helper.now() > cmd.small) return;",
  },
  {
    name: "a clock in a getter",
    source:
      "class Watch { get now() { return /*!clock*/Date.now(); } }\n----\nif (new Watch().now > cmd.small) return;",
  },
  {
    name: "a clock in a base class",
    source:
      "class Base { now() { return /*!clock*/Date.now(); } }\nclass Watch extends Base {}\n----\nif (new Watch().now() > cmd.small) return;",
  },
  {
    name: "a clock in another module",
    source: 'import now from "./now.ts";\n----\nif (now() > cmd.small) return;',
    others: { "./now.ts": "export default function now() { return /*!clock*/Date.now(); }" },
  },
  // ---- entropy
  { name: "Math.random", source: "----\nif (/*!entropy*/Math.random() > cmd.small) return;" },
  { name: "crypto.randomUUID", source: "----\nif (/*!entropy*/crypto.randomUUID() === cmd.text) return;" },
  {
    name: "node:crypto",
    source:
      'import { randomBytes } from "node:crypto";\n----\nif (/*!entropy*/randomBytes(1)[0]! > cmd.small) return;',
  },
  {
    name: "node:crypto by way of another module",
    source:
      'import { randomInt } from "./chance.ts";\n----\nif (/*!entropy*/randomInt(9) > cmd.small) return;',
    others: { "./chance.ts": 'export { randomInt } from "node:crypto";' },
  },
  // ---- captured-clock
  {
    name: "an alias of Date.now",
    source: "const now = /*!captured-clock*/Date.now;\n----\nif (now() > cmd.small) return;",
  },
  {
    name: "an alias of Date",
    source: "const Clock = /*!captured-clock*/Date;\n----\nif (Clock.now() > cmd.small) return;",
  },
  {
    name: "an alias of performance",
    source: "const watch = /*!captured-clock*/performance;\n----\nif (watch.now() > cmd.small) return;",
  },
  {
    name: "random taken out of Math",
    source: "const { random } = /*!captured-clock*/Math;\n----\nif (random() > cmd.small) return;",
  },
  {
    name: "a bound clock",
    source: "const now = /*!clock*/performance.now.bind(0);\n----\nif (now() > cmd.small) return;",
  },
  {
    name: "a clock in an object",
    source:
      "const port = { /*!captured-clock*/performance };\n----\nif (port.performance.now() > cmd.small) return;",
  },
  {
    name: "a clock handed to a helper",
    source:
      "const call = (read: () => number) => read();\n----\nif (call(/*!captured-clock*/Date.now) > cmd.small) return;",
  },
  // ---- async
  { name: "an async helper", source: "/*!async*/async function later() {}\n----\nvoid later();" },
  {
    name: "an async arrow that awaits",
    source:
      "const later = /*!async*/async (run: () => void) => { /*!async*/await run(); };\n----\nvoid later(() => {});",
  },
  {
    name: "for await",
    source:
      "/*!async*/async function all(list: bigint[]) { /*!async*/for await (const n of list) n; }\n----\nvoid all([cmd.n]);",
  },
  { name: "a promise", source: "----\nvoid /*!async*/Promise.resolve(1);" },
  { name: "setTimeout", source: "----\n/*!async*/setTimeout(() => {}, 1);" },
  { name: "queueMicrotask", source: "----\n/*!async*/queueMicrotask(() => {});" },
  { name: "process.nextTick", source: "----\n/*!async*/process.nextTick(() => {});" },
  {
    name: "a timer that was captured",
    source: "const later = /*!async*/setImmediate;\n----\nlater(() => {});",
  },
  { name: "import()", source: '----\nvoid /*!async*/import("node:assert");' },
  {
    name: "a call that answers with a promise",
    source: "declare const port: { send(): Promise<void> };\n----\nvoid /*!async*/port.send();",
  },
  // ---- environment
  { name: "process.env", source: "----\nif (/*!environment*/process.env.MODE === cmd.text) return;" },
  {
    name: "process.env in a constant of the module",
    source: "const MODE = /*!environment*/process.env.MODE;\n----\nif (MODE === cmd.text) return;",
  },
  {
    name: "process, destructured",
    source: "const { env } = /*!environment*/process;\n----\nif (env.MODE === cmd.text) return;",
  },
  {
    name: "node:fs",
    source:
      'import { readFileSync } from "node:fs";\n----\nif (/*!environment*/readFileSync("a", "utf8") === cmd.text) return;',
  },
  {
    name: "node:os without its prefix",
    source: 'import * as os from "os";\n----\nif (/*!environment*/os.hostname() === cmd.text) return;',
  },
  { name: "fetch", source: '----\nvoid /*!environment*/fetch("http://localhost");' },
  { name: "WeakRef", source: "----\nif (new /*!environment*/WeakRef(cmd).deref() === cmd) return;" },
  { name: "import.meta", source: "----\nif (/*!environment*/import.meta.url === cmd.text) return;" },
  {
    name: "the stack of an error",
    source: "----\nif (/*!environment*/new Error().stack === cmd.text) return;",
  },
  { name: "eval", source: "----\nif (/*!environment*/eval(cmd.text)) return;" },
  { name: "Function", source: "----\nif (new /*!environment*/Function(cmd.text)) return;" },
  {
    name: "the global object as a value",
    source: "const all = /*!environment*/globalThis;\n----\nif (all.Date.now() > cmd.small) return;",
  },
  // ---- iteration-order
  {
    name: "a set that grows, gone through",
    source:
      "const seen = new Set<bigint>();\n----\n/*!module-state*/seen.add(cmd.n);\nfor (const n of /*!iteration-order*/seen) if (n === cmd.n) return;",
  },
  {
    name: "the keys of an object that grows",
    source:
      "const seen: Record<string, bigint> = {};\n----\n/*!module-state*/seen[cmd.text] = cmd.n;\nif (Object.keys(/*!iteration-order*/seen)[0] === cmd.text) return;",
  },
  {
    name: "a map that grows, spread",
    source:
      "const seen = new Map<bigint, bigint>();\n----\n/*!module-state*/seen.set(cmd.n, cmd.n);\nif ([.../*!iteration-order*/seen.keys()][0] === cmd.n) return;",
  },
  {
    name: "a map that grows, by forEach",
    source:
      "const seen = new Map<bigint, bigint>();\n----\n/*!module-state*/seen.set(cmd.n, cmd.n);\n/*!iteration-order*/seen.forEach((n) => { tx.seq === n; });",
  },
  // ---- wide-arithmetic
  { name: "+ on bigint", source: "----\nconst a = cmd.n /*!wide-arithmetic*/+ 1n;\nif (a > 1n) return;" },
  { name: "- on bigint", source: "----\nif (cmd.n /*!wide-arithmetic*/- 1n > 1n) return;" },
  { name: "* on bigint", source: "----\nif (cmd.n /*!wide-arithmetic*/* 2n > 1n) return;" },
  {
    name: "+= on a bigint",
    source: "----\nlet a = cmd.n;\na /*!wide-arithmetic*/+= 1n;\nif (a > 1n) return;",
  },
  {
    name: "- on a bigint that may be absent",
    source: "----\nif (cmd.maybe !== null && cmd.maybe /*!wide-arithmetic*/- 1n > 1n) return;",
  },
  // ---- package
  {
    name: "a package",
    source: 'import fc from /*!package*/"fast-check";\n----\nif (fc.sample === undefined) return;',
  },
];

export const CLEAN: readonly LintCase[] = [
  {
    name: "constants of the module",
    source:
      "const LIMIT = 5;\nconst NAMES = Object.freeze(['a', 'b']);\nconst BY = new Map([['a', 1n]]);\n----\nif (cmd.small > LIMIT || NAMES.includes(cmd.text) || BY.get(cmd.text) === cmd.n) return;",
  },
  {
    name: "a table that the module fills while it loads",
    source:
      "const SQUARES: number[] = [];\nfor (let i = 0; i < 9; i++) SQUARES.push(i * i);\n----\nif (SQUARES.includes(cmd.small)) return;",
  },
  {
    name: "a table that a function fills while the module loads",
    source:
      "const BY = new Map<string, bigint>();\nfunction define(name: string) { BY.set(name, 1n); }\ndefine('a');\n----\nif (BY.has(cmd.text)) return;",
  },
  {
    name: "a table that a function makes",
    source:
      "function table() { const made: number[] = []; made.push(1); return made; }\nconst TABLE = table();\n----\nif (TABLE.includes(cmd.small)) return;",
  },
  {
    name: "containers of the command",
    source:
      "----\nconst seen = new Map<bigint, bigint>();\nseen.set(cmd.n, cmd.n);\nfor (const [n] of seen) if (n === cmd.n) return;",
  },
  {
    name: "a local closure that counts",
    source:
      "function countOf(all: bigint[]) { let count = 0; all.forEach(() => { count++; }); return count; }\n----\nif (countOf([cmd.n]) > 1) return;",
  },
  {
    name: "an instance of the command",
    source:
      "class Counter { count = 0; add() { this.count++; } }\n----\nconst counter = new Counter();\ncounter.add();\nif (counter.count > 1) return;",
  },
  {
    name: "a function that made the handler without state",
    source:
      "function limited(limit: number) { return (n: number) => n > limit; }\nconst isMuch = limited(5);\n----\nif (isMuch(cmd.small)) return;",
  },
  {
    name: "a copy that is changed",
    source:
      "const NAMES = ['a'];\n----\nconst mine = [...NAMES];\nmine.push(cmd.text);\nif (mine.length > 5) return;",
  },
  {
    name: "num under another name",
    source: "const u64 = num.u64;\n----\nif (u64.add(cmd.n, 1n) > 5n) return;",
  },
  {
    name: "state of the host beside the domain",
    source:
      "let requests = 0;\nexport async function serve() { requests++; await Promise.resolve(Date.now() / 2); }\n----\nif (cmd.small > 1) return;",
  },
  {
    name: "integers",
    source:
      "----\nif (Math.trunc(cmd.small / 2) > 1e3 || ((cmd.small / 2) | 0) > 0x10 || cmd.n / 2n > 1n || cmd.n ** 2n > 4n) return;",
  },
  {
    name: "members of Math that keep integers",
    source: "const { max } = Math;\n----\nif (Math.min(max(cmd.small, 1), Math.abs(-2)) > 1) return;",
  },
  {
    name: "text by code units",
    source: "----\nif (cmd.text < 'b' || cmd.text.toUpperCase() === cmd.text) return;",
  },
  {
    name: "members of one's own by the names of others",
    source:
      "const port = { toLocaleString: () => 'a', toFixed: () => 'b', stack: 'c', set(_: bigint) {} };\n----\nport.set(cmd.n);\nif (port.toLocaleString() + port.toFixed() + port.stack === cmd.text) return;",
  },
  {
    name: "a date in UTC",
    source:
      "----\nconst day = new Date(Date.UTC(2020, 1, 1));\nif (day instanceof Date && day.getUTCDay() > cmd.small) return;",
  },
  { name: "the time of the command", source: "----\nif (tx.timeNs > cmd.n || tx.seq === cmd.n) return;" },
  {
    name: "names of globals with other meanings",
    source:
      "const process = { env: 'a' };\nfunction read(performance: bigint, crypto: bigint) { return performance === crypto; }\n----\nif (process.env === cmd.text || read(cmd.n, tx.seq)) return;",
  },
  {
    name: "properties by the names of globals",
    source:
      "function read({ process: a, crypto }: { process: number; crypto: bigint }) { return a > crypto; }\n----\nif (read({ process: cmd.small, crypto: cmd.n })) return;",
  },
  {
    name: "types that name globals",
    source:
      "type Env = typeof process.env;\nfunction isSet(env: Env | undefined, at?: Date, later?: Promise<void>) { return env === undefined && !at && !later; }\n----\nif (isSet(undefined)) return;",
  },
  {
    name: "a generator",
    source:
      "function* pairs(n: bigint) { yield n; yield n; }\n----\nfor (const n of pairs(cmd.n)) if (n > 1n) return;",
  },
  { name: "assertions", source: 'import { ok } from "node:assert";\n----\nok(cmd.small > 1);' },
  {
    name: "records in the order of an index, in a loop",
    source: "----\nfor (const thing of tx.list(Thing.byText, [])) tx.delete(thing);",
  },
  {
    name: "checked arithmetic",
    source: "----\nif (num.u64.add(cmd.n, 1n) > num.i128.mulDiv(cmd.n, 2n, 3n, 'halfEven')) return;",
  },
  {
    name: "arithmetic on small integers and texts",
    source: "----\nif (cmd.small + 1 - 2 * 3 > 5 || cmd.text + 'a' === 'b') return;",
  },
  {
    name: "a host that takes a module relatively",
    source: 'import { LIMIT } from "./limits.ts";\n----\nif (cmd.small > LIMIT) return;',
    others: { "./limits.ts": "export const LIMIT = 4;\nexport const startedAt = Date.now();" },
  },
];
