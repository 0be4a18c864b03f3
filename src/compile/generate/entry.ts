/**
 * The entry of a handler module: `run`, which calls the handler of a command.
 */
import type { SchemaModel } from "../../schema/model.ts";
import { Scope } from "./names.ts";
import { block, imports, small } from "./text.ts";

/** The function of `assembly/index.ts` that handles a command: its name in lower camel case, with `_` behind a keyword. */
export function handlerName(command: string): string {
  return new Scope().take(small(command));
}

/** The text of entry.ts. @param schemaFile the generated module, without its ending */
export function entryText(model: SchemaModel, schemaFile: string): string {
  const commands = model.commands.map((command) => command.name);
  const cases = model.commands.flatMap(({ name, number }) => [
    `case ${number}:`,
    `  return handlers.${handlerName(name)}(changetype<${name}>(payload));`,
  ]);
  const lines = [
    `// Generated from ${schemaFile}.ts by \`statevec build\`. Do not edit.`,
    'import * as handlers from "../assembly/index";',
    ...imports([...commands].sort(), `./${schemaFile}`),
    "",
    "/** Runs the handler of the command with a number, on a canonical payload of it. */",
    ...block("export function run(kind: u32, payload: usize): void", block("switch (kind)", cases)),
  ];
  return `${lines.join("\n")}\n`;
}
