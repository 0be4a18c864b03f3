#!/usr/bin/env node
/**
 * The command line `statevec`.
 *
 * Responsible for: commands, options, and how the program ends (exit-codes.ts).
 * Not responsible for: what each command does: one file for each.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import { parseExpect, parseInteger } from "./arguments.ts";
import { audit } from "./audit.ts";
import { build } from "./build.ts";
import { check } from "./check.ts";
import { EXIT_GOOD, EXIT_USAGE, exitCodeOf, messageOf } from "./exit-codes.ts";
import { init } from "./init.ts";
import { lint } from "./lint.ts";
import { log } from "./log.ts";
import { endQuietlyWhenReaderLeaves, Output } from "./output.ts";
import { proto } from "./proto.ts";
import { receipt } from "./receipt.ts";
import { serve } from "./serve.ts";
import { show } from "./show.ts";
import { state } from "./state.ts";
import { checkVectorFiles, recordVectors } from "./vectors.ts";
import { verify } from "./verify.ts";

/** Runs a command to its end; answers with the exit code. */
type Run = (exitCode: Promise<number>) => Promise<void>;

const number = (option: string, min: bigint, max: bigint) => (text: string) => {
  return Number(parseInteger(option, text, min, max));
};
const seq = (option: string) => (text: string) => parseInteger(option, text, 1n);

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<dir>", "directory of the history")
    .option("--json", "print JSON", false);
}

function addReading(program: Command, output: Output, run: Run): void {
  command(program, "log", "list frames")
    .option("--from <seq>", "first frame", seq("--from"))
    .option("--to <seq>", "last frame", seq("--to"))
    .option("--kind <name>", "only this command, or Epoch, Retire, Checkpoint")
    .addOption(
      new Option("--outcome <name>", "only this outcome").choices(["committed", "rejected", "faulted"]),
    )
    .action((directory: string, { from, to, kind, outcome, json }) =>
      run(log(directory, { from: from ?? 1n, to, kind, outcome, json }, output)),
    );

  command(program, "show", "show one frame: command, outcome, every changed field, events, digests")
    .requiredOption("--seq <n>", "number of the frame", seq("--seq"))
    .action((directory: string, options) => run(show(directory, options, output)));

  command(program, "state", "list the records of a kind at the end of the history")
    .option("--kind <name>", "record kind")
    .addOption(new Option("--uk <name=value,...>", "the record with this unique key").conflicts("index"))
    .option("--index <name=prefix,...>", "records under a prefix of a canonical index, in its order")
    .option("--size", "print how large the state is instead", false)
    .action((directory: string, { kind, uk, index, size, json }) =>
      run(state(directory, { kind, uk, index, size, json }, output)),
    );

  command(program, "receipt", "find what came of a command by its source")
    .argument("<client>", "client number", (text: string) => parseInteger("client", text))
    .argument("<stream>", "stream number", (text: string) => parseInteger("stream", text))
    .argument("<seq>", "seq of the source", (text: string) => parseInteger("seq", text, 1n))
    .action((directory: string, client: bigint, stream: bigint, sourceSeq: bigint, options) => {
      const source = { client, stream: Number(stream), seq: sourceSeq };
      return run(receipt(directory, source, options, output));
    });
}

function addChecking(program: Command, output: Output, run: Run): void {
  command(program, "verify", "check every checksum and the digest chain")
    .option("--expect <seq:digest>", "a digest that was kept elsewhere", parseExpect)
    .action((directory: string, { expect, json }) => run(verify(directory, { expect, json }, output)));

  command(program, "audit", "run every command again and compare every byte")
    .option(
      "--domain <module>",
      "JavaScript or TypeScript file that exports the domain, or NAME.wasm (default: the sealed module beside the history)",
    )
    .action((directory: string, { domain, json }) => run(audit(directory, { domain, json }, output)));
}

function addModules(program: Command, output: Output, run: Run): void {
  program
    .command("lint")
    .description("read the handlers of an open domain for what no replay can repeat")
    .argument("<module>", "JavaScript or TypeScript file that calls defineDomain")
    .option("--json", "print JSON", false)
    .action((module: string, { json }) => run(lint(module, { json }, output)));

  program
    .command("check")
    .description(
      "check a WebAssembly file by the rules of the determinism gate, and say which it can not judge",
    )
    .argument("<file>", "handler module or merged domain (.wasm)")
    .option("--json", "print JSON", false)
    .action((file: string, { json }) => run(check(file, { json }, output)));
}

function addProto(program: Command, output: Output, run: Run): void {
  program
    .command("proto")
    .description("print the .proto file of a domain: a message for each command, event and record")
    .argument(
      "[module]",
      "JavaScript or TypeScript file that exports the domain or its schema, NAME.wasm, or directory of a history",
    )
    .option("--statevec", "print the messages of statevec.v1 instead", false)
    .option("-o, --out <file>", "file to write instead of stdout")
    .option("--json", "print JSON", false)
    .action((module: string | undefined, { statevec, out, json }) =>
      run(proto(module, { statevec, out, json }, output)),
    );
}

function addServing(program: Command, output: Output, run: Run): void {
  command(program, "serve", "open the history and answer over HTTP, until SIGTERM or SIGINT")
    .requiredOption(
      "--domain <module>",
      "JavaScript or TypeScript file that exports the domain, or NAME.wasm",
    )
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .option("--port <n>", "port to listen on; 0: one that is free", number("--port", 0n, 65_535n), 7411)
    .option("--token-file <file>", "file with the token that requests must have: Authorization: Bearer TOKEN")
    .option("--insecure", "listen on an address that others can reach without a token", false)
    .option("--takeover", "open also when a live process owns the history; that one is fenced off", false)
    .option("--rate <n>", "commands a second, at most", number("--rate", 1n, 100_000_000n))
    .option("--ignore-unknown-fields", "take protobuf with fields that the schema does not have", false)
    .action((directory: string, options) => run(serve(directory, options, output)));
}

function addBuilding(program: Command, output: Output, run: Run): void {
  program
    .command("build")
    .description("build the sealed domain of a folder: schema and handlers become one module")
    .argument("<dir>", "folder with NAME.schema.ts and assembly/index.ts")
    .option("--watch", "build again whenever a source changes", false)
    .option("--no-optimize", "build quicker, for a module that runs slower")
    .option("--timings", "print how long each step took", false)
    .option("--json", "print JSON", false)
    .action((directory: string, { watch, optimize, timings, json }) =>
      run(build(directory, { watch, optimize, timings, json }, output)),
    );
}

function addStarting(program: Command, output: Output, run: Run): void {
  program
    .command("init")
    .description("start a project: a domain with its tests, a service, a client")
    .argument("<name>", "directory to make; its last part names the project")
    .option(
      "--package <spec>",
      "version, tarball or folder of statevec that the project installs (default: where this one comes from)",
    )
    .option("--json", "print JSON", false)
    .action((directory: string, options) => run(init(directory, options, PACKAGE, output)));
}

function addVectors(program: Command, output: Output, run: Run): void {
  const domain = ["--domain <module>", "JavaScript or TypeScript file that exports the domain"] as const;
  const vectors = program
    .command("vectors")
    .description("record what commands come to in a JSON file, and check it later")
    .helpCommand(false);

  vectors
    .command("record")
    .description("run commands and write what became of each; results that are recorded already must stay")
    .argument("<source>", "JSON file of commands, or directory of a history")
    .requiredOption(...domain)
    .requiredOption("-o, --out <file>", "vector file to write")
    .option("--to <seq>", "of a history: last frame to record", seq("--to"))
    .option("--overwrite", "replace other results", false)
    .option("--json", "print JSON", false)
    .action((source: string, { domain, out, to, overwrite, json }) =>
      run(recordVectors(source, { domain, out, to, overwrite, json }, output)),
    );

  vectors
    .command("check")
    .description("run the commands again and compare; says the first difference of each file")
    .argument("<file...>", "vector files")
    .requiredOption(...domain)
    .option("--json", "print JSON", false)
    .action((files: string[], { domain, json }) => run(checkVectorFiles(files, { domain, json }, output)));
}

/** Where this package is, seen from where this file is compiled to. */
const PACKAGE = fileURLToPath(new URL("../../..", import.meta.url));

/** @returns the exit code */
async function main(): Promise<number> {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const output = new Output(process.stdout);
  let exitCode = EXIT_GOOD;
  const run: Run = async (result) => {
    exitCode = await result;
  };
  const program = new Command("statevec")
    .description(
      "Reads a history: what was executed, what it changed, whether it is intact. Serves it, builds sealed domains, keeps vectors.",
    )
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .addHelpText(
      "after",
      "\nExit codes: 0 good, 1 damage, problems, findings or a broken rule, 2 wrong arguments, 3 tear, 4 not found, 5 the machine failed",
    );
  addReading(program, output, run);
  addChecking(program, output, run);
  addModules(program, output, run);
  addProto(program, output, run);
  addServing(program, output, run);
  addBuilding(program, output, run);
  addStarting(program, output, run);
  addVectors(program, output, run);
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_GOOD : EXIT_USAGE;
    await output.flush();
    process.stderr.write(`${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
  await output.flush();
  return exitCode;
}

endQuietlyWhenReaderLeaves(process.stdout);
process.exitCode = await main();
