/** JSON of payloads and receipts: there and back for every type, and MALFORMED for whatever else a caller may send. */
import fc from "fast-check";
import { AdmissionError } from "statevec";
import { expect, test } from "vitest";
import { payloadFromJson } from "../../src/engine/payload.ts";
import { receiptForJson, receiptFromJson } from "../../src/engine/receipt-json.ts";
import { DomainMessages } from "../../src/proto/domain-messages.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { JsonError, jsonText, valuesForJson } from "../../src/schema/values-json.ts";
import { valuesOf } from "../schema/arbitrary.ts";
import { desk, openDesk, SOURCE, story } from "./desk.ts";
import { types } from "./schemas.ts";

const SEED = Number(process.env.STATEVEC_SEED ?? Math.floor(Math.random() * 2 ** 31));
const { commands } = new DomainMessages(modelOf(types));
const all = commands.named("All")!;

test(`payloads there and back, seed ${SEED}`, () => {
  for (const name of ["All", "Maybe", "Lists", "None", "Mixed"]) {
    const command = commands.named(name)!;
    const law = fc.property(valuesOf(command.fields), (values) => {
      const json = JSON.parse(jsonText(valuesForJson(command.fields, values)));
      expect(payloadFromJson(command, json)).toEqual(values);
    });
    fc.assert(law, { numRuns: 60, seed: SEED });
  }
});

test(`any JSON: values, or MALFORMED, seed ${SEED}`, () => {
  const member = fc.oneof(
    fc.constantFrom(...all.fields.map((field) => field.name), "__proto__", "toString"),
    fc.string(),
  );
  const law = fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.jsonValue())), (json) => {
    try {
      payloadFromJson(all, json);
      expect("accepted").toBe("a payload of twenty required fields");
    } catch (error) {
      expect(error).toBeInstanceOf(AdmissionError);
      expect((error as AdmissionError).code).toBe("MALFORMED");
    }
  });
  fc.assert(law, { numRuns: 500, seed: SEED });
});

const good = {
  flag: true,
  a8: 1,
  a16: 2,
  a32: 3,
  a64: "4",
  a128: "5",
  s8: -1,
  s16: -2,
  s32: -3,
  s64: "-4",
  s128: "-5",
  price: "1.5",
  total: "-2.25",
  count: "7",
  at: "8",
  color: "Red",
  wide: "Large",
  note: "n",
  raw: "0aFf",
  thing: "9",
};

test.each([
  [{ ...good, a64: 4 }, "All.a64: found 4, expected a value of type u64 as a string", "a64"],
  [{ ...good, a8: "1" }, 'All.a8: found "1", expected a value of type u8', "a8"],
  [{ ...good, a8: 1.5 }, "All.a8: found 1.5, expected a value of type u8", "a8"],
  [{ ...good, a8: 256 }, "All.a8: found 256, expected a value of type u8", "a8"],
  [{ ...good, flag: 1 }, "All.flag: found 1, expected true or false", "flag"],
  [
    { ...good, price: 1.5 },
    "All.price: found 1.5, expected a decimal with up to 4 digits behind the point as a string",
    "price",
  ],
  [{ ...good, color: 1 }, "All.color: found 1, expected one of Red, Green, DarkBlue as a string", "color"],
  [{ ...good, raw: "0" }, 'All.raw: found "0", expected hex digits as a string', "raw"],
  [{ ...good, note: null }, "All.note: found null, expected a value of type text as a string", "note"],
  [
    { ...good, note: undefined },
    "All.note: found nothing, expected a value of type text as a string",
    "note",
  ],
  [{ ...good, more: 1 }, 'All: found "more", expected fields of All: flag, a8', undefined],
  [[], "All: found [], expected an object with the fields of All", undefined],
  [null, "All: found null, expected an object with the fields of All", undefined],
  ["x".repeat(200), `All: found "${"x".repeat(79)}..., expected an object`, undefined],
])("MALFORMED: %j", (json, message, field) => {
  expect(payloadFromJson(all, good)).toMatchObject({
    a64: 4n,
    price: 15_000n,
    raw: new Uint8Array([10, 255]),
  });
  let error: unknown;
  try {
    payloadFromJson(all, json);
  } catch (thrown) {
    error = thrown;
  }
  expect((error as AdmissionError).message).toContain(`MALFORMED: ${message}`);
  expect((error as AdmissionError).field).toBe(field);
});

test("receipts there and back, of every outcome", async () => {
  const model = modelOf(desk.schema);
  const engine = await openDesk();
  for (const [index, [payload]] of story.entries()) {
    const source = { ...SOURCE, seq: BigInt(index + 1) };
    await engine.submit("Touch", payload as never, { source });
    const receipt = (await engine.receipt(source))!;
    const json = JSON.parse(jsonText(receiptForJson(receipt as never, model)));
    expect(typeof json.seq).toBe("string");
    expect(receiptFromJson(json, model)).toEqual(receipt);
    for (const member of ["seq", "digest", "duplicate", "outcome", "events"]) {
      let error: unknown;
      try {
        receiptFromJson({ ...json, [member]: 7 }, model);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(JsonError);
      expect((error as JsonError).field).toBe(member);
    }
  }
  await engine.close();
});
