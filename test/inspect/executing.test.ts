/** Inspection on an instance that executes: hosts use one of its own, and where they do not, nothing breaks. */

import { memoryHistory, open } from "statevec";
import { expect, test } from "vitest";
import { converters, instantiate } from "#as-bind";
import { APPLY_OK, DIGEST_BYTES } from "../../assembly/abi.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { replaceConverters } from "../../src/inspect/converters.ts";
import { openInspector } from "../../src/inspect/index.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { encodeDescriptor } from "../../src/schema/descriptor.ts";
import { buildTable } from "../../src/schema/table.ts";
import { Core, compileCore, coreModule } from "../../src/wasm.ts";
import { purse } from "../docs/purse.ts";

const model = modelOf(purse.schema);
const descriptor = encodeDescriptor(model);

/** Bodies of a history in which accounts are made and pay each other. */
async function bodies(): Promise<Uint8Array[]> {
  const history = memoryHistory();
  const engine = await open({ domain: purse, history });
  for (let count = 0; count < 40; count++) {
    await engine.submit("Deposit", { owner: `a${count}`, amount: 100n });
    if (count > 0) await engine.submit("Pay", { from: `a${count}`, to: `a${count - 1}`, amount: 7n });
  }
  await engine.close();
  const found: Uint8Array[] = [];
  for await (const batch of history.read()) for (const { body } of framesOf(batch)) found.push(body.slice());
  return found;
}

/** An engine's state in an instance whose inspection calls are bound. */
async function startCore() {
  replaceConverters(converters);
  const { exports } = await instantiate(coreModule(), {});
  const put = (bytes: Uint8Array): number => {
    const at = exports.reserveBlock(bytes.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(bytes, at);
    return at;
  };
  const table = buildTable(model);
  const seed = new BigUint64Array(33).map((_, index) => BigInt(2 * index + 1));
  exports.boot(put(new Uint8Array(table.buffer)), table.length, put(new Uint8Array(seed.buffer)), 0);
  return { exports, apply: (body: Uint8Array) => exports.applyFrame(put(body), body.length) };
}

test("an instance that is inspected between frames has the same state as one that is not", async () => {
  const [inspected, plain] = [await startCore(), await startCore()];
  expect(inspected.exports.openSchema(descriptor)).toBe(true);
  for (const body of await bodies()) {
    for (const core of [inspected, plain]) expect(core.apply(body)).toBe(APPLY_OK);
    const none = new Uint8Array(0);
    expect(inspected.exports.frameText(body, none, none)).toMatch(/^Frame \d+ /);
    expect(inspected.exports.frameText(body.subarray(1), none, none)).toBe(null);
    expect(inspected.exports.describeSchema()).toMatch(/^schema purse/);
    expect(inspected.exports.fingerprint()).toBe(plain.exports.fingerprint());
    expect(inspected.exports.checkStructure()).toBe(plain.exports.checkStructure());
  }
  expect(inspected.exports.seqExecuted()).toBe(80n);
});

test("a record that the core encodes is the record of the snapshot", async () => {
  const core = new Core(await compileCore(), { table: buildTable(model) });
  for (const body of await bodies()) {
    const frame = new Uint8Array(body.length + DIGEST_BYTES);
    frame.set(body);
    expect(core.apply(frame)).toBe(APPLY_OK);
  }
  const snapshot = Buffer.concat([...core.snapshot()]);
  const records = Array.from({ length: 40 }, (_, index) =>
    core.encodeRecord(core.exports.lookupSysId(0, BigInt(index + 1), 0) >>> 0),
  );
  const behind = Buffer.concat(records);
  expect(snapshot.subarray(-behind.length)).toEqual(behind);
  const inspector = await openInspector({ descriptor });
  expect(inspector.recordText("Account", records[0]!)).toBe(
    'Account 1 (revision 2, frame 4)  owner="a0" balance=107 lastPayee=null',
  );
});
