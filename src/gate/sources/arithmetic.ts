/**
 * Where handler sources add, subtract and multiply.
 *
 * Responsible for: the list; it is information, not a rule. `statevec build` turns each into an operation that
 * records OVERFLOW and traps.
 * Not responsible for: types. The tree has none yet, so what is not visibly narrower than 64 bits is listed.
 */
import type { Finding } from "../finding.ts";
import {
  childrenOf,
  type Identifier,
  isKind,
  LITERAL,
  NODE,
  type PropertyAccess,
  placeAt,
  type Source,
  type SyntaxNode,
  TOKEN,
} from "./syntax.ts";
import { type SourceOptions, SourceOwners } from "./which-sources.ts";

const OPERATORS: ReadonlyMap<number, string> = new Map([
  [TOKEN.Plus, "+"],
  [TOKEN.Minus, "-"],
  [TOKEN.Asterisk, "*"],
  [TOKEN.Plus_Equals, "+="],
  [TOKEN.Minus_Equals, "-="],
  [TOKEN.Asterisk_Equals, "*="],
]);
const STEPS: ReadonlyMap<number, string> = new Map([
  [TOKEN.Plus_Plus, "++"],
  [TOKEN.Minus_Minus, "--"],
]);
const NARROW_TYPES: ReadonlySet<string> = new Set(["bool", "i8", "u8", "i16", "u16", "i32", "u32"]);

/**
 * Lists every `+ - *` of the user's sources that may be 64 bits wide.
 *
 * @param sources `parser.sources` of the compiler, before a transform has changed them
 * @returns one entry for each, with rule `raw-arithmetic`
 */
export function listRawArithmetic(sources: readonly Source[], options: SourceOptions): Finding[] {
  const owners = new SourceOwners(options);
  const found: Finding[] = [];
  for (const source of sources) {
    if (!owners.isUsers(source)) continue;
    const inSource: SyntaxNode[] = [];
    const waiting = [...source.statements];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (operatorOf(node) !== undefined) inSource.push(node);
      waiting.push(...childrenOf(node).map((child) => child.node));
    }
    inSource.sort((left, right) => left.range.start - right.range.start || left.range.end - right.range.end);
    for (const node of inSource) {
      const message =
        `${operatorOf(node)} faults with OVERFLOW when the result leaves the type of its operands; where an ` +
        "intermediate result may be wider, use num";
      found.push({ rule: "raw-arithmetic", place: placeAt(source, node.range.start), message });
    }
  }
  return found;
}

/** The operator of a node that may compute with 64 bits. */
function operatorOf(node: SyntaxNode): string | undefined {
  const { operator, operand, left, right } = node as any;
  if (isKind(node, NODE.UnaryPostfix) || isKind(node, NODE.UnaryPrefix)) {
    return isNarrow(operand) ? undefined : STEPS.get(operator);
  }
  if (!isKind(node, NODE.Binary)) return undefined;
  const sides: SyntaxNode[] = [left, right];
  if (sides.some(isText) || sides.every(isNumber)) return undefined;
  const hasNarrow = sides.some(isNarrow) && sides.every((side) => isNarrow(side) || isNumber(side));
  return hasNarrow ? undefined : OPERATORS.get(operator);
}

function isText(node: SyntaxNode): boolean {
  const { literalKind } = node as any;
  return isKind(node, NODE.Literal) && (literalKind === LITERAL.String || literalKind === LITERAL.Template);
}

function isNumber(node: SyntaxNode): boolean {
  return isKind(node, NODE.Literal) && (node as any).literalKind === LITERAL.Integer;
}

/** A length, or a value whose type is written next to it. */
function isNarrow(node: SyntaxNode): boolean {
  if (isKind<PropertyAccess>(node, NODE.PropertyAccess)) return node.property.text === "length";
  if (isKind(node, NODE.Parenthesized)) return isNarrow((node as any).expression);
  if (!isKind(node, NODE.Assertion)) return false;
  const name: Identifier | undefined = (node as any).toType?.name?.identifier;
  return name !== undefined && NARROW_TYPES.has(name.text);
}
