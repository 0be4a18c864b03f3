/** Loading the package `typescript`: an optional peer, which only lint needs. */
import { CliError, EXIT_USAGE } from "../exit-codes.ts";
import type { TypeScript } from "./sources.ts";

/** @throws CliError if it is not installed, or is a release without a programming interface */
export async function loadTypeScript(): Promise<TypeScript> {
  const loaded = await import("typescript").catch(() => undefined);
  const ts = (loaded?.default ?? loaded) as TypeScript | undefined;
  if (ts === undefined) {
    throw new CliError(EXIT_USAGE, "lint needs the package typescript: npm install --save-dev typescript");
  }
  if (typeof ts.createProgram !== "function") {
    const problem = "lint needs a typescript with a programming interface, 5.4 to 6";
    throw new CliError(
      EXIT_USAGE,
      `${problem}: found ${ts.version ?? "another"}, npm install --save-dev typescript@6`,
    );
  }
  return ts;
}
