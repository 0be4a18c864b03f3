/** `statevec build DIR`: schema and handlers of a folder become one module. */
import {
  type BuildResult,
  DomainBuilder,
  type FailedBuild,
  problemText,
  type StepTime,
  watchSources,
} from "../compile/index.ts";
import { EXIT_GOOD, EXIT_PROBLEMS } from "./exit-codes.ts";
import type { Output } from "./output.ts";

export interface BuildCommandOptions {
  readonly watch: boolean;
  readonly optimize: boolean;
  /** Prints how long each step took. */
  readonly timings: boolean;
  readonly json: boolean;
}

/** @returns the exit code; with `--watch` only once the process is told to end */
export async function build(
  directory: string,
  options: BuildCommandOptions,
  output: Output,
): Promise<number> {
  const builder = new DomainBuilder(directory, { optimize: options.optimize });
  const once = async (): Promise<BuildResult> => {
    const result = await builder.build();
    await print(result, options, output);
    await output.flush();
    return result;
  };
  if (!options.watch) return (await once()).built ? EXIT_GOOD : EXIT_PROBLEMS;
  const stopped = new AbortController();
  process.once("SIGINT", () => stopped.abort());
  process.stderr.write("watching for changes; end with Ctrl-C\n");
  await watchSources(builder.folder, once, stopped.signal);
  return EXIT_GOOD;
}

async function print(result: BuildResult, options: BuildCommandOptions, output: Output): Promise<void> {
  if (options.json) return output.json(jsonOf(result));
  if (result.built) {
    const { file, bytes, sha256, times } = result;
    await output.line(`${file}  ${bytes.length.toLocaleString("en")} bytes  sha256 ${sha256}`);
    await output.line(`built in ${seconds(times)}`);
  } else process.stderr.write(`${failureText(result)}\n`);
  if (!options.timings) return;
  for (const { step, milliseconds } of result.times) {
    await output.line(`  ${step.padEnd(10)}${milliseconds.toFixed(0).padStart(6)} ms`);
  }
}

function failureText({ name, problems }: FailedBuild): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [...problems.map(problemText), `${name} is not built: ${count}`].join("\n");
}

function seconds(times: readonly StepTime[]): string {
  const sum = times.reduce((total, { milliseconds }) => total + milliseconds, 0);
  return `${(sum / 1000).toFixed(1)} s`;
}

function jsonOf(result: BuildResult): object {
  if (!result.built) return result;
  const { bytes, ...rest } = result;
  return { ...rest, bytes: bytes.length };
}
