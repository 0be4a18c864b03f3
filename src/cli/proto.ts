/** `statevec proto MODULE`: the `.proto` file of a domain, or the messages of StateVec itself. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { protoText } from "../proto/proto-text.ts";
import type { SchemaModel } from "../schema/model.ts";
import { loadSchema } from "./domain-module.ts";
import { CliError, EXIT_GOOD, EXIT_USAGE } from "./exit-codes.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Output } from "./output.ts";
import { openPlace } from "./place.ts";

export interface ProtoOptions {
  /** Print statevec-v1.proto. */
  readonly statevec: boolean;
  /** Write it there instead of to stdout. */
  readonly out: string | undefined;
  readonly json: boolean;
}

/**
 * @param source a module with a domain or schema, a sealed module, or the directory of a history
 * @returns the exit code
 */
export async function proto(
  source: string | undefined,
  { statevec, out, json }: ProtoOptions,
  output: Output,
): Promise<number> {
  if (statevec === (source !== undefined)) {
    throw new CliError(EXIT_USAGE, "name either a module (or the directory of a history), or --statevec");
  }
  const text = source === undefined ? statevecText() : protoText(await modelAt(source));
  if (out !== undefined) writeText(out, text);
  if (json) await output.json(out === undefined ? { proto: text } : { proto: text, file: out });
  else if (out === undefined) await output.line(text.trimEnd());
  return EXIT_GOOD;
}

/** The file stands beside the compiled sources in the package, as in a checkout. */
function statevecText(): string {
  return readFileSync(new URL("../../../src/proto/statevec-v1.proto", import.meta.url), "utf8");
}

async function modelAt(source: string): Promise<SchemaModel> {
  if (statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
    const { history } = await openPlace(source);
    return (await FrameReader.of(history)).model;
  }
  return loadSchema(source);
}

function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CliError(EXIT_USAGE, `--out ${file}: it can not be written: ${(error as Error).message}`);
  }
}
