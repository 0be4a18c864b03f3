/**
 * The rules of handler sources, over one source.
 *
 * Responsible for: what keeps state between commands, what reaches past the language, what brings the outside in.
 * Not responsible for: types (tsc and asc), what only the module shows (handler-rules.ts).
 *
 * I1. State lives in module-level variables, in static fields and in memory that outlives the command. The first two
 * are refused here by their declarations, the third by refusing everything that takes an address.
 */
import type { Findings } from "../finding.ts";
import {
  FLOAT_RULE,
  MEMORY_MEMBER,
  MEMORY_RULE,
  type NameRule,
  NUMBER_TYPES,
  REFUSED_CALLS,
  REFUSED_TYPES,
  REFUSED_VALUES,
  ruleOfAnyName,
  ruleOfMember,
} from "./refused-names.ts";
import {
  type Child,
  childrenOf,
  DECORATOR,
  type Declaration,
  FLAG,
  type Identifier,
  isKind,
  LITERAL,
  NODE,
  type PathStatement,
  type PropertyAccess,
  placeAt,
  type Source,
  type SyntaxNode,
  TOKEN,
  type TypeName,
  type VariableLike,
} from "./syntax.ts";
import type { SourceOwners } from "./which-sources.ts";

const IN_A_FUNCTION =
  "move it into a function: const NAME = VALUE becomes function name(): TYPE { return VALUE; }";
const DECORATORS_ALLOWED: ReadonlySet<number> = new Set([
  DECORATOR.Operator,
  DECORATOR.OperatorBinary,
  DECORATOR.OperatorPrefix,
  DECORATOR.OperatorPostfix,
  DECORATOR.Final,
  DECORATOR.Inline,
]);
const DECLARING: ReadonlySet<number> = new Set([
  NODE.Empty,
  NODE.Export,
  NODE.ExportDefault,
  NODE.ExportImport,
  NODE.Import,
  NODE.Variable,
  NODE.Module,
  NODE.ClassDeclaration,
  NODE.EnumDeclaration,
  NODE.FunctionDeclaration,
  NODE.InterfaceDeclaration,
  NODE.NamespaceDeclaration,
  NODE.TypeDeclaration,
]);
const SIGNS: ReadonlySet<number> = new Set([TOKEN.Plus, TOKEN.Minus, TOKEN.Exclamation, TOKEN.Tilde]);

export class SourceRules {
  readonly #source: Source;
  readonly #owners: SourceOwners;
  readonly #found: { readonly rule: string; readonly offset: number; readonly message: string }[] = [];

  constructor(source: Source, owners: SourceOwners) {
    this.#source = source;
    this.#owners = owners;
  }

  /** Adds what is wrong, in the order of the text. */
  check(findings: Findings): void {
    this.#comments();
    this.#moduleLevel(this.#source.statements);
    const waiting: Child[] = this.#source.statements.map((node) => ({ node, member: "statements" }));
    for (let child = waiting.pop(); child !== undefined; child = waiting.pop()) {
      this.#visit(child);
      waiting.push(...childrenOf(child.node));
    }
    this.#found.sort((left, right) => left.offset - right.offset);
    for (const { rule, offset, message } of this.#found) {
      findings.add(rule, placeAt(this.#source, offset), message);
    }
  }

  #add(rule: string, node: SyntaxNode, message: string): void {
    this.#found.push({ rule, offset: node.range.start, message });
  }

  #addName(node: SyntaxNode, name: string, { rule, message }: NameRule): void {
    this.#add(rule, node, `${name}: ${message}`);
  }

  /** A comment must not switch off the type check that finds access to private members. */
  #comments(): void {
    for (const { 0: found, index } of this.#source.text.matchAll(/@ts-(ignore|nocheck|expect-error)/g)) {
      const message = `${found} hides what the type check finds; remove it and correct what it hides`;
      this.#found.push({ rule: "comment", offset: index, message });
    }
  }

  // ---- declarations --------------------------------------------------------------------------------------

  /** Statements of a source or of a namespace. */
  #moduleLevel(statements: readonly SyntaxNode[]): void {
    for (const statement of statements) {
      const { declarations, members } = statement as any;
      if (!DECLARING.has(statement.kind)) {
        const message = "code at module level runs outside of any command; move it into a function";
        this.#add("top-level-code", statement, message);
      } else if (isKind(statement, NODE.Variable)) {
        for (const declaration of declarations as VariableLike[]) this.#moduleVariable(declaration);
      } else if (isKind(statement, NODE.NamespaceDeclaration)) this.#moduleLevel(members);
      else if (isKind(statement, NODE.ExportDefault)) this.#moduleLevel([(statement as any).declaration]);
    }
  }

  #moduleVariable(declaration: VariableLike): void {
    const { name, flags, initializer } = declaration;
    if ((flags & FLAG.Declare) !== 0) return;
    if ((flags & FLAG.Const) === 0) {
      const message = `${name.text}: a module-level variable outlives the command; keep it in a record, or ${IN_A_FUNCTION}`;
      this.#add("module-state", name, message);
    } else if (!isConstant(initializer)) {
      const message = `${name.text}: a module-level const must be a literal or an enum value; ${IN_A_FUNCTION}`;
      this.#add("module-state", name, message);
    }
  }

  #staticField(field: VariableLike): void {
    if ((field.flags & FLAG.Static) === 0) return;
    if ((field.flags & FLAG.Readonly) !== 0 && isConstant(field.initializer)) return;
    const message =
      `${field.name.text}: a static field outlives the command; make it static readonly with a literal or an ` +
      "enum value, keep it in a record, or make it a static method that returns the value";
    this.#add("module-state", field.name, message);
  }

  #enumValue(value: VariableLike): void {
    if (value.initializer === null || isConstant(value.initializer)) return;
    const message = `${value.name.text}: the value of an enum must be a literal; write the number`;
    this.#add("module-state", value, message);
  }

  #declared(declaration: Declaration): void {
    const isDeclared = ((declaration.flags ?? 0) & FLAG.Declare) !== 0;
    if (!isDeclared && declaration.kind !== NODE.Module) return;
    const message = "declare brings in what is defined outside; import from statevec/assembly instead";
    this.#add("declare", declaration, message);
  }

  #decorator(decorator: SyntaxNode): void {
    const { decoratorKind, name } = decorator as any;
    if (DECORATORS_ALLOWED.has(decoratorKind)) return;
    const text = `@${name?.text ?? name?.property?.text ?? "decorator"}`;
    const todo =
      decoratorKind === DECORATOR.Unmanaged
        ? "an unmanaged class is a view on raw memory; make it an ordinary class"
        : "handler sources may use @inline, @final and @operator; remove it";
    this.#add("decorator", decorator, `${text}: ${todo}`);
  }

  #path(statement: PathStatement): void {
    const { internalPath } = statement;
    const owner = internalPath === null ? "user" : this.#owners.ownerOf(internalPath);
    if (owner === "standard") {
      const message =
        "importing from the compiler's library gives its builtins other names; what handlers may use is there " +
        "without an import";
      this.#add("import-path", statement, `${internalPath}: ${message}`);
    } else if (owner === "sdk-inside") {
      this.#add("import-path", statement, `${internalPath}: is internal; import from statevec/assembly`);
    }
  }

  // ---- expressions ---------------------------------------------------------------------------------------

  #visit({ node, member }: Child): void {
    switch (node.kind) {
      case NODE.Identifier:
        return this.#identifier(node as Identifier, member);
      case NODE.PropertyAccess:
        return this.#property(node as PropertyAccess);
      case NODE.Call:
        return this.#call((node as any).expression);
      case NODE.ExportMember:
        return this.#handedOn((node as any).localName);
      case NODE.TypeName:
        return this.#typeName(node as TypeName);
      case NODE.Literal:
        return this.#literal(node);
      case NODE.Decorator:
        return this.#decorator(node);
      case NODE.Import:
      case NODE.Export:
        return this.#path(node as PathStatement);
      case NODE.EnumValueDeclaration:
        return this.#enumValue(node as VariableLike);
      case NODE.FieldDeclaration:
        this.#staticField(node as VariableLike);
        return this.#declared(node as Declaration);
      default:
        return this.#declared(node as Declaration);
    }
  }

  /** Members that hold the name of a declaration or of a member, not a value. */
  #identifier(node: Identifier, member: string): void {
    const any = ruleOfAnyName(node.text);
    if (any) this.#addName(node, node.text, any);
    if (["name", "names", "property", "label", "exportedName", "identifier"].includes(member)) return;
    const rule = REFUSED_VALUES.get(node.text);
    if (rule) this.#addName(node, node.text, rule);
  }

  #property({ expression, property }: PropertyAccess): void {
    const rule = ruleOfMember(property.text);
    if (rule) this.#addName(property, property.text, rule);
    if (!isKind<Identifier>(expression, NODE.Identifier) || !NUMBER_TYPES.has(expression.text)) return;
    if (!MEMORY_MEMBER.test(property.text)) return;
    this.#addName(expression, `${expression.text}.${property.text}`, MEMORY_RULE);
  }

  #call(callee: SyntaxNode): void {
    if (isKind<Identifier>(callee, NODE.Identifier)) this.#handedOn(callee);
  }

  #handedOn(name: Identifier): void {
    const rule = REFUSED_CALLS.get(name.text);
    if (rule) this.#addName(name, name.text, rule);
  }

  #typeName({ identifier }: TypeName): void {
    const rule = REFUSED_TYPES.get(identifier.text);
    if (rule) this.#addName(identifier, identifier.text, rule);
  }

  #literal(node: SyntaxNode): void {
    const { literalKind, expressions } = node as any;
    if (literalKind === LITERAL.Float) this.#addName(node, "a number with a point", FLOAT_RULE);
    if (literalKind !== LITERAL.Template || expressions.length === 0) return;
    const message =
      "a template with values is put together in static data, which outlives the command; use +";
    this.#add("template", node, message);
  }
}

/** Whether a value is known without running anything: a literal, an enum value, a constant of a type. */
function isConstant(node: SyntaxNode | null): boolean {
  const { expression, operand, operator, literalKind } = (node ?? {}) as any;
  switch (node?.kind) {
    case NODE.True:
    case NODE.False:
    case NODE.Null:
    case NODE.Identifier:
      return true;
    case NODE.Literal: {
      const isText = literalKind === LITERAL.Template && (node as any).expressions.length === 0;
      return isText || ([LITERAL.Integer, LITERAL.Float, LITERAL.String] as number[]).includes(literalKind);
    }
    case NODE.Parenthesized:
    case NODE.Assertion:
      return isConstant(expression);
    case NODE.PropertyAccess:
      return isKind(expression, NODE.Identifier);
    case NODE.UnaryPrefix:
      return SIGNS.has(operator) && isConstant(operand);
    default:
      return false;
  }
}
