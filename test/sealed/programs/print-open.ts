/**
 * Programs as JavaScript, for the open lane.
 *
 * Responsible for: text that means in the open lane what print-sealed.ts means in the sealed one; marks for coverage.
 * What the text refers to is handed over by open-domain.ts.
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
} from "./language.ts";
import { block, seeing } from "./lines.ts";
import { kindOf, typeOf } from "./shape.ts";

/** A handler as the text of a function of (tx, cmd). */
export function openText(program: Program): string {
  const lines = [
    "const seen = { hash: 0n };",
    ...blockOf(program.body, ""),
    "tx.emit(Seen, { hash: seen.hash });",
  ];
  return block(`function ${program.command}(tx, cmd)`, lines).join("\n");
}

function blockOf(statements: readonly Statement[], within: string): string[] {
  return statements.flatMap((statement) => [
    `mark(${JSON.stringify(coverOf(statement) + within)});`,
    ...statementOf(statement, within),
  ]);
}

/** What a statement exercises. */
function coverOf(statement: Statement): string {
  switch (statement.does) {
    case "get":
    case "find":
      return `${statement.does} ${statement.lookup.key ?? "SysId"}`;
    case "edge":
    case "near":
      return statement.verb;
    case "scan": {
      const limited = statement.limit === null ? "" : " limited";
      return `scan${statement.reverse ? " reverse" : ""}${statement.until === null ? limited : " until"}`;
    }
    case "create":
    case "seeRecord":
      return `${statement.does} ${statement.kind}`;
    case "reject":
      return `reject ${statement.code}`;
    default:
      return statement.does;
  }
}

/** Stands behind what a walk does with its records. */
export const IN_SCAN = " in a scan";

function statementOf(statement: Statement, within: string): string[] {
  switch (statement.does) {
    case "let":
      return [`let ${statement.name} = ${text(statement.value)};`];
    case "accumulate":
      return [`${statement.name} = num.u64.add(${statement.name}, ${text(statement.value)});`];
    case "see":
      return [`${seeing(statement.value.type)}(seen, ${text(statement.value)});`];
    case "seeRecord":
      return [`see${statement.kind}(seen, ${statement.record});`];
    case "get":
      return [`const ${statement.name} = tx.get(${lookup(statement.lookup)});`];
    case "find":
      return maybe(statement, `tx.find(${lookup(statement.lookup)})`, within);
    case "edge":
      return maybe(statement, `tx.${statement.verb}(${range(statement.range)})`, within);
    case "near": {
      const { verb, kind, index, record } = statement;
      return maybe(statement, `tx.${verb}(${kind}.${index}, ${record})`, within);
    }
    case "scan": {
      const options = [`reverse: ${statement.reverse}`];
      if (statement.limit !== null) options.push(`limit: ${text(statement.limit)}`);
      const until = statement.until === null ? [] : [`if (${text(statement.until)}) break;`];
      const head = `for (const ${statement.name} of tx.list(${range(statement.range, options)}))`;
      return block(head, [...blockOf(statement.body, IN_SCAN), ...until]);
    }
    case "create": {
      const [lets, values] = assigned(statement.name, statement.values);
      return [...lets, `const ${statement.name} = tx.create(${statement.kind}, { ${values.join(", ")} });`];
    }
    case "update": {
      const [lets, values] = assigned(statement.name, statement.values);
      return [...lets, `tx.update(${statement.record}, { ${values.join(", ")} });`];
    }
    case "delete":
      return [`tx.delete(${statement.record});`];
    case "emit": {
      const values = statement.values.map(property);
      return [
        `tx.emit(${statement.event}, { ${[...values, `list: [${statement.list.map(text)}]`].join(", ")} });`,
      ];
    }
    case "reject":
      return [
        `return tx.reject(Reject.${statement.code}, { ${statement.values.map(property).join(", ")} });`,
      ];
    case "if":
      return [
        ...block(`if (${text(statement.test)})`, blockOf(statement.body, within)),
        ...block("else", blockOf(statement.otherwise, within)),
      ];
    case "repeat":
      return repeat(statement, blockOf(statement.body, within));
    case "hold": {
      const { name, times } = statement;
      const head = `for (let ${name} = 0; ${name} < ${times}; ${name}++)`;
      return block(head, [`tx.list(${range(statement.range)});`]);
    }
    case "trap":
      return statement.how === "assert"
        ? ['throw new Error("asserted");']
        : [`seeU64(seen, tx.find(Item.byId, 77).rank);`];
  }
}

/** At the end of each turn one look-up is charged, so that the budget of work ends the loop. */
function repeat({ name, times }: Extract<Statement, { does: "repeat" }>, body: readonly string[]): string[] {
  const head = `for (let ${name} = 0, ${name}End = ${text(times)}; ${name} < ${name}End; ${name}++)`;
  return block(head, [...body, "tx.exists(Item, 0n);"]);
}

function maybe(
  { name, body, otherwise }: Extract<Statement, { otherwise: unknown; name: string }>,
  found: string,
  within: string,
): string[] {
  return [
    `const ${name} = ${found};`,
    ...block(`if (${name} !== undefined)`, blockOf(body, within)),
    ...block("else", blockOf(otherwise, within)),
  ];
}

/** Values in variables first, then what is assigned: they are evaluated before the first of them is written. */
function assigned(name: string, values: readonly Assignment[]): [lets: string[], values: string[]] {
  const lets = values.flatMap(({ field, value }) =>
    value === null ? [] : [`const ${name}_${field} = ${text(value)};`],
  );
  return [
    lets,
    values.map(({ field, value }) => `${field}: ${value === null ? "null" : `${name}_${field}`}`),
  ];
}

function property({ field, value }: Assignment): string {
  return `${field}: ${value === null ? "null" : text(value)}`;
}

function lookup({ kind, key, values }: Lookup): string {
  return [key === null ? kind : `${kind}.${key}`, ...values.map(text)].join(", ");
}

function range({ kind, index, prefix, bounds }: Range, options: readonly string[] = []): string {
  const value = (segment: Segment) => (segment.value === null ? "null" : text(segment.value));
  const given = [...bounds.map((bound) => `${bound.bound}: ${value(bound)}`), ...options];
  return `${kind}.${index}, [${prefix.map(value).join(", ")}], { ${given.join(", ")} }`;
}

// ---- expressions -----------------------------------------------------------------------------------------

function literal(value: Literal, type: string): string {
  if (type === "bytes") return `Uint8Array.of(${value})`;
  return typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
}

/** The text of an expression. */
function text(expression: Expression): string {
  switch (expression.is) {
    case "literal":
      return literal(expression.value, expression.type);
    case "payload":
      return `cmd.${expression.field}`;
    case "payloadOr":
      return `(cmd.${expression.field} ?? ${text(expression.other)})`;
    case "payloadHas":
      return `(cmd.${expression.field} !== null)`;
    case "item":
      return `itemAt(cmd.list, ${text(expression.index)})`;
    case "items":
      return "cmd.list.length";
    case "local":
      return expression.name;
    case "field":
      return `${expression.record}.${expression.field}`;
    case "fieldOr":
      return `(${expression.record}.${expression.field} ?? ${text(expression.other)})`;
    case "fieldHas":
      return `(${expression.record}.${expression.field} !== null)`;
    case "num":
      return numCall(expression);
    case "operator":
      return `operator("${expression.type}", "${expression.verb}", ${expression.values.map(text).join(", ")})`;
    case "divide":
      return `(${expression.values.map(text).join(` ${expression.sign} `)})`;
    case "compare":
      return compare(expression);
    case "logic":
      return `(${expression.values.map(text).join(` ${expression.sign} `)})`;
    case "not":
      return `!${text(expression.value)}`;
    case "convert":
      return convert(expression.value, expression.type);
    case "count":
      return `tx.count(${range(expression.range, [`limit: ${text(expression.limit)}`])})`;
    case "exists":
      return `tx.exists(${lookup(expression.lookup)})`;
    case "context":
      return expression.what === "source"
        ? "(tx.source === undefined ? 0n : tx.source.seq)"
        : `tx.${expression.what}`;
  }
}

function numCall({ type, call }: Extract<Expression, { is: "num" }>): string {
  const { verb, values, scales, mode } = call;
  const rounds = verb === "div" || verb === "mulDiv" || verb === "rescale";
  const given = [
    ...values.map(text),
    ...(verb === "rescale" ? scales.map(String) : []),
    ...(rounds ? [`"${mode}"`] : []),
  ];
  return `arithmetic("${type}", "${verb}", ${given.join(", ")})`;
}

function compare({ sign, values }: Extract<Expression, { is: "compare" }>): string {
  const [left, right] = values.map(text);
  if (values[0]!.type === "bytes") return `${sign === "==" ? "" : "!"}isSame(${left}, ${right})`;
  const signs = { "==": "===", "!=": "!==", "<": "<", "<=": "<=" };
  return `(${left} ${signs[sign]} ${right})`;
}

function convert(value: Expression, to: string): string {
  const from = `${value.type} ${to}`;
  switch (from) {
    case "u32 u64":
      return `BigInt(${text(value)})`;
    case "u64 u32":
      return `Number(${text(value)} % 64n)`;
    case "u64 i64":
      return `BigInt.asIntN(64, ${text(value)})`;
    case "i64 u64":
      return `BigInt.asUintN(64, ${text(value)})`;
    case "i64 i128":
    case "u64 u128":
      return text(value);
    default:
      return `num.${to}.add(${text(value)}, 0n)`;
  }
}

/** `function seeItem(seen, record)`: takes every field of a record into what the handler saw. */
export function openSeeRecord(kind: string): string {
  const lines = kindOf(kind).fields.map((field) => {
    const see = `${seeing(typeOf(field))}(seen, record.${field.name})`;
    return field.nullable ? `if (record.${field.name} === null) seeU32(seen, 7); else ${see};` : `${see};`;
  });
  return block(`function see${kind}(seen, record)`, [
    "seeU64(seen, record.sysId);",
    "seeU32(seen, record.revision);",
    ...lines,
  ]).join("\n");
}
