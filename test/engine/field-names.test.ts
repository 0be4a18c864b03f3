/** Fields may have any name that the schema allows, also those that the engine's own objects are full of. */
import { defineDomain, memoryHistory, open } from "statevec";
import { command, defineSchema, event, record, u64 } from "statevec/schema";
import { expect, test } from "vitest";

/** Names of members of handles, slots and transactions, and of what every function and array has. */
const NAMES = [
  "at",
  "token",
  "owner",
  "position",
  "length",
  "prototype",
  "get",
  "fields",
  "core",
  "next",
  "then",
];
const fields = () => Object.fromEntries(NAMES.map((name, index) => [name, u64(index + 2)]));

const Thing = record("Thing", 1, { id: u64(1).immutable(), ...fields() }, { unique: { byId: ["id"] } });
const Put = command("Put", 1, { id: u64(1), ...fields() });
const Told = event("Told", 1, fields());
const schema = defineSchema("names", { records: { Thing }, commands: { Put }, events: { Told } });

test("a record is created, read, changed and deleted by fields of such names", async () => {
  const domain = defineDomain(schema, {
    revision: 1,
    handlers: {
      Put(tx, values) {
        const thing: any = tx.create(Thing, values as never);
        for (const name of NAMES) tx.update(thing, { [name]: thing[name] + 1n } as never);
        tx.emit(Told, Object.fromEntries(NAMES.map((name) => [name, thing[name]])) as never);
        if (thing.id === 2n) tx.delete(thing);
      },
    },
  });
  const engine = await open({ domain, history: memoryHistory() });
  const payload = Object.fromEntries(NAMES.map((name, index) => [name, BigInt(index)]));
  const after = Object.fromEntries(NAMES.map((name, index) => [name, BigInt(index + 1)]));
  for (const id of [1n, 2n]) {
    const receipt = await engine.submit("Put", { id, ...payload } as never);
    expect(receipt).toMatchObject({ outcome: "committed", events: [{ name: "Told", values: after }] });
  }
  expect(await engine.read((view) => view.get(Thing.byId, 1n))).toMatchObject(after);
  expect(await engine.read((view) => view.exists(Thing.byId, 2n))).toBe(false);
  await engine.close();
});
