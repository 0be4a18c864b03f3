/**
 * The programs of a history's epochs, as far as they are at hand: that of the domain given, and the sealed modules that
 * the history keeps.
 *
 * Responsible for: finding the program that an epoch names, and starting an executor of it. Not responsible for: what
 * runs there (audit.ts), the state that goes over to it (executor.ts).
 *
 * Invariants: I1 a module out of a history is untrusted bytes: only one with the hash that the epoch names, that
 * `sealedDomain` takes for the schema of the domain, is run; I2 limits are those of the epoch frame, which the core reads,
 * so one executor runs every epoch of its module; I3 no executor is held here.
 */
import { HistoryError, UsageError } from "../errors.ts";
import type { EpochPayload } from "../history/epoch-payload.ts";
import type { History } from "../history/history.ts";
import { requireHash } from "../history/segments/module-file.ts";
import type { SchemaParts } from "../schema/index.ts";
import { type Domain, isProgramOf, type Program, programOf } from "./domain.ts";
import { Executor } from "./executor.ts";
import { isOutOfMemory } from "./machine.ts";
import { compileProgram, type SealedOptions, sealedDomain } from "./sealed-domain.ts";

export class KeptPrograms {
  private readonly domain: Domain;
  private readonly keptModule: History["module"] | undefined;

  /** @param keptModule where modules of the history are found, if it keeps any */
  constructor(domain: Domain, keptModule: History["module"] | undefined) {
    this.domain = domain;
    this.keptModule = keptModule;
  }

  /** A fresh executor of the domain's own program. */
  start(): Promise<Executor> {
    return executorOf(this.domain);
  }

  /**
   * The executor for the commands of an epoch.
   *
   * @param seq of the epoch frame, for the error
   * @param running the one that has run so far
   * @returns `running` if it is of the epoch's program, else a fresh one; `undefined` if that program is not at hand
   * @throws {HistoryError} `DAMAGED`: the module kept has another hash than its name; `DIVERGED`: it can not be run
   */
  async executorFor(epoch: EpochPayload, seq: bigint, running: Executor): Promise<Executor | undefined> {
    if (runs(running.program, epoch)) return running;
    if (runs(programOf(this.domain), epoch)) return executorOf(this.domain);
    if (epoch.program.lane === "open") return undefined;
    const { module } = epoch.program;
    const bytes = await this.keptModule?.(module);
    if (bytes === undefined) return undefined;
    const options = { schema: this.domain.schema, limits: epoch.limits };
    return executorOf(keptDomain(module, bytes, options, seq)).catch((error) => {
      throw asDiverged(error, module, seq);
    });
  }
}

/**
 * The domain of a module that a history keeps.
 *
 * @param module SHA-256 that it is named by, hex
 * @param seq of the epoch frame that names it, for the error
 * @throws {HistoryError} `DAMAGED`: it has another hash; `DIVERGED`: it is no module of a build, or of another schema
 */
export function keptDomain(
  module: string,
  bytes: Uint8Array,
  options: SealedOptions<SchemaParts>,
  seq: bigint,
): Domain {
  // Whatever the adapter has checked: I1.
  requireHash(module, bytes);
  try {
    return sealedDomain(bytes, options) as unknown as Domain;
  } catch (error) {
    throw asDiverged(error, module, seq);
  }
}

/** No engine wrote the epoch of a module that it could not run. */
function asDiverged(error: unknown, module: string, seq: bigint): unknown {
  if (!(error instanceof UsageError)) return error;
  const problem = "the module that the epoch names can not be run; compare with a copy";
  return new HistoryError("DIVERGED", problem, {
    seq,
    segment: `modules/${module}.wasm`,
    expected: "a module of statevec build, of the history's schema",
    actual: error.message,
  });
}

/** Whether a program made the frames of an epoch. Of a module any limits will do (I2). */
function runs(program: Program, epoch: EpochPayload): boolean {
  if (program.lane === "open") return isProgramOf(program, epoch);
  return epoch.program.lane === "sealed" && epoch.program.module === program.module;
}

/** @throws {UsageError} the bytes of its module hold no core that starts */
async function executorOf(domain: Domain): Promise<Executor> {
  try {
    const module = await compileProgram(programOf(domain));
    return new Executor({ module, domain, watchesHandlerData: true });
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    throw new UsageError("module", `it can not be run: ${(error as Error).message}; build it again`);
  }
}
