/**
 * Protobuf: the exchange's PlaceOrder from its message to what the core takes, and to the objects of other implementations.
 *
 * Responsible for: the same messages for all, taken from the order stream; that each side reads what was written.
 * Not responsible for: what the figures are compared with (../protobuf-rows.ts).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import protobufjs from "protobufjs";
import "protobufjs/ext/descriptor.js";
import pbjs from "protobufjs-cli/pbjs.js";
import { schema } from "../../examples/exchange/exchange.schema.ts";
import { DomainMessages, messageToBytes } from "../../src/proto/domain-messages.ts";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { commandAt } from "../commands.ts";
import { root } from "../places.ts";
import { generateStream } from "../stream.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

/** Different messages, decoded again and again: no branch can learn them by heart. */
const MESSAGES = 1_000;

const model = modelOf(schema);
const placeOrder = new DomainMessages(model).commands.named("PlaceOrder")!;

function messages(): { readonly bytes: Uint8Array[]; readonly quantities: bigint } {
  const stream = generateStream(100, MESSAGES);
  const bytes: Uint8Array[] = [];
  let quantities = 0n;
  for (let position = 0; bytes.length < MESSAGES; position++) {
    const { name, payload } = commandAt(stream, position);
    if (name !== "PlaceOrder") continue;
    bytes.push(messageToBytes(placeOrder, payload));
    quantities += payload.quantity;
  }
  return { bytes, quantities };
}

/** A side whose `decode` reads one message, and whose `quantity` says what was read last. */
function sideOf(
  { perTurn }: SideOptions,
  decode: (bytes: Uint8Array) => unknown,
  quantityOf: (decoded: any) => bigint,
): Side {
  const { bytes, quantities } = messages();
  const rounds = Math.ceil(perTurn / MESSAGES);
  return {
    turn() {
      const start = performance.now();
      for (let round = 0; round < rounds; round++) {
        for (let index = 0; index < MESSAGES; index++) decode(bytes[index]!);
      }
      return { perSecond: perSecond(rounds * MESSAGES, performance.now() - start) };
    },
    finish() {
      const read = bytes.reduce((sum, one) => sum + quantityOf(decode(one)), 0n);
      requireSame("the quantities", { read: String(read) }, { read: String(quantities) });
      return {};
    },
  };
}

/** To the canonical payload, every rule checked. */
export async function startProtobuf(options: SideOptions): Promise<Side> {
  const { codec, decoder } = placeOrder;
  const target = new Uint8Array(codec.sizeMax);
  const view = new DataView(target.buffer);
  return sideOf(
    options,
    (bytes) => decoder.decode(bytes, target, view, 0),
    (end) => codec.decodeExact(target, 0, end).quantity as bigint,
  );
}

/** To an object, unchecked: static code of protobufjs-cli. */
export async function startProtobufStatic(options: SideOptions): Promise<Side> {
  const folder = join(root, "build");
  mkdirSync(folder, { recursive: true });
  const directory = mkdtempSync(join(folder, "bench-protobuf-"));
  try {
    const file = join(directory, "exchange.proto");
    writeFileSync(file, protoText(model));
    const text = await new Promise<string>((resolve, reject) => {
      pbjs.main(["-t", "static-module", "-w", "commonjs", file], (error, output) =>
        error ? reject(error) : resolve(output!),
      );
    });
    const module = join(directory, "exchange.cjs");
    writeFileSync(module, text);
    const { PlaceOrder } = createRequire(import.meta.url)(module).exchange;
    return sideOf(
      options,
      (bytes) => PlaceOrder.decode(bytes),
      (order) => BigInt(String(order.quantity)),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** To an object: @bufbuild/protobuf over descriptors. */
export async function startProtobufBufbuild(options: SideOptions): Promise<Side> {
  const { root: parsed } = protobufjs.parse(protoText(model), new protobufjs.Root());
  parsed.resolveAll();
  const { FileDescriptorSet } = (protobufjs as any).descriptor;
  const set = fromBinary(
    FileDescriptorSetSchema,
    FileDescriptorSet.encode((parsed as any).toDescriptor("proto3")).finish(),
  );
  // protobufjs leaves the package out of type names.
  for (const file of set.file) {
    for (const field of file.messageType.flatMap((type) => type.field)) {
      const isRelative = field.typeName !== "" && !field.typeName.startsWith(".");
      if (isRelative) field.typeName = `.${file.package}.${field.typeName}`;
    }
  }
  const registry = createFileRegistry(
    fromBinary(FileDescriptorSetSchema, toBinary(FileDescriptorSetSchema, set)),
  );
  const PlaceOrder = registry.getMessage("exchange.PlaceOrder")!;
  return sideOf(
    options,
    (bytes) => fromBinary(PlaceOrder, bytes),
    (order) => order.quantity as bigint,
  );
}
