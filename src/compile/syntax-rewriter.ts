/**
 * A walk over AssemblyScript's syntax tree that can replace what it meets.
 *
 * Responsible for: reaching every expression and every statement of a source, whatever it stands in.
 * Not responsible for: what is replaced by what; a subclass overrides `statement` or `expression`.
 *
 * I1. A child is visited before its parent decides, and exactly once.
 */
import type {
  CompilerSyntax,
  EnumDeclaration,
  Expression,
  FunctionDeclaration,
  Initialized,
  Source,
  Statement,
} from "./compiler-syntax.ts";

/** Visits every child; overridden methods call `super` to reach the children of what they do not replace. */
export class SyntaxRewriter {
  protected readonly syntax: CompilerSyntax;

  constructor(syntax: CompilerSyntax) {
    this.syntax = syntax;
  }

  source(source: Source): void {
    this.statements(source.statements);
  }

  // ---- statements ------------------------------------------------------------------------------------------

  statement(node: Statement): Statement {
    const { syntax } = this;
    if (node instanceof syntax.ExpressionStatement) node.expression = this.expression(node.expression);
    else if (node instanceof syntax.VariableStatement) node.declarations.forEach(this.#initializer);
    else if (node instanceof syntax.ReturnStatement || node instanceof syntax.ThrowStatement)
      node.value = this.#optional(node.value);
    else if (node instanceof syntax.VoidStatement) node.expression = this.expression(node.expression);
    else if (node instanceof syntax.BlockStatement) this.statements(node.statements);
    else if (node instanceof syntax.NamespaceDeclaration) this.statements(node.members);
    else if (node instanceof syntax.ExportDefaultStatement) this.statement(node.declaration);
    else if (node instanceof syntax.FunctionDeclaration) this.#function(node);
    else if (node instanceof syntax.ClassDeclaration) for (const member of node.members) this.member(member);
    else if (node instanceof syntax.EnumDeclaration) this.enumeration(node);
    else this.#branch(node);
    return node;
  }

  /** Statements that hold statements under a condition. Whatever is left (imports, types) holds no expression. */
  #branch(node: Statement): void {
    const { syntax } = this;
    if (node instanceof syntax.IfStatement) {
      node.condition = this.expression(node.condition);
      node.ifTrue = this.statement(node.ifTrue);
      if (node.ifFalse) node.ifFalse = this.statement(node.ifFalse);
    } else if (node instanceof syntax.WhileStatement || node instanceof syntax.DoStatement) {
      node.condition = this.expression(node.condition);
      node.body = this.statement(node.body);
    } else if (node instanceof syntax.ForStatement) {
      if (node.initializer) node.initializer = this.statement(node.initializer);
      node.condition = this.#optional(node.condition);
      if (node.incrementor) node.incrementor = this.unusedExpression(node.incrementor);
      node.body = this.statement(node.body);
    } else if (node instanceof syntax.ForOfStatement) {
      node.iterable = this.expression(node.iterable);
      node.body = this.statement(node.body);
    } else if (node instanceof syntax.SwitchStatement) {
      node.condition = this.expression(node.condition);
      for (const one of node.cases) {
        one.label = this.#optional(one.label);
        this.statements(one.statements);
      }
    } else if (node instanceof syntax.TryStatement) {
      this.statements(node.bodyStatements);
      for (const list of [node.catchStatements, node.finallyStatements]) if (list) this.statements(list);
    }
  }

  statements(list: Statement[]): void {
    for (const [index, node] of list.entries()) list[index] = this.statement(node);
  }

  /** A field or method of a class. */
  member(node: Statement): void {
    if (node instanceof this.syntax.FieldDeclaration) this.#initializer(node);
    else this.statement(node);
  }

  enumeration(node: EnumDeclaration): void {
    node.values.forEach(this.#initializer);
  }

  #function(node: FunctionDeclaration): void {
    node.signature.parameters.forEach(this.#initializer);
    const { body } = node;
    // The body of `a => a + 1` is a statement in the tree, and yet its value is taken.
    if (body instanceof this.syntax.ExpressionStatement) body.expression = this.expression(body.expression);
    else if (body) node.body = this.statement(body);
  }

  readonly #initializer = (node: Initialized): void => {
    node.initializer = this.#optional(node.initializer);
  };

  // ---- expressions -----------------------------------------------------------------------------------------

  /** An expression whose value nobody takes. */
  unusedExpression(node: Expression): Expression {
    return this.expression(node);
  }

  expression(node: Expression): Expression {
    const { syntax } = this;
    if (node instanceof syntax.BinaryExpression) {
      node.left = this.expression(node.left);
      node.right = this.expression(node.right);
    } else if (node instanceof syntax.UnaryExpression) node.operand = this.expression(node.operand);
    else if (node instanceof syntax.CallExpression) {
      node.expression = this.expression(node.expression);
      this.#list(node.args);
    } else if (node instanceof syntax.NewExpression) this.#list(node.args);
    else if (node instanceof syntax.PropertyAccessExpression || node instanceof syntax.InstanceOfExpression)
      node.expression = this.expression(node.expression);
    else if (node instanceof syntax.ElementAccessExpression) {
      node.expression = this.expression(node.expression);
      node.elementExpression = this.expression(node.elementExpression);
    } else if (node instanceof syntax.ParenthesizedExpression || node instanceof syntax.AssertionExpression) {
      node.expression = this.expression(node.expression);
    } else if (node instanceof syntax.TernaryExpression) {
      node.condition = this.expression(node.condition);
      node.ifThen = this.expression(node.ifThen);
      node.ifElse = this.expression(node.ifElse);
    } else this.#composite(node);
    return node;
  }

  /** Expressions made of a list of others. Whatever is left (names, literals) holds none. */
  #composite(node: Expression): void {
    const { syntax } = this;
    if (node instanceof syntax.CommaExpression) this.#list(node.expressions);
    else if (node instanceof syntax.ArrayLiteralExpression) this.#list(node.elementExpressions);
    else if (node instanceof syntax.ObjectLiteralExpression) this.#list(node.values);
    else if (node instanceof syntax.TemplateLiteralExpression) this.#list(node.expressions);
    else if (node instanceof syntax.FunctionExpression) this.statement(node.declaration);
    else if (node instanceof syntax.ClassExpression) this.statement(node.declaration);
  }

  #list(list: Expression[]): void {
    for (const [index, node] of list.entries()) list[index] = this.expression(node);
  }

  #optional(node: Expression | null): Expression | null {
    return node && this.expression(node);
  }
}
