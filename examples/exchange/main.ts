/**
 * `npm start`: runs the exchange on an order flow and proves its history by running it again.
 *
 * Responsible for: arguments, files, what is printed, exit codes (0 good, 1 failed, 2 wrong arguments).
 * Not responsible for: the run itself (run.ts).
 */
import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { newDirectory, PlainError } from "./directory.ts";
import { generateLobster } from "./generate.ts";
import { exchangeIn, LANES, type LaneName } from "./lane.ts";
import { LobsterError, type Message, parseLobster } from "./lobster.ts";
import { Progress } from "./progress.ts";
import { jsonReport, textReport } from "./report.ts";
import { run } from "./run.ts";

const GENERATED_MESSAGES = 200_000;
const GENERATED_SEED = 20_120_621;
/** SHA-256 over the frames when the generated flow has run: the same on every machine, in both lanes. */
const EXPECTED_DIGEST = "181d7abce80bfbffae864c723441f1c0a485014b4c6ad4399853427d6a4cb6fa";

interface Arguments {
  readonly input?: string;
  readonly out?: string;
  readonly bookOut?: string;
  readonly json?: boolean;
  readonly lane?: LaneName;
}

const program = new Command("npm start --")
  .description(
    "Runs an order flow through the exchange into a durable history, audits the history, prints what happened.",
  )
  .option("--input <file>", "order flow in the LOBSTER message format (default: 200,000 generated messages)")
  .option("--out <dir>", "directory of the history, new or empty (default: a new one under data/)")
  .option(
    "--book-out <file>",
    "write the best quotes after each message: ask price,ask size,bid price,bid size",
  )
  .addOption(
    new Option("--lane <name>", "which handlers run (default: sealed when it is built)").choices(LANES),
  )
  .option("--json", "print one JSON object on stdout, nothing else")
  .allowExcessArguments(false)
  .exitOverride();

async function main(): Promise<void> {
  const options = program.parse().opts<Arguments>();
  const progress = new Progress(process.stderr);
  const messages = readMessages(options.input);
  const directory = newDirectory(options.out, "exchange");
  const quotes = options.bookOut === undefined ? undefined : new LineFile(options.bookOut);
  const { lane, domain } = chooseLane(options.lane);
  const result = await run({
    domain,
    messages,
    directory,
    progress,
    onQuotes: quotes && ((line) => quotes.write(line)),
  });
  quotes?.close();
  progress.clear();

  const expectedDigest = options.input === undefined ? EXPECTED_DIGEST : undefined;
  const report = options.json
    ? `${JSON.stringify(jsonReport(result, lane))}\n`
    : textReport(result, lane, directory, expectedDigest);
  process.stdout.write(report);
  const isExpected = expectedDigest === undefined || expectedDigest === result.framesDigest;
  if (!isExpected) process.stderr.write(`expected frames ${expectedDigest}, found ${result.framesDigest}\n`);
  if (!isExpected || !result.audit.identical) process.exitCode = 1;
}

function chooseLane(lane: LaneName | undefined): ReturnType<typeof exchangeIn> {
  try {
    return exchangeIn(lane);
  } catch (error) {
    throw new PlainError(`--lane ${lane}: ${(error as Error).message}`);
  }
}

function readMessages(input: string | undefined): Message[] {
  if (input === undefined) return parseLobster(generateLobster(GENERATED_MESSAGES, GENERATED_SEED));
  if (!existsSync(input)) throw new PlainError(`--input ${input}: there is no such file`);
  if (!statSync(input).isFile()) throw new PlainError(`--input ${input} is not a file`);
  try {
    return parseLobster(readFileSync(input, "utf8"));
  } catch (error) {
    if (error instanceof LobsterError) throw new PlainError(`--input ${input}: ${error.message}`);
    throw error;
  }
}

/** A text file written line by line, in large pieces. */
class LineFile {
  static readonly #PIECE = 65_536;
  readonly #descriptor: number;
  #waiting = "";

  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, "w");
    } catch (error) {
      throw new PlainError(`--book-out ${path} can not be written: ${(error as Error).message}`);
    }
  }

  write(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length >= LineFile.#PIECE) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    writeSync(this.#descriptor, this.#waiting);
    this.#waiting = "";
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text = error instanceof PlainError ? error.message : String((error as Error).stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}
