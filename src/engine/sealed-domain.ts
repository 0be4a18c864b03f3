/**
 * A sealed domain: one WebAssembly module that holds schema, handlers and core, as `statevec build` makes it.
 *
 * Responsible for: reading what the module says of itself, bounds-checked, and making a domain of it. Not responsible for:
 * whether its handlers are fit to run: `statevec check` judges that, and the build does.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as abi from "../../assembly/abi.ts";
import { UsageError } from "../errors.ts";
import { modelOf } from "../schema/define-schema.ts";
import { encodeDescriptor } from "../schema/descriptor.ts";
import { decodeDescriptor } from "../schema/descriptor-reader.ts";
import type { Schema, SchemaParts } from "../schema/index.ts";
import { schemaOfModel } from "../schema/rebuild.ts";
import { type CoreModule, compileCore, compileModule } from "../wasm.ts";
import { type Domain, domainOf, limitsOf, type Program, type SealedLimits } from "./domain.ts";
import { customSection } from "./wasm-sections.ts";

/** Custom section: the canonical schema. */
export const SCHEMA_SECTION = "statevec.schema";
/** Custom section: what else a host must know, as JSON: `{ format, semantics, dataEnd }`. */
export const MODULE_SECTION = "statevec.module";
export const MODULE_FORMAT = 1;

export interface SealedOptions<P extends SchemaParts> {
  /** The schema that the module was built from: its definitions type the engine, and name records in reads. */
  readonly schema?: Schema<P> | undefined;
  /** Recorded in the epoch frame, as the module is; other limits open another epoch. */
  readonly limits?: SealedLimits | undefined;
}

/**
 * Makes a domain of a module that `statevec build` wrote.
 *
 * @param bytes the module, whole
 * @param options.schema the schema as it was built; without it the definitions are rebuilt from the module
 * @throws {UsageError} it is no such module, was built from another schema or for another core, or a limit is out of range
 */
export function sealedDomain<P extends SchemaParts = SchemaParts>(
  bytes: Uint8Array,
  options: SealedOptions<P> = {},
): Domain<P> {
  if (!(bytes instanceof Uint8Array)) throw refused(`found ${typeof bytes}`, "expected its bytes");
  const own = new Uint8Array(bytes);
  const descriptor = sectionOf(own, SCHEMA_SECTION);
  const { semantics, dataEnd } = aboutModule(sectionOf(own, MODULE_SECTION));
  if (semantics !== abi.CORE_SEMANTICS) {
    throw refused(
      `it was built for core semantics ${semantics}`,
      `this release has ${abi.CORE_SEMANTICS}; use the release that built it`,
    );
  }
  const limits = limitsOf(options.limits, "sealed");
  const schema = options.schema ?? (schemaOfModel(readDescriptor(descriptor)) as unknown as Schema<P>);
  requireSame(schema as Schema, descriptor);
  const module = bytesToHex(sha256(own));
  return domainOf(schema, { lane: "sealed", bytes: own, module, dataEnd, limits });
}

function refused(found: string, advice: string): UsageError {
  return new UsageError("module", `${found}; ${advice}`);
}

function sectionOf(bytes: Uint8Array, name: string): Uint8Array {
  const section = customSection(bytes, name);
  if (section !== undefined) return section;
  throw refused(`it has no section ${name}`, "expected a module that statevec build wrote");
}

/** What the module says of itself. */
function aboutModule(section: Uint8Array): { semantics: number; dataEnd: number } {
  let about: Partial<Record<"format" | "semantics" | "dataEnd", unknown>>;
  try {
    about = JSON.parse(new TextDecoder().decode(section));
  } catch {
    throw refused(`its section ${MODULE_SECTION} is no JSON`, "build it again");
  }
  const { format, semantics, dataEnd } = about ?? {};
  if (format !== MODULE_FORMAT) {
    throw refused(
      `its format is ${String(format)}`,
      `expected ${MODULE_FORMAT}; use the release that built it`,
    );
  }
  const isData = (value: unknown): value is number =>
    Number.isInteger(value) &&
    (value as number) >= abi.HANDLER_DATA_START &&
    (value as number) <= abi.HANDLER_DATA_END;
  if (!Number.isInteger(semantics) || !isData(dataEnd)) {
    throw refused(`its section ${MODULE_SECTION} is not what a build writes`, "build it again");
  }
  return { semantics: semantics as number, dataEnd };
}

function readDescriptor(descriptor: Uint8Array) {
  try {
    return decodeDescriptor(descriptor, 0, descriptor.length);
  } catch (error) {
    throw refused(`its schema can not be read: ${(error as Error).message}`, "build it again");
  }
}

function requireSame(schema: Schema, descriptor: Uint8Array): void {
  const model = modelOf(schema);
  if (model === undefined) throw new UsageError("schema", "expected what defineSchema returned");
  const own = encodeDescriptor(model);
  if (own.length === descriptor.length && own.every((byte, index) => byte === descriptor[index])) return;
  throw refused(`it was built from another schema than ${schema.name}`, "build it again");
}

/** Compiles what a program runs in: the core, or its own module with the core inside. */
export function compileProgram(program: Program): Promise<CoreModule> {
  return program.lane === "open" ? compileCore() : compileModule(program.bytes);
}
