/**
 * Other implementations of protobuf, given the same `.proto` text: static code of protobufjs-cli, and @bufbuild/protobuf
 * over descriptors. Values go in and come out as the engine has them.
 *
 * Responsible for: making the peers, and the way between their values and ours.
 * Not responsible for: what is compared.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import protobufjs from "protobufjs";
import "protobufjs/ext/descriptor.js";
import pbjs from "protobufjs-cli/pbjs.js";
import { findProtoc } from "../../scripts/protoc.mjs";
import { type ProtoFile, type ProtoMessage, protoFileOf } from "../../src/proto/domain-file.ts";
import { protoText } from "../../src/proto/proto-text.ts";
import type { Values } from "../../src/schema/codec.ts";
import type { FieldModel, SchemaModel } from "../../src/schema/model.ts";
import { decimalText } from "../../src/schema/values-json.ts";

const BUILD = fileURLToPath(new URL("../../build/test-proto/", import.meta.url));

/** A folder below build/, from which the packages of the project are found; removed by `done`. */
function workplace(): { readonly directory: string; readonly done: () => void } {
  mkdirSync(BUILD, { recursive: true });
  const directory = mkdtempSync(join(BUILD, "peer-"));
  return { directory, done: () => rmSync(directory, { recursive: true, force: true }) };
}

/** The static module that protobufjs-cli makes of a `.proto`: CommonJS over protobufjs/minimal. */
export async function staticModule(text: string): Promise<string> {
  const { directory, done } = workplace();
  try {
    const file = join(directory, "domain.proto");
    writeFileSync(file, text);
    const args = ["-t", "static-module", "-w", "commonjs", "--keep-case", "--no-comments", file];
    return await new Promise<string>((resolve, reject) => {
      pbjs.main(args, (error, output) => (error ? reject(error) : resolve(output!)));
    });
  } finally {
    done();
  }
}

/** What protobufjs reads in a `.proto`. */
export function reflected(text: string): protobufjs.Root {
  const { root } = protobufjs.parse(text, new protobufjs.Root(), { keepCase: true });
  root.resolveAll();
  return root;
}

/** Descriptors as protoc makes them; undefined where there is no protoc. */
export function protocDescriptors(text: string): Uint8Array | undefined {
  const protoc = findProtoc();
  if ("missing" in protoc) return undefined;
  const { directory, done } = workplace();
  try {
    writeFileSync(join(directory, "domain.proto"), text);
    const out = join(directory, "set.bin");
    execFileSync(protoc.path, [`--proto_path=${directory}`, `--descriptor_set_out=${out}`, "domain.proto"], {
      stdio: "pipe",
    });
    return new Uint8Array(readFileSync(out));
  } finally {
    done();
  }
}

/** Descriptors as protobufjs makes them, which works everywhere. It writes no JSON names, and type names without package. */
export function reflectedDescriptors(text: string): Uint8Array {
  const { FileDescriptorSet } = (protobufjs as any).descriptor;
  const set = descriptorSet(
    FileDescriptorSet.encode((reflected(text) as any).toDescriptor("proto3")).finish(),
  );
  for (const file of set.file) {
    for (const field of file.messageType.flatMap((type) => type.field)) {
      const isRelative = field.typeName !== "" && !field.typeName.startsWith(".");
      if (isRelative) field.typeName = `.${file.package}.${field.typeName}`;
    }
  }
  return toBinary(FileDescriptorSetSchema, set);
}

/** The files in descriptors. */
export function descriptorSet(bytes: Uint8Array): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, bytes);
}

/** One peer: a message of the domain to its bytes and back. */
export interface Peer {
  readonly name: string;
  encode(message: ProtoMessage, values: Values): Uint8Array;
  /** @throws the bytes are no such message */
  decode(message: ProtoMessage, bytes: Uint8Array): Values;
}

export interface Peers {
  readonly file: ProtoFile;
  readonly text: string;
  readonly all: readonly Peer[];
}

/** The peers of a schema. */
export async function peersOf(model: SchemaModel): Promise<Peers> {
  const file = protoFileOf(model);
  const text = protoText(model);
  const registry = createFileRegistry(descriptorSet(protocDescriptors(text) ?? reflectedDescriptors(text)));
  return { file, text, all: [staticPeer(file, await staticModule(text)), bufbuildPeer(file, registry)] };
}

// ---- values of the peers -------------------------------------------------------------------------------------

/** Numbers of the wire as the peer has them. */
interface Numbers {
  long(value: bigint, isSigned: boolean): unknown;
  big(value: unknown): bigint;
}

function scalarTo({ long }: Numbers, field: FieldModel, value: any): unknown {
  switch (field.type) {
    case "u64":
    case "ref":
    case "timestamp":
      return long(value, false);
    case "i64":
      return long(value, true);
    case "u128":
    case "i128":
      return value.toString();
    case "decimal":
      return decimalText(value, field.scale);
    case "enum":
      return field.enumeration!.valueOf.get(value)!;
    default:
      return value;
  }
}

/** Undefined where the peer's value is none of the field: what a peer accepts and we refuse. */
function scalarFrom({ big }: Numbers, field: FieldModel, value: any): unknown {
  switch (field.type) {
    case "u64":
    case "i64":
    case "ref":
    case "timestamp":
      return big(value);
    case "u128":
    case "i128":
      return BigInt(value);
    case "decimal":
      return BigInt(value.replace(".", ""));
    case "enum":
      return field.enumeration!.nameOf.get(value);
    case "bytes":
      return new Uint8Array(value);
    default:
      return value;
  }
}

function valueTo(numbers: Numbers, field: FieldModel, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => scalarTo(numbers, field, item));
  return scalarTo(numbers, field, value);
}

function valueFrom(numbers: Numbers, field: FieldModel, value: unknown): unknown {
  if (field.repeated) return (value as unknown[]).map((item) => scalarFrom(numbers, field, item));
  return value === undefined ? null : scalarFrom(numbers, field, value);
}

// ---- protobufjs, static --------------------------------------------------------------------------------------

const require = createRequire(import.meta.url);

function staticPeer(file: ProtoFile, text: string): Peer {
  const module: { exports: any } = { exports: {} };
  new Function("require", "module", "exports", text)(require, module, module.exports);
  const messages = module.exports[file.package];
  const { Long } = protobufjs.util as any;
  const numbers: Numbers = {
    long: (value, isSigned) => Long.fromString(value.toString(), !isSigned),
    big: (value) => BigInt(String(value)),
  };
  return {
    name: "protobufjs static",
    encode({ name, fields }, values) {
      const there = fields.filter(({ field }) => values[field.name] !== null);
      const entries = there.map(({ name, field }) => [name, valueTo(numbers, field, values[field.name])]);
      return messages[name].encode(Object.fromEntries(entries)).finish();
    },
    decode({ name, fields }, bytes) {
      const found = messages[name].decode(bytes);
      const entries = fields.map(({ name, field }) => {
        const value = Object.hasOwn(found, name)
          ? (found[name] ?? undefined)
          : field.repeated
            ? []
            : undefined;
        return [field.name, valueFrom(numbers, field, value)];
      });
      return Object.fromEntries(entries);
    },
  };
}

// ---- @bufbuild/protobuf --------------------------------------------------------------------------------------

function bufbuildPeer(file: ProtoFile, registry: FileRegistry): Peer {
  const numbers: Numbers = { long: (value) => value, big: (value) => value as bigint };
  const schemaOf = (name: string): DescMessage => registry.getMessage(`${file.package}.${name}`)!;
  const localName = (schema: DescMessage, field: FieldModel) =>
    schema.fields.find((one) => one.number === field.number)!.localName;
  return {
    name: "@bufbuild/protobuf",
    encode({ name, fields }, values) {
      const schema = schemaOf(name);
      const message = create(schema) as Message & Record<string, unknown>;
      for (const { field } of fields) {
        const value = values[field.name];
        if (value !== null) message[localName(schema, field)] = valueTo(numbers, field, value);
      }
      return toBinary(schema, message);
    },
    decode({ name, fields }, bytes) {
      const schema = schemaOf(name);
      const found = fromBinary(schema, bytes) as Message & Record<string, unknown>;
      const entries = fields.map(({ field }) => {
        const local = localName(schema, field);
        // What is absent has its default on the prototype.
        const value = Object.hasOwn(found, local) ? found[local] : undefined;
        return [field.name, valueFrom(numbers, field, value)];
      });
      return Object.fromEntries(entries);
    },
  };
}
