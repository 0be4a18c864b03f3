/**
 * The comments of a schema's source.
 *
 * Responsible for: finding what is written before (or, for a field, behind) each definition, field and enumeration value.
 * Not responsible for: definitions in other files; they have no comments here. Nothing is evaluated.
 */
import ts from "typescript";

/** Comments by name: of a definition by its own ("Order"), of a member by both ("Order.price", "Side.Bid"). */
export type Comments = ReadonlyMap<string, string>;

/** The comments in the source of a schema. */
export function commentsOf(source: string): Comments {
  const file = ts.createSourceFile("schema.ts", source, ts.ScriptTarget.ES2022, true);
  const found = new Map<string, string>();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { initializer } of statement.declarationList.declarations) {
      if (initializer === undefined) continue;
      if (ts.isObjectLiteralExpression(initializer)) noteCodes(file, initializer, found);
      else noteDefinition(file, statement, initializer, found);
    }
  }
  return found;
}

/** `const X = record("X", 1, { ... })`, and command, event, enumeration. */
function noteDefinition(
  file: ts.SourceFile,
  statement: ts.Node,
  value: ts.Expression,
  found: Map<string, string>,
): void {
  if (!ts.isCallExpression(value)) return;
  const name = value.arguments[0];
  if (name === undefined || !ts.isStringLiteralLike(name)) return;
  const text = before(file, statement);
  if (text !== undefined) found.set(name.text, text);
  noteMembers(file, name.text, value, found);
}

/** `const Reject = { NAME: reject(1, "...", { ... }) }`: of each code the comments of its details. */
function noteCodes(file: ts.SourceFile, codes: ts.ObjectLiteralExpression, found: Map<string, string>): void {
  for (const code of codes.properties) {
    if (!ts.isPropertyAssignment(code) || !ts.isCallExpression(code.initializer)) continue;
    const name = nameOf(code);
    if (name !== undefined) noteMembers(file, name, code.initializer, found);
  }
}

/** The properties of the first object among the arguments. */
function noteMembers(
  file: ts.SourceFile,
  owner: string,
  call: ts.CallExpression,
  found: Map<string, string>,
): void {
  const members = call.arguments.find(ts.isObjectLiteralExpression);
  for (const member of members?.properties ?? []) {
    const name = nameOf(member);
    const text = before(file, member) ?? behind(file, member);
    if (name !== undefined && text !== undefined) found.set(`${owner}.${name}`, text);
  }
}

function nameOf(property: ts.ObjectLiteralElementLike): string | undefined {
  const { name } = property;
  if (name === undefined) return undefined;
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined;
}

/** The documentation comment right before a node. */
function before(file: ts.SourceFile, node: ts.Node): string | undefined {
  const ranges = ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? [];
  const last = ranges.at(-1);
  const text = last === undefined ? "" : file.text.slice(last.pos, last.end);
  return text.startsWith("/**") ? plain(text) : undefined;
}

/** The comment behind a property, in its line. */
function behind(file: ts.SourceFile, node: ts.Node): string | undefined {
  const comma = file.text.charAt(node.end) === "," ? 1 : 0;
  const [first] = ts.getTrailingCommentRanges(file.text, node.end + comma) ?? [];
  return first === undefined ? undefined : plain(file.text.slice(first.pos, first.end));
}

/** The text of a comment without its marks: a line for each paragraph, list entry or tag. */
function plain(comment: string): string {
  const lines = comment
    .replace(/^\/\*+|^\/\/+/, "")
    .replace(/\*\/$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trim());
  const paragraphs: string[] = [];
  for (const line of lines) {
    const last = paragraphs.at(-1);
    const goesOn = last !== undefined && last !== "" && line !== "" && !/^([-*@]|\d+\.)/.test(line);
    if (goesOn) paragraphs[paragraphs.length - 1] = `${last} ${line}`;
    else paragraphs.push(line);
  }
  return paragraphs.join("\n").trim();
}
