/**
 * Bytes that no engine writes, with every digest right: frames of the engine's own with a command's header, decided
 * commands with details that are none, snapshots that give a SysId twice.
 */
import { type History, HistoryError, memoryHistory } from "statevec";
import { beforeAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Executor } from "../../src/engine/executor.ts";
import { framesOf } from "../../src/engine/frames.ts";
import { compileCore } from "../../src/wasm.ts";
import { slowSealer } from "../history/synthetic-frames.ts";
import { type Deed, deed, executorOf, HISTORY_ID, Item, makeLab, openLab, Reject, Tag } from "./lab.ts";

type Edit = (view: DataView) => void;

/** A history of the frames given, each a body; its digests fit. */
async function historyOf(bodies: readonly Uint8Array[]): Promise<History> {
  const history = memoryHistory();
  const claimed = await history.claim({ sealer: slowSealer(), historyId: new Uint8Array(16) });
  let firstSeq = 1n;
  for (const body of bodies) {
    const bytes = new Uint8Array(body.length + abi.DIGEST_BYTES);
    bytes.set(body);
    await claimed.append({ firstSeq, count: 1, bytes });
    firstSeq++;
  }
  await claimed.close();
  return history;
}

/** An epoch frame; commands that reject with and without detail, fault, and commit; a retire frame. */
let bodies: readonly Uint8Array[];
const EPOCH = 0;
const REJECTED = 1;
const BARE = 2;
const FAULTED = 3;
const COMMITTED = 4;
const RETIRE = 5;

beforeAll(async () => {
  const history = memoryHistory();
  const act: Deed = (tx, { n }) => {
    if (n === 1n) tx.reject(Reject.NO, { n: 7n, small: 3 });
    if (n === 2n) tx.reject(Reject.NEVER);
    if (n === 3n) tx.get(Item.byId, 404n);
  };
  const engine = await openLab(act, { history });
  for (const n of [1n, 2n, 3n, 4n]) {
    await engine.submit("Do", deed(n), { source: { client: 1n, stream: 0, seq: n } });
  }
  await engine.retire(1n, 0);
  await engine.close();
  const found: Uint8Array[] = [];
  for await (const batch of history.read()) {
    for (const { body } of framesOf(batch)) found.push(body.slice());
  }
  expect(found.map((body) => body[abi.FRAME_OUTCOME])).toEqual([0, 1, 1, 2, 0, 0]);
  bodies = found;
});

/** What opening says of the history with one frame edited. */
async function opened(position: number, edit: Edit, extra = 0): Promise<unknown> {
  const edited = bodies.map((body, index) => {
    if (index !== position) return body;
    const copy = new Uint8Array(body.length + extra);
    copy.set(body);
    const view = new DataView(copy.buffer);
    view.setUint32(abi.FRAME_LENGTH, copy.length, true);
    edit(view);
    return copy;
  });
  try {
    const engine = await openLab(undefined, { history: await historyOf(edited), historyId: HISTORY_ID });
    await engine.close();
    return "opened";
  } catch (error) {
    return error;
  }
}

test("the frames as they are, sealed again, open", async () => {
  expect(await opened(EPOCH, () => {})).toBe("opened");
});

describe("a header field that a frame of the engine's own has no use for", () => {
  const fields: [string, Edit][] = [
    ["client", (view) => view.setBigUint64(abi.FRAME_CLIENT, 9n, true)],
    ["source seq", (view) => view.setBigUint64(abi.FRAME_SOURCE_SEQ, 9n, true)],
    ["stream", (view) => view.setUint32(abi.FRAME_STREAM, 9, true)],
    ["previous", (view) => view.setBigUint64(abi.FRAME_PREVIOUS, 1n, true)],
    ["SysIds", (view) => view.setUint32(abi.FRAME_SYS_IDS, 9, true)],
    ["flags", (view) => view.setUint8(abi.FRAME_FLAGS, 1)],
    ["outcome", (view) => view.setUint8(abi.FRAME_OUTCOME, 1)],
  ];
  test.each(fields)("%s", async (_name, edit) => {
    expect(await opened(EPOCH, edit)).toBeInstanceOf(HistoryError);
    expect(await opened(RETIRE, edit)).toBeInstanceOf(HistoryError);
  });
});

describe("a decided command", () => {
  const code = (value: number) => (view: DataView) => view.setUint16(abi.FRAME_CODE, value, true);
  const cases: [string, number, Edit, number][] = [
    ["with a code that is none", REJECTED, code(12_345), 0],
    ["with a fault code that is none", FAULTED, code(60_999), 0],
    ["with a code of another detail", BARE, code(1), 0],
    ["with bytes behind its details", REJECTED, () => {}, 50],
    ["with details where its code has none", BARE, () => {}, 9],
    ["with bytes behind the details of a fault", FAULTED, () => {}, 4],
    ["that is rejected, with a fault code", BARE, code(abi.CODE_HANDLER_FAILED), 0],
    ["that is committed, with a code", COMMITTED, code(1), 0],
  ];
  test.each(cases)("%s does not open", async (_name, position, edit, extra) => {
    expect(await opened(position, edit, extra)).toBeInstanceOf(HistoryError);
  });
});

describe("a snapshot", () => {
  /** The state of one item and two tags; the last tag is the last record. */
  async function snapshot(): Promise<Uint8Array> {
    const engine = await openLab((tx) => {
      const item = tx.create(Item, { id: 1n, value: 1n, small: 1 });
      tx.create(Tag, { item: item.sysId, word: "one" });
      tx.create(Tag, { item: item.sysId, word: "two" });
    });
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    const bytes = Buffer.concat([...executorOf(engine).snapshot()]);
    await engine.close();
    return bytes;
  }

  /** SysId 8, revision 4, frame 8, item 8, and a word of three bytes behind its length 2. */
  const TAG_BYTES = 33;

  /** @returns what loading says, and the structure then */
  async function load(edit: (view: DataView, firstTag: number) => void): Promise<readonly [number, number]> {
    const bytes = new Uint8Array(await snapshot());
    const view = new DataView(bytes.buffer);
    const firstTag = bytes.length - 2 * TAG_BYTES;
    expect(view.getBigUint64(firstTag, true)).toBe(2n);
    expect(view.getBigUint64(firstTag + TAG_BYTES, true)).toBe(3n);
    edit(view, firstTag);
    const executor = new Executor({ module: await compileCore(), domain: makeLab() });
    return [executor.loadSnapshot(bytes), executor.core.exports.checkStructure()];
  }

  test("loads as it is", async () => {
    expect(await load(() => {})).toEqual([abi.APPLY_OK, 0]);
  });

  test("with the SysId of one kind in another is refused", async () => {
    // That of the item.
    const [code] = await load((view, firstTag) => view.setBigUint64(firstTag, 1n, true));
    expect(code).toBe(abi.APPLY_BAD_SYS_ID);
  });

  test("with a reference to nothing is refused", async () => {
    const referenceAt = 20;
    const [code] = await load((view, firstTag) => view.setBigUint64(firstTag + referenceAt, 0n, true));
    expect(code).not.toBe(abi.APPLY_OK);
  });

  /** Records of a kind are entered in groups. */
  test.each([1, 15, 16, 17, 40])("of %s items loads whole, and cut anywhere not at all", async (count) => {
    const engine = await openLab((tx) => {
      for (let id = 1n; id <= BigInt(count); id++) tx.create(Item, { id, value: id, small: 1 });
    });
    expect(await engine.submit("Do", deed())).toMatchObject({ outcome: "committed" });
    const { core } = executorOf(engine);
    const bytes = new Uint8Array(Buffer.concat([...executorOf(engine).snapshot()]));
    const module = await compileCore();
    const domain = makeLab();
    const loaded = (part: Uint8Array) => {
      const executor = new Executor({ module, domain });
      return [executor.loadSnapshot(part), executor] as const;
    };
    const [code, executor] = loaded(bytes);
    expect([code, executor.core.exports.checkStructure()]).toEqual([abi.APPLY_OK, 0]);
    expect(executor.core.exports.fingerprint()).toBe(core.exports.fingerprint());
    for (let cut = 0; cut < bytes.length; cut += 1 + (cut % 5)) {
      expect([cut, loaded(bytes.subarray(0, cut))[0]]).not.toEqual([cut, abi.APPLY_OK]);
    }
    await engine.close();
  });
});
