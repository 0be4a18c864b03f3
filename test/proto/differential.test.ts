/**
 * Random messages against other implementations: what they write we read to the canonical bytes of the same values, what we
 * write they read, and of bytes that were changed we accept only what is the one form of what they see.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { schema as exchange } from "../../examples/exchange/exchange.schema.ts";
import { schema as transfers } from "../../examples/transfers/transfers.schema.ts";
import type { ProtoMessage } from "../../src/proto/domain-file.ts";
import {
  type DomainMessage,
  DomainMessages,
  messageToBytes,
  messageToValues,
} from "../../src/proto/domain-messages.ts";
import type { UnknownFields } from "../../src/proto/message-decoder.ts";
import { WireError } from "../../src/proto/wire-error.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { valuesOf } from "../schema/arbitrary.ts";
import { type Peers, peersOf } from "./peers.ts";
import { awkward, types } from "./schemas.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const RUNS = Number(process.env.STATEVEC_RUNS ?? 60);

function canonicalOf({ codec }: DomainMessage, values: unknown): Uint8Array {
  const target = new Uint8Array(codec.sizeMax);
  return target.slice(0, codec.encode(values, target, 0));
}

/** Decodes behind bytes of somebody else, which must stay. */
function decoded(message: DomainMessage, bytes: Uint8Array, policy?: UnknownFields): Uint8Array {
  const { codec, decoder } = message;
  const target = new Uint8Array(codec.sizeMax + 14).fill(0xaa);
  const end = decoder.decode(bytes, target, new DataView(target.buffer), 7, policy);
  expect(
    [...target.subarray(0, 7), ...target.subarray(7 + codec.sizeMax)].every((byte) => byte === 0xaa),
  ).toBe(true);
  return target.slice(7, end);
}

/** The error that a decoder throws; undefined if it throws none. */
function refusal(run: () => unknown): WireError | undefined {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(WireError);
    return error as WireError;
  }
  return undefined;
}

/** The records of a message on the wire: tag and value, as bytes. Only of what our encoder wrote. */
function fieldsOnWire(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length) throw new Error("the bytes of a message end early");
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const wireType = Number(varint() & 7n);
    if (wireType === 0) varint();
    else if (wireType === 1) at += 8;
    else {
      const length = Number(varint());
      at += length;
    }
    fields.push(bytes.slice(start, at));
  }
  return fields;
}

const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** A field whose number no message of the tests has. */
const unknownField = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => {
    const bytes = [0xa0, 0x9c, 0x02];
    let rest = value;
    for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    return new Uint8Array([...bytes, Number(rest)]);
  }),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => new Uint8Array([0xa1, 0x9c, 0x02, ...bytes])),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array([0xa2, 0x9c, 0x02, bytes.length, ...bytes])),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => new Uint8Array([0xa5, 0x9c, 0x02, ...bytes])),
);

describe.each(Object.entries({ types, exchange, transfers, awkward }))(`%s, seed ${SEED}`, (_, schema) => {
  const model = modelOf(schema);
  const messages = new DomainMessages(model);
  const cases: { proto: ProtoMessage; ours: DomainMessage }[] = [];
  let peers: Peers;

  beforeAll(async () => {
    peers = await peersOf(model);
    const { commands, events, records, details } = peers.file;
    for (const proto of commands) cases.push({ proto, ours: messages.commands.named(proto.owner.name)! });
    for (const proto of events) cases.push({ proto, ours: messages.events.named(proto.owner.name)! });
    for (const proto of records) cases.push({ proto, ours: messages.kinds.named(proto.owner.name)! });
    for (const proto of details) cases.push({ proto, ours: messages.rejects.named(proto.owner.name)! });
    expect(cases.length).toBeGreaterThan(7);
  });

  const settings = (factor = 1) => ({ numRuns: Math.ceil(RUNS * factor), seed: SEED });

  test("their bytes come to the canonical bytes of the values", () => {
    for (const { proto, ours } of cases) {
      const law = fc.property(valuesOf(ours.fields), (values) => {
        const canonical = canonicalOf(ours, values);
        for (const peer of peers.all) expect(decoded(ours, peer.encode(proto, values))).toEqual(canonical);
        expect(messageToValues(ours, peers.all[0]!.encode(proto, values))).toEqual(values);
      });
      fc.assert(law, settings());
    }
  });

  test("our bytes come to the same values at theirs", () => {
    for (const { proto, ours } of cases) {
      const law = fc.property(valuesOf(ours.fields), (values) => {
        const bytes = messageToBytes(ours, values);
        for (const peer of peers.all) expect(peer.decode(proto, bytes)).toEqual(values);
      });
      fc.assert(law, settings());
    }
  });

  test("fields come in any order, and unpacked lists as packed ones", () => {
    for (const { ours } of cases) {
      const law = fc.property(valuesOf(ours.fields), fc.integer(), (values, shuffle) => {
        const fields = unpacked(ours, fieldsOnWire(messageToBytes(ours, values)));
        const order = fields.map((field, index) => ({ field, key: Math.imul(index + 1, shuffle | 1) }));
        order.sort((a, b) => a.key - b.key);
        const bytes = joined(order.map(({ field }) => field));
        const once = expectedAfter(
          ours,
          values,
          order.map(({ field }) => field),
        );
        expect(decoded(ours, bytes)).toEqual(canonicalOf(ours, once));
      });
      fc.assert(law, settings());
    }
  });

  test("unknown fields are refused, or ignored where that is asked for", () => {
    for (const { ours } of cases) {
      const law = fc.property(valuesOf(ours.fields), unknownField, fc.nat(), (values, unknown, place) => {
        const fields = fieldsOnWire(messageToBytes(ours, values));
        fields.splice(place % (fields.length + 1), 0, unknown);
        const bytes = joined(fields);
        expect(decoded(ours, bytes, "ignore")).toEqual(canonicalOf(ours, values));
        expect(refusal(() => decoded(ours, bytes))).toMatchObject({ field: "", found: "field number 4548" });
      });
      fc.assert(law, settings(0.5));
    }
  });

  test("of changed bytes we accept what they see too, and it has one form", () => {
    const change = fc.record({
      place: fc.nat(),
      byte: fc.nat(255),
      form: fc.constantFrom("set", "cut", "put", "end"),
    });
    let accepted = 0;
    let refused = 0;
    for (const { proto, ours } of cases) {
      const law = fc.property(
        valuesOf(ours.fields),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (values, changes) => {
          const bytes = changes.reduce(changed, messageToBytes(ours, values));
          let canonical: Uint8Array | undefined;
          const error = refusal(() => {
            canonical = decoded(ours, bytes);
          });
          if (error !== undefined) {
            refused++;
            expect(`${error.found} ${error.expected}`.trim()).not.toBe("");
            return;
          }
          accepted++;
          const seen = ours.codec.decodeExact(canonical!, 0, canonical!.length);
          for (const peer of peers.all) expect(peer.decode(proto, bytes)).toEqual(seen);
          // What we accept is what our encoder writes for it, but for the order of fields and packing.
          const again = messageToBytes(ours, seen);
          expect(decoded(ours, again)).toEqual(canonical);
          expect(sorted(unpacked(ours, fieldsOnWire(bytes)))).toEqual(
            sorted(unpacked(ours, fieldsOnWire(again))),
          );
        },
      );
      fc.assert(law, settings(3));
    }
    expect(accepted).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(accepted);
  });

  test("random bytes: an error that names a field, or a message", () => {
    for (const { ours } of cases) {
      const law = fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, ignores) => {
        refusal(() => decoded(ours, bytes, ignores ? "ignore" : "refuse"));
      });
      fc.assert(law, settings(5));
    }
  });
});

function sorted(fields: readonly Uint8Array[]): string[] {
  return fields.map((field) => Buffer.from(field).toString("hex")).sort();
}

function changed(bytes: Uint8Array, change: { place: number; byte: number; form: string }): Uint8Array {
  const list = [...bytes];
  const place = change.place % (list.length + 1);
  if (change.form === "set" && list.length > 0) list[place % list.length] = change.byte;
  if (change.form === "cut") list.splice(place, 1);
  if (change.form === "put") list.splice(place, 0, change.byte);
  if (change.form === "end") list.length = place;
  return new Uint8Array(list);
}

const VARINTS = new Set(["bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "enum", "ref"]);

/** Packed lists as fields of their own; all others as they are. Tags of up to three bytes. */
function unpacked({ fields }: DomainMessage, onWire: readonly Uint8Array[]): Uint8Array[] {
  return onWire.flatMap((bytes) => {
    let tag = 0;
    let at = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      tag |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const field = fields.find((one) => one.number === tag >>> 3)!;
    const isVarint = VARINTS.has(field.type);
    const isFixed = field.type === "timestamp";
    if (!field.repeated || (tag & 7) !== 2 || (!isVarint && !isFixed)) return [bytes];
    const head = [...bytes.subarray(0, at)];
    head[0] = (head[0]! & ~7) | (isFixed ? 1 : 0);
    while (bytes[at++]! > 0x7f);
    const elements: Uint8Array[] = [];
    while (at < bytes.length) {
      const start = at;
      if (isFixed) at += 8;
      else while (bytes[at++]! > 0x7f);
      elements.push(new Uint8Array([...head, ...bytes.subarray(start, at)]));
    }
    return elements;
  });
}

/** The values of a message whose list elements came in this order. */
function expectedAfter(
  message: DomainMessage,
  values: Record<string, unknown>,
  onWire: readonly Uint8Array[],
) {
  const lists = message.fields.filter((field) => field.repeated);
  const inNumberOrder = lists.map((field) => {
    const mine = onWire.filter((bytes) => numberOf(bytes) === field.number);
    const alone = { ...emptied(message, values), [field.name]: [] };
    const others = fieldsOnWire(messageToBytes(message, alone));
    return [field.name, messageToValues(message, joined([...others, ...mine]))[field.name]] as const;
  });
  return { ...values, ...Object.fromEntries(inNumberOrder) };
}

function emptied(message: DomainMessage, values: Record<string, unknown>): Record<string, unknown> {
  const lists = message.fields.filter((field) => field.repeated).map((field) => [field.name, []]);
  return { ...values, ...Object.fromEntries(lists) };
}

function numberOf(bytes: Uint8Array): number {
  let tag = 0;
  for (let at = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    tag |= (byte & 0x7f) << shift;
    if (byte < 0x80) return tag >>> 3;
  }
}
