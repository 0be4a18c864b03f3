/**
 * Whether each command of a schema has its handler: a function of the right name and parameter in assembly/index.ts.
 *
 * Responsible for: one clear line where the compilers would complain about generated code.
 * Not responsible for: what the handlers do.
 */
import type typescript from "typescript";
import type { SchemaModel } from "../schema/model.ts";
import { handlerName } from "./generate/index.ts";
import type { Problem } from "./problem.ts";
import { placeInFile } from "./type-check.ts";

type TypeScript = typeof typescript;

/** The module that exports the handlers, from the domain's folder. */
export const HANDLERS_FILE = "assembly/index.ts";

/** @param program a checked program over the handlers of the domain in `directory` */
export function handlerProblems(
  ts: TypeScript,
  program: typescript.Program,
  directory: string,
  model: SchemaModel,
): Problem[] {
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(`${directory}/${HANDLERS_FILE}`);
  const module = file && checker.getSymbolAtLocation(file);
  const exported = new Map(
    (module ? checker.getExportsOfModule(module) : []).map((symbol) => [symbol.name, symbol]),
  );
  return model.commands.flatMap(({ name }) => {
    const handler = handlerName(name);
    const expected = `export function ${handler}(command: ${name}): void`;
    const symbol = exported.get(handler);
    if (symbol === undefined) {
      const message = `exports no ${handler}; the command ${name} needs a handler: ${expected}`;
      return [
        { code: "handler", message, at: { file: HANDLERS_FILE, line: 0, column: 0, text: "", length: 0 } },
      ];
    }
    const problem = signatureProblem(ts, checker, symbol, name);
    if (problem === undefined) return [];
    const { node, found } = problem;
    const at = placeInFile(directory, node.getSourceFile(), node.getStart(), node.getEnd());
    return [{ code: "handler", message: `${handler} ${found}, expected ${expected}`, at }];
  });
}

/** What is wrong with a handler's signature, and the node to point at. */
function signatureProblem(
  ts: TypeScript,
  checker: typescript.TypeChecker,
  symbol: typescript.Symbol,
  command: string,
): { readonly node: typescript.Node; readonly found: string } | undefined {
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  const target = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = target.declarations?.find(ts.isFunctionDeclaration);
  const anywhere = target.declarations?.[0] ?? symbol.declarations?.[0];
  if (declaration === undefined) return anywhere && { node: anywhere, found: "is no function declaration" };
  const signature = checker.getSignatureFromDeclaration(declaration);
  if (signature === undefined) return undefined;
  const name = declaration.name ?? declaration;
  const [parameter] = declaration.parameters;
  if (parameter === undefined || declaration.parameters.length !== 1)
    return { node: name, found: `has ${declaration.parameters.length} parameters` };
  const type = checker.getTypeAtLocation(parameter);
  if (type.symbol?.name !== command) return { node: parameter, found: `takes ${checker.typeToString(type)}` };
  const result = checker.getReturnTypeOfSignature(signature);
  if ((result.flags & ts.TypeFlags.Void) === 0)
    return { node: declaration.type ?? name, found: `returns ${checker.typeToString(result)}` };
  return undefined;
}
