/**
 * The PostgreSQL that the benchmark compares with: a package of Debian.
 *
 * Responsible for: finding it. Not responsible for: running it (bench/postgres-server.ts).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installPackages } from "./debian.mjs";

const VERSION = 15;
const PACKAGE = `postgresql-${VERSION}`;
/** Names another place. */
const VARIABLE = "STATEVEC_POSTGRES";

/**
 * The folder of the programs, or why there is none.
 * @returns {{ path: string } | { missing: string }}
 */
export function findPostgres() {
  const path = process.env[VARIABLE] ?? `/usr/lib/postgresql/${VERSION}/bin`;
  if (existsSync(join(path, "postgres"))) return { path };
  const advice = `apt-get install ${PACKAGE} as root, or name its folder of programs in ${VARIABLE}`;
  return { missing: `${path} has no postgres: ${advice}` };
}

/** Installs it if it is missing and no other place is named. Says so when it can not; nothing fails here. */
export function installPostgres() {
  if (process.env[VARIABLE] === undefined && "missing" in findPostgres()) installPackages([PACKAGE]);
}
