/** `statevec lint MODULE`: reads the handlers of an open domain for what no replay can repeat. Runs nothing. */
import { relative } from "node:path";
import { CliError, EXIT_DAMAGED, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import type { Finding } from "./lint/finding.ts";
import { lintSources } from "./lint/lint.ts";
import { readSources } from "./lint/sources.ts";
import { loadTypeScript } from "./lint/typescript.ts";
import type { Output } from "./output.ts";

/** @returns the exit code */
export async function lint(
  module: string,
  options: { readonly json: boolean },
  output: Output,
): Promise<number> {
  const sources = readSources(await loadTypeScript(), module);
  const { domains, findings } = lintSources(sources);
  if (domains === 0) {
    const expected = "expected one there or in what it imports relatively";
    throw new CliError(EXIT_USAGE, `${module}: found no call of defineDomain, ${expected}`);
  }
  const shown = findings.map((finding) => ({ ...finding, file: pathOf(finding.file) }));
  const errors = shown.filter(({ severity }) => severity === "error").length;
  const files = sources.files.map(({ fileName }) => pathOf(fileName));
  if (options.json) await output.json({ clean: errors === 0, files, findings: shown });
  else {
    for (const finding of shown) await output.line(lineOf(finding));
    await output.line(summary(errors, shown.length - errors, files.length));
  }
  return errors === 0 ? EXIT_GOOD : EXIT_DAMAGED;
}

/** As an editor's terminal takes it. */
function lineOf({ file, line, column, rule, severity, message }: Finding): string {
  const name = severity === "error" ? rule : `${rule} (information)`;
  return `${file}:${line}:${column} ${name}: ${message}`;
}

function summary(errors: number, information: number, files: number): string {
  const read = files === 1 ? "1 file read" : `${files} files read`;
  const found = errors === 0 ? "no findings" : errors === 1 ? "1 finding" : `${errors} findings`;
  return information === 0 ? `${read}: ${found}` : `${read}: ${found}, ${information} for information`;
}

/** From the working directory, where that is shorter. */
function pathOf(file: string): string {
  const path = relative(process.cwd(), file);
  return path.length < file.length ? path : file;
}
