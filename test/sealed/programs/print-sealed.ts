/**
 * Programs as AssemblyScript, for the sealed lane.
 *
 * Responsible for: text that means in the sealed lane what print-open.ts means in the open one.
 */
import type {
  Assignment,
  Expression,
  Literal,
  Lookup,
  Program,
  Range,
  Segment,
  Statement,
  Type,
} from "./language.ts";
import { block, seeing } from "./lines.ts";
import { fieldOf, kindOf, model, typeOf } from "./shape.ts";

/** assembly/index.ts: a function for each program. */
export function sealedText(programs: readonly Program[]): string {
  const classes = [
    ...model.kinds.map(({ name }) => name),
    ...programs.map(({ command }) => command),
    ...model.events.map(({ name }) => name),
    "Reject",
    "Side",
  ];
  return [
    'import { Bytes, I128, num, Rounding, Text, tx, U128 } from "statevec/assembly";',
    `import { ${classes.join(", ")} } from "../build/programs.schema";`,
    `import { ${SIGHT.join(", ")} } from "./sight";`,
    "",
    ...model.kinds.flatMap(({ name }) => [...seeRecord(name), ""]),
    ...programs.map(handlerText),
  ].join("\n");
}

const SIGHT = [
  "Sight",
  "sourceSeq",
  ...["u64", "i64", "u128", "i128", "u32", "bool", "text", "bytes"].map(seeing),
];

/** The function of one program. */
export function handlerText(program: Program): string {
  const name = program.command.toLowerCase();
  const lines = ["const seen = new Sight();", ...blockOf(program.body), "Seen.emit({ hash: seen.hash });"];
  return `${block(`export function ${name}(cmd: ${program.command}): void`, lines).join("\n")}\n`;
}

function seeRecord(kind: string): string[] {
  const lines = kindOf(kind).fields.map((field) => {
    const value = see(typeOf(field), `record.${field.name}`);
    return field.nullable ? `if (!record.${has(field.name)}) seeU32(seen, 7); else ${value}` : value;
  });
  const head = ["seeU64(seen, record.sysId);", "seeU32(seen, record.revision);"];
  return block(`function see${kind}(seen: Sight, record: ${kind}): void`, [...head, ...lines]);
}

/** The enumeration is generated, so the helpers do not know it. */
function see(type: Type, value: string): string {
  return type === "side" ? `seeU32(seen, <u32>${value});` : `${seeing(type)}(seen, ${value});`;
}

function has(field: string): string {
  return `has${capital(field)}`;
}

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}

function blockOf(statements: readonly Statement[]): string[] {
  return statements.flatMap(statementOf);
}

const TYPES: Readonly<Record<Type, string>> = {
  u64: "u64",
  i64: "i64",
  u128: "U128",
  i128: "I128",
  u32: "u32",
  bool: "bool",
  side: "Side",
  text: "Text",
  bytes: "Bytes",
};

function statementOf(statement: Statement): string[] {
  switch (statement.does) {
    case "let":
      return [`let ${statement.name}: ${TYPES[statement.value.type]} = ${text(statement.value)};`];
    case "accumulate":
      return [`${statement.name} += ${text(statement.value)};`];
    case "see":
      return [see(statement.value.type, text(statement.value))];
    case "seeRecord":
      return [`see${statement.kind}(seen, ${statement.record});`];
    case "get":
      return [`const ${statement.name} = ${lookup(statement.lookup, "get")};`];
    case "find":
      return maybe(statement, lookup(statement.lookup, "find"));
    case "edge":
      return maybe(statement, `${range(statement.range)}.${statement.verb}()`);
    case "near":
      return maybe(statement, `${statement.kind}.${statement.index}.${statement.verb}(${statement.record})`);
    case "scan":
      return scan(statement);
    case "create": {
      const { name, kind, values } = statement;
      const given = values.flatMap((one) => literalMembers(kind, one, `${name}_${one.field}`));
      return [...lets(name, kind, values), `const ${name} = ${kind}.create({ ${given.join(", ")} });`];
    }
    case "update": {
      const { name, kind, record, values } = statement;
      const sets = values.map(({ field, value }) =>
        value === null ? `${record}.clear${capital(field)}();` : `${record}.${field} = ${name}_${field};`,
      );
      return [...lets(name, kind, values), ...sets];
    }
    case "delete":
      return [`${statement.record}.delete();`];
    case "emit":
      return [`${statement.event}.emit({ ${emitted(statement).join(", ")} });`];
    case "reject":
      return [rejection(statement)];
    case "if":
      return [
        ...block(`if (${text(statement.test)})`, blockOf(statement.body)),
        ...block("else", blockOf(statement.otherwise)),
      ];
    case "repeat": {
      const { name, times } = statement;
      const head = `for (let ${name}: u32 = 0, ${name}End: u32 = ${text(times)}; ${name} < ${name}End; ${name}++)`;
      return block(head, [...blockOf(statement.body), "Item.exists(0);"]);
    }
    case "hold": {
      const { name, times } = statement;
      return block(`for (let ${name}: u32 = 0; ${name} < ${times}; ${name}++)`, [
        `${range(statement.range)}.list();`,
      ]);
    }
    case "trap":
      return statement.how === "assert" ? ["assert(false);"] : ["seeU64(seen, Item.byId.find(77)!.rank);"];
  }
}

function maybe(
  { name, body, otherwise }: Extract<Statement, { otherwise: unknown; name: string }>,
  found: string,
): string[] {
  return [
    `const ${name}Found = ${found};`,
    ...block(`if (${name}Found)`, [`const ${name} = ${name}Found;`, ...blockOf(body)]),
    ...block("else", blockOf(otherwise)),
  ];
}

function scan({
  name,
  range: walked,
  reverse,
  limit,
  body,
  until,
}: Extract<Statement, { does: "scan" }>): string[] {
  const leave = until === null ? [] : block(`if (${text(until)})`, [`${name}Cursor.close();`, "break;"]);
  const verb = reverse ? "reverse" : "list";
  return [
    `const ${name}Cursor = ${range(walked)}.${verb}(${limit === null ? "" : text(limit)});`,
    ...block(`while (${name}Cursor.next())`, [
      `const ${name} = ${name}Cursor.record;`,
      ...blockOf(body),
      ...leave,
    ]),
  ];
}

/** Values in variables first: they are evaluated before the first of them is written. */
function lets(name: string, kind: string, values: readonly Assignment[]): string[] {
  return values.flatMap(({ field, value }) =>
    value === null
      ? []
      : [`const ${name}_${field}: ${TYPES[typeOf(fieldOf(kind, field))]} = ${text(value)};`],
  );
}

const ABSENT: Readonly<Record<Type, string>> = {
  u64: "0",
  i64: "0",
  u128: "new U128(0, 0)",
  i128: "new I128(0, 0)",
  u32: "0",
  bool: "false",
  side: "Side.Buy",
  text: "Text.EMPTY",
  bytes: "Bytes.EMPTY",
};

function literalMembers(kind: string, { field, value }: Assignment, name: string): string[] {
  const declared = fieldOf(kind, field);
  return members(field, declared.nullable, value === null ? null : name, typeOf(declared));
}

/** The members of a literal for one field: a nullable one has two. */
function members(field: string, nullable: boolean, value: string | null, type: Type): string[] {
  if (!nullable) return [`${field}: ${value}`];
  return [`${has(field)}: ${value !== null}`, `${field}: ${value ?? ABSENT[type]}`];
}

function emitted({ event, values, list }: Extract<Statement, { does: "emit" }>): string[] {
  const { fields } = model.events.find(({ name }) => name === event)!;
  const given = values.flatMap(({ field, value }) => {
    const declared = fields.find(({ name }) => name === field)!;
    return members(field, declared.nullable, value === null ? null : text(value), typeOf(declared));
  });
  return [...given, `list: [${list.map(text).join(", ")}]`];
}

function rejection({ code, values, returns }: Extract<Statement, { does: "reject" }>): string {
  const { fields } = model.rejects.find(({ name }) => name === code)!;
  const given = values.flatMap(({ field, value }) => {
    const declared = fields.find(({ name }) => name === field)!;
    return members(field, declared.nullable, value === null ? null : text(value), typeOf(declared));
  });
  const call = `Reject.${code}(${given.length === 0 ? "" : `{ ${given.join(", ")} }`});`;
  return returns ? `return ${call}` : call;
}

function lookup({ kind, key, values }: Lookup, verb: string): string {
  return `${key === null ? kind : `${kind}.${key}`}.${verb}(${values.map(text).join(", ")})`;
}

function range({ kind, index, prefix, bounds }: Range): string {
  const step = ({ field, value }: Segment, suffix: string) =>
    value === null ? `.no${capital(field)}${suffix}()` : `.${field}${suffix}(${text(value)})`;
  const steps = [
    ...prefix.map((segment) => step(segment, "")),
    ...bounds.map((bound) => step(bound, capital(bound.bound))),
  ];
  return `${kind}.${index}${steps.join("")}`;
}

// ---- expressions -----------------------------------------------------------------------------------------

const U64 = 2n ** 64n;
const I64_MIN = -(2n ** 63n);

function integer(value: bigint): string {
  return value === I64_MIN ? "i64.MIN_VALUE" : String(value);
}

function literal(value: Literal, type: Type): string {
  switch (type) {
    case "u128": {
      const wide = value as bigint;
      return `new U128(${wide % U64}, ${wide / U64})`;
    }
    case "i128": {
      const wide = value as bigint;
      return `new I128(${BigInt.asUintN(64, wide)}, ${integer(wide >> 64n)})`;
    }
    case "u64":
    case "i64":
      return `(<${type}>${integer(value as bigint)})`;
    case "u32":
      return `(<u32>${value})`;
    case "side":
      return value === "Nothing" ? "(<Side>9)" : `Side.${value}`;
    case "text":
      return value === "" ? "Text.EMPTY" : `Text.of(${JSON.stringify(value)})`;
    case "bytes":
      return value === "" ? "Bytes.EMPTY" : `Bytes.of([${value}])`;
    default:
      // As `false` TypeScript would take what depends on it for unreachable, and know no types there.
      return `(<bool>${Number(value)})`;
  }
}

/** The text of an expression. */
function text(expression: Expression): string {
  switch (expression.is) {
    case "literal":
      return literal(expression.value, expression.type);
    case "payload":
      return `cmd.${expression.field}`;
    case "payloadOr":
      return `(cmd.${has(expression.field)} ? cmd.${expression.field} : ${text(expression.other)})`;
    case "payloadHas":
      return `cmd.${has(expression.field)}`;
    case "item":
      return `cmd.list.at(${text(expression.index)})`;
    case "items":
      return "(<u32>cmd.list.length)";
    case "local":
      return expression.name;
    case "field":
      return `${expression.record}.${expression.field}`;
    case "fieldOr": {
      const { record, field, other } = expression;
      return `(${record}.${has(field)} ? ${record}.${field} : ${text(other)})`;
    }
    case "fieldHas":
      return `${expression.record}.${has(expression.field)}`;
    case "num":
      return numCall(expression);
    case "operator":
      return operator(expression);
    case "compare":
      return compare(expression);
    case "divide":
    case "logic":
      return `(${expression.values.map(text).join(` ${expression.sign} `)})`;
    case "not":
      return `!${text(expression.value)}`;
    case "convert":
      return convert(expression.value, expression.type);
    case "count":
      return `${range(expression.range)}.count(${text(expression.limit)})`;
    case "exists":
      return lookup(expression.lookup, "exists");
    case "context":
      return expression.what === "source" ? "sourceSeq()" : `tx.${expression.what}`;
  }
}

/** TypeScript takes two values of an enumeration for different ones where it thinks it knows them; numbers it compares. */
function compare({ sign, values }: Extract<Expression, { is: "compare" }>): string {
  const [left, right] = values.map((value) => (value.type === "side" ? `<u32>${text(value)}` : text(value)));
  return `(${left} ${sign} ${right})`;
}

const SIGNS = { add: "+", sub: "-", mul: "*" };
const METHODS = { add: "plus", sub: "minus", mul: "times" };

/** Wide integers have methods: TypeScript knows of no operators for classes. */
function operator({ type, verb, values }: Extract<Expression, { is: "operator" }>): string {
  const [left, right] = values.map(text);
  const isWide = type === "u128" || type === "i128";
  return isWide ? `${left}.${METHODS[verb]}(${right})` : `(${left} ${SIGNS[verb]} ${right})`;
}

function numCall({ type, call }: Extract<Expression, { is: "num" }>): string {
  const { verb, values, scales, mode } = call;
  const rounds = verb === "div" || verb === "mulDiv" || verb === "rescale";
  const given = [
    ...values.map(text),
    ...(verb === "rescale" ? scales.map(String) : []),
    ...(rounds ? [`Rounding.${capital(mode)}`] : []),
  ];
  return `num.${type}.${verb}(${given.join(", ")})`;
}

function convert(value: Expression, to: Type): string {
  switch (`${value.type} ${to}`) {
    case "u64 u32":
      return `(<u32>(${text(value)} % 64))`;
    case "i64 i128":
      return `I128.from<i64>(${text(value)})`;
    case "u64 u128":
      return `U128.from<u64>(${text(value)})`;
    case "i128 i64":
      return `${text(value)}.toI64()`;
    case "u128 u64":
      return `${text(value)}.toU64()`;
    case "u128 i128":
      return `${text(value)}.toI128()`;
    case "i128 u128":
      return `${text(value)}.toU128()`;
    default:
      return `(<${TYPES[to]}>${text(value)})`;
  }
}
