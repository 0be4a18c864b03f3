/** The `.proto` of a domain: it compiles everywhere, says what the schema says, and names that meet are refused. */
import { createFileRegistry } from "@bufbuild/protobuf";
import { command, defineSchema, enumeration, enumOf, event, record, reject, u8, u32 } from "statevec/schema";
import { describe, expect, test } from "vitest";
import { schema as exchange } from "../../examples/exchange/exchange.schema.ts";
import { schema as transfers } from "../../examples/transfers/transfers.schema.ts";
import { findProtoc } from "../../scripts/protoc.mjs";
import { SchemaError } from "../../src/errors.ts";
import { type ProtoMessage, protoFileOf } from "../../src/proto/domain-file.ts";
import { defaultJsonName, pascalCase, snakeCase } from "../../src/proto/names.ts";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { descriptorSet, peersOf, protocDescriptors, reflected, reflectedDescriptors } from "./peers.ts";
import { awkward, types } from "./schemas.ts";

const schemas = { exchange, transfers, types, awkward };

/** What a descriptor says of each field, in the order of names: all that decides about bytes and JSON. */
function fieldsIn(bytes: Uint8Array) {
  return descriptorSet(bytes)
    .file.flatMap((file) => file.messageType.map((type) => ({ name: `${file.package}.${type.name}`, type })))
    .flatMap(({ name, type }) =>
      type.field.map((field) => ({
        field: `${name}.${field.name}`,
        number: field.number,
        type: field.type,
        typeName: field.typeName,
        label: field.label,
        jsonName: field.jsonName || defaultJsonName(field.name),
        presence: field.proto3Optional,
      })),
    )
    .sort((a, b) => (a.field < b.field ? -1 : 1));
}

describe.each(Object.entries(schemas))("%s", (name, schema) => {
  const model = modelOf(schema);
  const text = protoText(model);

  test("the text stays as it is", async () => {
    await expect(text).toMatchFileSnapshot(`golden/${name}.proto`);
  });

  test("protobufjs reads all of it", () => {
    const file = protoFileOf(model);
    const root = reflected(text);
    const messages = [...file.commands, ...file.events, ...file.records, ...file.details];
    for (const message of messages) {
      const type = root.lookupType(`${file.package}.${message.name}`);
      expect(type.fieldsArray.map((field) => [field.name, field.id])).toEqual(
        message.fields.map((field) => [field.name, field.field.number]),
      );
    }
    for (const one of file.enums) {
      const values = Object.fromEntries(one.values.map((value) => [value.name, value.number]));
      expect(root.lookupEnum(`${file.package}.${one.name}`).values).toEqual(values);
    }
    for (const union of file.unions) {
      expect(root.lookupType(`${file.package}.${union.name}`).oneofsArray).toHaveLength(1);
    }
  });

  test("protoc compiles it, and reads the same as protobufjs", (context) => {
    const protoc = findProtoc();
    context.skip("missing" in protoc, "missing" in protoc ? protoc.missing : undefined);
    const withoutJson = (bytes: Uint8Array) => fieldsIn(bytes).map((field) => ({ ...field, jsonName: "" }));
    expect(withoutJson(protocDescriptors(text)!)).toEqual(withoutJson(reflectedDescriptors(text)));
  });

  test("the JSON name of every field is its name in the schema", (context) => {
    const protoc = findProtoc();
    context.skip("missing" in protoc, "missing" in protoc ? protoc.missing : undefined);
    const file = protoFileOf(model);
    const found = new Map(fieldsIn(protocDescriptors(text)!).map((one) => [one.field, one.jsonName]));
    const messages: ProtoMessage[] = [...file.commands, ...file.events, ...file.records, ...file.details];
    for (const message of messages) {
      for (const field of message.fields) {
        expect(found.get(`${file.package}.${message.name}.${field.name}`)).toBe(field.field.name);
      }
    }
  });

  test("static code and descriptors make peers of it", async () => {
    const { all } = await peersOf(model);
    expect(all.map((peer) => peer.name)).toEqual(["protobufjs static", "@bufbuild/protobuf"]);
    // As where there is no protoc.
    const registry = createFileRegistry(descriptorSet(reflectedDescriptors(text)));
    expect(registry.getMessage(`${protoFileOf(model).package}.${model.commands[0]!.name}`)).toBeDefined();
  });
});

test("words", () => {
  const cases = {
    orderId: "order_id",
    OrderID: "order_id",
    HTTPStatusCode: "http_status_code",
    order_id: "order_id",
    ORDER_ID: "order_id",
    x1y2Z3: "x1y2_z3",
    a__b_: "a_b",
    A: "a",
    EUR: "eur",
  };
  for (const [name, snake] of Object.entries(cases)) expect(snakeCase(name)).toBe(snake);
  expect(["UNKNOWN_ORDER", "unknownOrder", "X"].map(pascalCase)).toEqual([
    "UnknownOrder",
    "UnknownOrder",
    "X",
  ]);
});

const fields = (...names: string[]) => Object.fromEntries(names.map((name, index) => [name, u32(index + 1)]));
const R = record("R", 1, { a: u8(1) });
const kind = enumeration("A", { B_C: 1 });
const other = enumeration("A_B", { C: 1 });

/** Names that are different in the schema and the same in protobuf. */
const clashes: readonly (readonly [what: string, path: string, found: string, parts: any])[] = [
  [
    "fields",
    "commands.C.order_id",
    "the protobuf name of orderId: order_id",
    {
      commands: { C: command("C", 1, fields("orderId", "order_id")) },
    },
  ],
  [
    "default JSON names",
    "commands.C.a1",
    "the protobuf name of a_1: a1",
    {
      commands: { C: command("C", 1, fields("a_1", "a1")) },
    },
  ],
  [
    "an event, twice taken",
    "events.C",
    "the protobuf name CEvent, which is that of commands.CEvent",
    {
      commands: { C: command("C", 1, {}), CEvent: command("CEvent", 2, {}) },
      events: { C: event("C", 1, {}) },
    },
  ],
  [
    "details",
    "rejects.noWay",
    "the protobuf name NoWayDetail, which is that of rejects.NO_WAY",
    {
      commands: { C: command("C", 1, {}) },
      rejects: { NO_WAY: reject(1, "No.", { a: u8(1) }), noWay: reject(2, "No.", { a: u8(1) }) },
    },
  ],
  [
    "values of two enums",
    "enumerations.A_B.C",
    "the protobuf name A_B_C, which is that of enumerations.A.B_C",
    {
      commands: { C: command("C", 1, { a: enumOf(1, kind), b: enumOf(2, other) }) },
    },
  ],
  [
    "values of one enum",
    "enumerations.E.a1",
    "the protobuf name of a_1",
    {
      commands: { C: command("C", 1, { a: enumOf(1, enumeration("E", { a_1: 1, a1: 2 })) }) },
    },
  ],
  [
    "the value 0",
    "enumerations.E.Unspecified",
    "the protobuf name of the value 0",
    {
      commands: { C: command("C", 1, { a: enumOf(1, enumeration("E", { Unspecified: 1 })) }) },
    },
  ],
  [
    "members of a union",
    "commands.placeOrder",
    "the protobuf name of PlaceOrder in Command: place_order",
    {
      commands: { PlaceOrder: command("PlaceOrder", 1, {}), placeOrder: command("placeOrder", 2, {}) },
    },
  ],
];

test.each(clashes)("names that meet are refused: %s", (_, path, found, parts) => {
  const schema = defineSchema("clash", { records: { R }, ...parts });
  let error: unknown;
  try {
    protoFileOf(modelOf(schema)!);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(SchemaError);
  expect((error as SchemaError).mistakes).toContainEqual({
    path,
    found,
    expected: "another name: this one has no protobuf name of its own",
  });
});

test("names that are taken get a suffix", () => {
  const { commands, events, records, enums, unions } = protoFileOf(modelOf(awkward));
  const names = (list: readonly { readonly name: string }[]) => list.map((one) => one.name);
  expect(names(commands)).toEqual(["keywords", "Order", "Command", "string", "Record"]);
  expect(names(events)).toEqual(["OrderEvent", "Trade", "Event"]);
  expect(names(records)).toEqual(["OrderRecord", "TradeRecord"]);
  expect(names(enums)).toEqual(["OrderEnum", "side"]);
  expect(names(unions)).toEqual(["CommandMessage", "EventMessage", "RecordMessage"]);
});
