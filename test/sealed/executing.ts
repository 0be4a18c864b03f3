/**
 * One executor without history: commands in, frame bodies out, in whatever lane a domain has.
 *
 * Responsible for: chosen hash seed, memory and limits; the sealed lane's batches beside single commands; snapshots.
 * Not responsible for: comparing (lanes.ts).
 */
import * as abi from "../../assembly/abi.ts";
import { EncodedCommands } from "../../src/engine/command-batch.ts";
import { type Domain, programOf, type SealedLimits } from "../../src/engine/domain.ts";
import { type Diagnostic, Executor } from "../../src/engine/executor.ts";
import { compileProgram } from "../../src/engine/sealed-domain.ts";
import type { Source } from "../../src/engine/view.ts";
import type { CoreModule } from "../../src/wasm.ts";

export interface Command {
  readonly name: string;
  readonly payload: unknown;
  readonly source?: Source | undefined;
}

export interface Physics {
  /** Makes the hash seed; nothing in a frame may depend on it. */
  readonly hashSeed?: number | undefined;
  /** Memory at the start, in pages; nothing in a frame may depend on it. */
  readonly memoryPages?: number | undefined;
  /** Bytes of the output buffer: how many frames it takes. */
  readonly outputBytes?: number | undefined;
  /** Of the epochs it opens; those of the domain when absent. */
  readonly limits?: SealedLimits | undefined;
  readonly watchesHandlerData?: boolean | undefined;
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
}

const SEED_WORDS = 33;
export const START_NS = 1_700_000_000_000_000_000n;

/** 33 words that differ for every seed. */
function seedWords(seed: number): BigUint64Array {
  return BigUint64Array.from({ length: SEED_WORDS }, (_, at) =>
    BigInt.asUintN(64, BigInt(seed) * (BigInt(at) * 0x9e3779b97f4a7c15n + 0xbf58476d1ce4e5b9n)),
  );
}

/** Compiled once for each domain: some tests start hundreds of executors. */
const compiled = new WeakMap<Domain, Promise<CoreModule>>();

function moduleOf(domain: Domain): Promise<CoreModule> {
  const module = compiled.get(domain) ?? compileProgram(programOf(domain));
  compiled.set(domain, module);
  return module;
}

export class Bench {
  readonly executor: Executor;

  private constructor(executor: Executor) {
    this.executor = executor;
  }

  /** A fresh executor, before its first epoch. */
  static async start(domain: Domain, physics: Physics = {}): Promise<Bench> {
    const module = await moduleOf(domain);
    const { hashSeed = 1, memoryPages, outputBytes, limits, watchesHandlerData, onDiagnostic } = physics;
    const seed = seedWords(hashSeed);
    const options = {
      module,
      domain,
      seed,
      pages: memoryPages,
      outputBytes,
      limits,
      watchesHandlerData,
      onDiagnostic,
    };
    const executor = new Executor(options);
    executor.core.exports.growOutput(executor.outputBytes);
    executor.core.refresh();
    return new Bench(executor);
  }

  /** A fresh executor behind its epoch frame. */
  static async open(domain: Domain, physics: Physics = {}): Promise<Bench> {
    const bench = await Bench.start(domain, physics);
    bench.openEpoch();
    return bench;
  }

  /** Opens an epoch of its limits. @returns the body of its frame */
  openEpoch(): Uint8Array {
    this.executor.executeEpoch(START_NS);
    return this.takeBody();
  }

  /** Runs one command. @returns the body of its frame @throws {Error} it is not admitted */
  run(command: Command, timeNs = this.executor.timeNs + 1n): Uint8Array {
    const answer = this.ask(command, timeNs);
    if (typeof answer === "number") throw new Error(`${command.name}: admission answered ${answer}`);
    return answer;
  }

  /** Runs one command if it is admitted. @returns the body of its frame, or what admission answered */
  ask({ name, payload, source }: Command, timeNs = this.executor.timeNs + 1n): Uint8Array | number {
    const { executor } = this;
    const command = executor.command(name);
    executor.prepare(command, payload, timeNs, source);
    const answer = executor.admit();
    if (answer !== abi.ADMIT_OK) return answer;
    executor.run(command);
    return this.takeBody();
  }

  /** Forgets a source. @returns the body of its frame */
  retire(client: bigint, stream: number, timeNs = this.executor.timeNs + 1n): Uint8Array {
    if (!this.executor.executeRetire(client, stream, timeNs)) throw new Error("the source is not known");
    return this.takeBody();
  }

  private takeBody(): Uint8Array {
    const { core } = this.executor;
    const body = core.lastBody();
    core.takeOutput();
    return body;
  }

  /** Applies frames as recovery does. */
  apply(bodies: readonly Uint8Array[]): this {
    const noDigest = new Uint8Array(abi.DIGEST_BYTES);
    const code = this.executor.apply(Buffer.concat(bodies.flatMap((body) => [body, noDigest])));
    if (code !== abi.APPLY_OK) throw new Error(`the frames are refused with ${code}`);
    return this;
  }

  /** Runs commands as one batch, all at one time. @returns the bodies of their frames */
  runBatch(commands: readonly Command[], timeNs = this.executor.timeNs + 1n): Uint8Array[] {
    const { executor } = this;
    const batch = new EncodedCommands(executor.binding);
    for (const { name, payload, source } of commands) batch.add(name, payload, { source });
    batch.setTime(0, batch.length, timeNs);
    const bodies: Uint8Array[] = [];
    for (let from = 0; from < batch.bytes.length; ) {
      const { status, next } = executor.runBatch(batch.bytes, from, batch.bytes.length);
      if (status === abi.BATCH_REFUSED) throw new Error("a command of the batch is not admitted");
      bodies.push(...bodiesOf(executor.core.takeOutput()));
      from = next;
    }
    return bodies;
  }

  snapshot(): Uint8Array {
    return Uint8Array.from(Buffer.concat([...this.executor.snapshot()]));
  }

  load(snapshot: Uint8Array): this {
    const code = this.executor.loadSnapshot(snapshot);
    if (code !== abi.APPLY_OK) throw new Error(`the snapshot is refused with ${code}`);
    return this;
  }

  /** Of records, keys, indexes, next SysId, seq and source positions. */
  fingerprint(): bigint {
    return BigInt.asUintN(64, this.executor.core.exports.fingerprint());
  }

  /** A full check of every structure: 0, or the number of what is wrong. */
  check(): number {
    return this.executor.core.exports.checkStructure();
  }
}

function bodiesOf(frames: Uint8Array): Uint8Array[] {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + view.getUint32(at + abi.FRAME_LENGTH, true);
    bodies.push(frames.slice(at, end));
    at = end + abi.DIGEST_BYTES;
  }
  return bodies;
}
