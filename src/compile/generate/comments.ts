/**
 * The comments of a schema's source.
 *
 * Responsible for: finding what is written before (or, for a field, behind) each definition, field and enumeration value.
 * Not responsible for: definitions in other files; they have no comments here. Nothing is evaluated.
 */
import type typescript from "typescript";

type TypeScript = typeof typescript;

/** Comments by name: of a definition by its own ("Order"), of a member by both ("Order.price", "Side.Bid"). */
export type Comments = ReadonlyMap<string, string>;

/** The comments in the source of a schema. */
export function commentsOf(ts: TypeScript, source: string): Comments {
  const file = ts.createSourceFile("schema.ts", source, ts.ScriptTarget.ES2022, true);
  return new CommentReader(ts, file).read();
}

class CommentReader {
  private readonly ts: TypeScript;
  private readonly file: typescript.SourceFile;
  private readonly found = new Map<string, string>();

  constructor(ts: TypeScript, file: typescript.SourceFile) {
    this.ts = ts;
    this.file = file;
  }

  read(): Comments {
    const { ts } = this;
    for (const statement of this.file.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { initializer } of statement.declarationList.declarations) {
        if (initializer === undefined) continue;
        if (ts.isObjectLiteralExpression(initializer)) this.noteCodes(initializer);
        else this.noteDefinition(statement, initializer);
      }
    }
    return this.found;
  }

  /** `const X = record("X", 1, { ... })`, and command, event, enumeration. */
  private noteDefinition(statement: typescript.Node, value: typescript.Expression): void {
    if (!this.ts.isCallExpression(value)) return;
    const name = value.arguments[0];
    if (name === undefined || !this.ts.isStringLiteralLike(name)) return;
    const text = this.before(statement);
    if (text !== undefined) this.found.set(name.text, text);
    this.noteMembers(name.text, value);
  }

  /** `const Reject = { NAME: reject(1, "...", { ... }) }`: of each code the comments of its details. */
  private noteCodes(codes: typescript.ObjectLiteralExpression): void {
    for (const code of codes.properties) {
      if (!this.ts.isPropertyAssignment(code) || !this.ts.isCallExpression(code.initializer)) continue;
      const name = this.nameOf(code);
      if (name !== undefined) this.noteMembers(name, code.initializer);
    }
  }

  /** The properties of the first object among the arguments. */
  private noteMembers(owner: string, call: typescript.CallExpression): void {
    const members = call.arguments.find(this.ts.isObjectLiteralExpression);
    for (const member of members?.properties ?? []) {
      const name = this.nameOf(member);
      const text = this.before(member) ?? this.behind(member);
      if (name !== undefined && text !== undefined) this.found.set(`${owner}.${name}`, text);
    }
  }

  private nameOf(property: typescript.ObjectLiteralElementLike): string | undefined {
    const { name } = property;
    if (name === undefined) return undefined;
    return this.ts.isIdentifier(name) || this.ts.isStringLiteralLike(name) ? name.text : undefined;
  }

  /** The documentation comment right before a node, in the lines above or in its own. */
  private before(node: typescript.Node): string | undefined {
    const { text } = this.file;
    const sameLine = this.ts.getTrailingCommentRanges(text, node.pos) ?? [];
    const linesAbove = this.ts.getLeadingCommentRanges(text, node.pos) ?? [];
    const last = [...sameLine, ...linesAbove].at(-1);
    const comment = last === undefined ? "" : text.slice(last.pos, last.end);
    return comment.startsWith("/**") ? plain(comment) : undefined;
  }

  /** The comment behind a property, to the end of its line. */
  private behind(node: typescript.Node): string | undefined {
    const { text } = this.file;
    const comma = text.charAt(node.end) === "," ? 1 : 0;
    const [first] = this.ts.getTrailingCommentRanges(text, node.end + comma) ?? [];
    if (first?.kind !== this.ts.SyntaxKind.SingleLineCommentTrivia) return undefined;
    return plain(text.slice(first.pos, first.end));
  }
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
