/**
 * The generator: from a schema to the AssemblyScript classes its sealed handlers are written against.
 *
 * Responsible for: NAME.schema.ts (the classes) and entry.ts (what the compiler starts from). The same schema and source
 * give the same bytes.
 * Not responsible for: compiling them, and what they import from the SDK (assembly/sdk).
 */
import { definitionsOf, modelOf, type Schema } from "../../schema/define-schema.ts";
import { loadTool } from "../tools.ts";
import { commandLines } from "./commands.ts";
import { commentsOf } from "./comments.ts";
import type { Context } from "./context.ts";
import { entryText } from "./entry.ts";
import { enumerationLines } from "./enumerations.ts";
import { FieldCode } from "./field-code.ts";
import { eventLines, rejectLines } from "./messages.ts";
import { ModuleNames } from "./names.ts";
import { recordLines } from "./records.ts";
import { banner, fitted, imports } from "./text.ts";

export { handlerName } from "./entry.ts";

/** Where generated code finds the SDK. */
const SDK_MODULE = "statevec/assembly/sdk/generated";

/**
 * Generates what a sealed domain is compiled from beside its handlers.
 * @param schema the schema; its name is that of the generated module
 * @param schemaSource the text of the file that defines it, for its comments
 * @returns texts by file name: `NAME.schema.ts` and `entry.ts`
 * @throws UsageError two definitions would become classes of one name, one has the name of a word of the language, or
 *   the package typescript is not installed
 */
export async function generateDomain(
  schema: Schema,
  schemaSource: string,
): Promise<ReadonlyMap<string, string>> {
  const model = modelOf(schema);
  const names = new ModuleNames(model);
  const context: Context = {
    model,
    names,
    code: new FieldCode(names),
    comments: commentsOf(await loadTool("typescript"), schemaSource),
  };
  const schemaFile = `${model.name}.schema`;
  const texts = new Map(definitionsOf(schema).rejects.map(({ name, definition }) => [name, definition.text]));
  return new Map([
    [`${schemaFile}.ts`, schemaText(context, schemaFile, texts)],
    ["entry.ts", entryText(model, schemaFile)],
  ]);
}

function schemaText(context: Context, schemaFile: string, texts: ReadonlyMap<string, string>): string {
  const { model, names } = context;
  // Classes first: what they use decides the imports and the tests of enumerations, which stand in front of them.
  const classes = [
    ...model.kinds.flatMap((kind, position) => recordLines(context, kind, position)),
    ...commandLines(context),
    ...eventLines(context),
    ...rejectLines(context, texts),
  ];
  const enumerations = enumerationLines(context);
  const lines = [
    `// Generated from ${schemaFile}.ts by \`statevec build\`. Do not edit.`,
    ...imports(names.imports(), SDK_MODULE),
    ...(enumerations.length > 0 ? ["", banner("enumerations"), ...enumerations] : []),
    ...classes,
  ];
  return `${lines.flatMap(fitted).join("\n")}\n`;
}
