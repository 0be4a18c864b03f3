/**
 * The repository's vector files and the domains that they are of.
 *
 * Responsible for: reading them, and the lanes there are. Not responsible for: any expectation.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Domain, type SealedOptions, sealedDomain } from "statevec";
import type { SchemaParts } from "statevec/schema";
import { type Lane, parseVectors, type Vectors } from "statevec/vectors";
import { FUEL_HARD } from "../../assembly/abi.ts";
import { buildSealedDomain } from "../../scripts/build.mjs";
import { type OpenProgram, programOf } from "../../src/engine/domain.ts";
import { kinds } from "./domains/kinds/kinds.ts";
import { limits, lowLimits } from "./domains/limits/limits.ts";
import { openLane } from "./domains/open-lane/open-lane.ts";

export interface VectorFile {
  readonly name: string;
  readonly text: string;
  readonly vectors: Vectors;
}

const FOLDER = fileURLToPath(new URL("./", import.meta.url));

/** All of them, in the order of their names. */
export function vectorFiles(): VectorFile[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".vectors.json"));
  return names.sort().map((name) => {
    const text = readFileSync(FOLDER + name, "utf8");
    return { name, text, vectors: parseVectors(text) };
  });
}

const DOMAINS: readonly unknown[] = [kinds, limits, openLane];

/** The domains of the open lane, by the name of their schema. */
export const openDomains: ReadonlyMap<string, Domain> = new Map(
  DOMAINS.map((domain) => [(domain as Domain).schema.name, domain as Domain]),
);

/** Handlers and limits of a domain of the open lane. */
export function openProgramOf(domain: Domain): OpenProgram {
  const program = programOf(domain);
  if (program.lane !== "open") throw new Error(`${domain.schema.name} is of the sealed lane`);
  return program;
}

/** The domains of the sealed lane, by the name of their schema, built where they are stale. */
async function sealedDomains(): Promise<ReadonlyMap<string, Domain>> {
  const limitsOf: Readonly<Record<string, SealedOptions<SchemaParts>["limits"]>> = {
    // Enough fuel for all the work that a command may ask for: work ends first, as it does in the open lane.
    kinds: { fuel: FUEL_HARD },
    limits: lowLimits,
  };
  const entries = Object.entries(limitsOf).map(([name, limits]) => {
    const folder = `test/vectors/domains/${name}`;
    if (!buildSealedDomain(folder)) throw new Error(`${folder} is not built: the message stands above`);
    const module = readFileSync(`${FOLDER}domains/${name}/build/${name}.wasm`);
    return [name, sealedDomain(module, { limits }) as unknown as Domain] as const;
  });
  return new Map(entries);
}

/** What vectors run on, for each lane. */
export const lanes: readonly {
  readonly lane: Lane;
  /** Domains by the name of their schema. */
  readonly domains: () => Promise<ReadonlyMap<string, Domain>>;
}[] = [
  { lane: "open", domains: async () => openDomains },
  { lane: "sealed", domains: sealedDomains },
];
