/**
 * The folder of a sealed domain.
 *
 *     DIR/exchange.schema.ts     exactly one schema; its file gives the domain its name
 *     DIR/assembly/index.ts      the handlers
 *     DIR/build/                 what the build makes, generated sources included
 *
 * Responsible for: finding these, and one clear line where they are not there; writing into build/.
 * Not responsible for: what stands in the files.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { HANDLERS_FILE } from "./handler-functions.ts";

const SCHEMA_ENDING = ".schema.ts";
/** Where everything that the build makes goes. */
export const BUILD_FOLDER = "build";

export interface DomainFolder {
  /** Absolute. */
  readonly directory: string;
  /** `exchange` */
  readonly name: string;
  /** Path of the schema, absolute. */
  readonly schemaFile: string;
}

/** @throws {UsageError} the folder is not one of a sealed domain */
export function domainFolder(directory: string): DomainFolder {
  const refuse = (problem: string) => new UsageError("directory", `${directory}: ${problem}`);
  const absolute = resolve(directory);
  if (!existsSync(absolute)) throw refuse("there is no such directory");
  if (!statSync(absolute).isDirectory()) throw refuse("is a file, expected the folder of a sealed domain");
  const schemas = readdirSync(absolute)
    .filter((name) => name.endsWith(SCHEMA_ENDING))
    .sort();
  const [schema] = schemas;
  if (schema === undefined || schemas.length > 1) {
    const found = schemas.length === 0 ? "found none" : `found ${schemas.join(", ")}`;
    throw refuse(`expected one file NAME${SCHEMA_ENDING}, ${found}`);
  }
  if (!existsSync(join(absolute, HANDLERS_FILE)))
    throw refuse(`there is no ${HANDLERS_FILE}, which exports a function for each command`);
  const schemaFile = join(absolute, schema);
  return { directory: absolute, name: basename(schema, SCHEMA_ENDING), schemaFile };
}

/** Writes a file of build/, unless it holds these bytes already: watchers then see only what changed. */
export function writeBuilt(directory: string, name: string, contents: string | Uint8Array): void {
  const folder = join(directory, BUILD_FOLDER);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  const bytes = Buffer.from(contents as Uint8Array);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  // Whoever reads the file meanwhile sees the old one or the new one, whole.
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}
