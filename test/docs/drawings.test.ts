/** The drawings and tables of the reference: every offset, width, code and limit on a page is the one that the code has. */
import { memoryHistory, open } from "statevec";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Executor } from "../../src/engine/executor.ts";
import { framesOf } from "../../src/engine/frames.ts";
import * as segment from "../../src/history/segments/segment-format.ts";
import { enumerationModel, type FieldFacts, fieldModel } from "../../src/schema/model.ts";
import { compileCore } from "../../src/wasm.ts";
import { purse } from "./purse.ts";
import { type DrawnField, drawingsIn, textOf } from "./reading.ts";

const WIDTHS: Readonly<Record<string, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

/** Names and offsets of a drawing. */
function placesOf(drawing: readonly DrawnField[]): [name: string, at: number | undefined][] {
  return drawing.map(({ name, at }) => [name, at]);
}

/** Each field of a drawing reaches up to the next one, the last one to `end`. */
function expectWidths(drawing: readonly DrawnField[], end: number): void {
  drawing.forEach(({ name, at, type }, index) => {
    const next = drawing[index + 1]?.at ?? end;
    const width = WIDTHS[type.split(",")[0]!] ?? Number(/^(\d+) ?bytes$/.exec(type)?.[1] ?? next - at!);
    expect(next - at!, name).toBe(width);
  });
}

/** Rows of the tables of a page, as cells. */
function rowsOf(page: string): string[][] {
  const rows = textOf(page)
    .split("\n")
    .filter((line) => line.startsWith("| ") && line.endsWith(" |"));
  return rows.map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("frame.md", () => {
  const drawings = drawingsIn(textOf("docs/reference/frame.md"));
  const [header, delta, epoch] = drawings as [DrawnField[], DrawnField[], DrawnField[]];

  test("three drawings; those of abi.ts are the same", () => {
    expect(drawings).toHaveLength(3);
    const inSource = drawingsIn(textOf("assembly/abi.ts"));
    expect(inSource).toContainEqual(header);
    const deltaInSource = inSource.find((one) => one[0]!.name === "op")!;
    expect(deltaInSource.slice(0, -1)).toEqual(delta.slice(0, -1));
  });

  test("the header", () => {
    expect(placesOf(header)).toEqual([
      ["len", abi.FRAME_LENGTH],
      ["format", abi.FRAME_FORMAT_AT],
      ["outcome", abi.FRAME_OUTCOME],
      ["flags", abi.FRAME_FLAGS],
      ["seq", abi.FRAME_SEQ],
      ["time", abi.FRAME_TIME],
      ["epoch", abi.FRAME_EPOCH],
      ["kind", abi.FRAME_KIND],
      ["code", abi.FRAME_CODE],
      ["client", abi.FRAME_CLIENT],
      ["source seq", abi.FRAME_SOURCE_SEQ],
      ["stream", abi.FRAME_STREAM],
      ["deltas", abi.FRAME_DELTAS],
      ["events", abi.FRAME_EVENTS],
      ["previous", abi.FRAME_PREVIOUS],
      ["sysIds", abi.FRAME_SYS_IDS],
      ["payload", abi.FRAME_PAYLOAD],
    ]);
    expectWidths(header, abi.FRAME_HEADER);
  });

  test("a delta entry", () => {
    expect(placesOf(delta)).toEqual([
      ["op", abi.DELTA_OP],
      ["0", 1],
      ["kind", abi.DELTA_KIND],
      ["revision", abi.DELTA_REVISION],
      ["SysId", abi.DELTA_SYS_ID],
      ["previous", abi.DELTA_PREVIOUS],
      ["changed", abi.DELTA_CHANGED],
      ["values", abi.DELTA_UPDATE_HEADER],
    ]);
    expect(abi.DELTA_CHANGED).toBe(abi.DELTA_HEADER);
    expectWidths(delta.slice(0, -1), abi.DELTA_UPDATE_HEADER);
    const ops = `op: ${abi.DELTA_INSERT} insert, ${abi.DELTA_UPDATE} update, ${abi.DELTA_DELETE} delete.`;
    expect(textOf("docs/reference/frame.md")).toContain(ops);
  });

  test("the payload of an epoch frame, in the bytes of one", async () => {
    const history = memoryHistory();
    const engine = await open({ domain: purse, history });
    await engine.close();
    let body = new Uint8Array(0);
    for await (const batch of history.read()) for (const frame of framesOf(batch)) body = frame.body.slice();
    const payload = body.subarray(abi.FRAME_HEADER);
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const at = Object.fromEntries(placesOf(epoch)) as Record<string, number>;

    expect(drawingsIn(textOf("src/history/epoch-payload.ts"))).toEqual([epoch]);
    expectWidths(epoch.slice(0, -2), at.entries!);
    expect(view.getUint8(at.lane!)).toBe(1);
    expect(view.getUint32(at.semantics!, true)).toBe(abi.CORE_SEMANTICS);
    expect(view.getBigUint64(at.program!, true)).toBe(1n);
    expect(payload.slice(at["parent id"], at.limits).every((byte) => byte === 0)).toBe(true);
    expect(view.getUint16(at.limits!, true)).toBe(abi.LIMIT_COUNT);
    expect(view.getUint16(at.entries!, true)).toBe(abi.LIMIT_WORK);
    expect(view.getBigUint64(at.entries! + 2, true)).toBe(BigInt(abi.WORK_DEFAULT));
    expect(epoch.at(-1)).toEqual({ name: "schema", at: undefined, type: "" });
    const schema = at.entries! + 10 * abi.LIMIT_COUNT;
    expect(view.getUint32(schema, true)).toBe(payload.length - schema - 4);
    expect(Buffer.from(payload.subarray(schema + 4, schema + 8)).toString()).toBe("SVSD");
  });

  test("the codes of faults", () => {
    const rows = rowsOf("docs/reference/frame.md").filter(([, code]) => /^6\d{4}$/.test(code ?? ""));
    const constants = abi as unknown as Record<string, number>;
    expect(rows).toHaveLength(8);
    for (const [name, code] of rows) expect(Number(code), name).toBe(constants[`CODE_${name}`]);
  });
});

describe("values.md", () => {
  const wide = enumerationModel("Wide", [["A", 256]]);
  const small = enumerationModel("Small", [["A", 255]]);
  const widthOf = (type: FieldFacts["type"], facts: Partial<FieldFacts> = {}) =>
    fieldModel({ name: "field", number: 1, type, ...facts }).width;
  const rows = new Map(rowsOf("docs/reference/values.md").map(([type, width]) => [type!, width!]));

  test("integers, bool, timestamp, ref", () => {
    let types = 0;
    for (const row of ["bool", "u8 u16 u32 u64 u128", "i8 i16 i32 i64 i128", "timestamp", "ref"]) {
      const widths = rows.get(row)!.split(" ").map(Number);
      const names = row.split(" ") as FieldFacts["type"][];
      expect(names.map((name) => widthOf(name))).toEqual(widths);
      types += names.length;
    }
    expect(types).toBe(13);
  });

  test("decimals, enums, text and bytes", () => {
    const decimals = [18, 38].map((precision) => widthOf("decimal", { precision, scale: 0 }));
    const nearest = [1, 19].map((precision) => widthOf("decimal", { precision, scale: 0 }));
    expect(rows.get("decimal, precision 1..18 / 19..38")).toBe(decimals.join(" / "));
    expect(nearest).toEqual(decimals);
    const enums = [small, wide].map((enumeration) => widthOf("enum", { enumeration }));
    expect(rows.get("enum, all values below 256 / else")).toBe(enums.join(" / "));
    expect(rows.get("text, bytes")).toBe("2 + n");
    expect([widthOf("text", { maxBytes: 7 }), widthOf("bytes", { maxBytes: 7 })]).toEqual([9, 9]);
  });
});

test("history-file.md: headers of segment and batch", () => {
  const drawings = drawingsIn(textOf("docs/reference/history-file.md"));
  const segmentHeader = drawings.find((one) => one[0]!.name === "magic")!;
  const batch = drawings.find((one) => one[0]!.name === "length")!;
  const drawn = (drawing: readonly DrawnField[], names: readonly string[]) =>
    names.map((name) => drawing.find((field) => field.name === name)?.at);
  expect(
    drawn(segmentHeader, [
      "format",
      "history id",
      "term",
      "first seq",
      "digest before",
      "size",
      "batchSizeMax",
    ]),
  ).toEqual([
    segment.SEGMENT_FORMAT_AT,
    segment.SEGMENT_HISTORY_ID,
    segment.SEGMENT_TERM,
    segment.SEGMENT_FIRST_SEQ,
    segment.SEGMENT_DIGEST_BEFORE,
    segment.SEGMENT_SIZE,
    segment.SEGMENT_BATCH_SIZE_MAX,
  ]);
  expect(drawn(segmentHeader, ["check"])).toEqual([segment.SEGMENT_CHECK]);
  expect(
    drawn(batch, [
      "length",
      "count",
      "first seq",
      "zero sectors",
      "check of rest",
      "check of header",
      "frames",
    ]),
  ).toEqual([
    segment.BATCH_LENGTH,
    segment.BATCH_FRAMES,
    segment.BATCH_FIRST_SEQ,
    segment.BATCH_ZERO_SECTORS,
    segment.BATCH_CHECK_REST,
    segment.BATCH_CHECK_HEADER,
    segment.BATCH_HEADER_BYTES,
  ]);
});

test("snapshot.md, in the bytes of a snapshot", async () => {
  const [head, source, record] = drawingsIn(textOf("docs/reference/snapshot.md"));
  expectWidths(head!, 40);
  expectWidths(source!, 28);
  expectWidths(record!, 20);

  const executor = new Executor({ module: await compileCore(), domain: purse });
  executor.executeEpoch(5n);
  const deposit = executor.command("Deposit");
  const from = { client: 7n, stream: 9, seq: 1n };
  executor.prepare(deposit, { owner: "ann", amount: 100n }, 6n, from);
  executor.admit();
  executor.run(deposit);
  const bytes = Buffer.concat([...executor.snapshot()]);
  const read = (start: number, drawing: readonly DrawnField[], name: string): bigint => {
    const { at, type } = drawing.find((field) => field.name === name)!;
    return type === "u32" ? BigInt(bytes.readUInt32LE(start + at!)) : bytes.readBigUInt64LE(start + at!);
  };

  const values = (start: number, drawing: readonly DrawnField[]) =>
    Object.fromEntries(drawing.map(({ name }) => [name, read(start, drawing, name)]));
  expect(bytes.subarray(0, 4).toString()).toBe("SVSS");
  const headValues = values(0, head!);
  expect(headValues).toMatchObject({ format: 1n, seq: 2n, time: 6n, "next SysId": 2n, epoch: 1n });
  const sources = 40 + Number(headValues.payload);
  expect(bytes.readUInt32LE(sources)).toBe(1);
  expect(values(sources + 4, source!)).toEqual({ client: 7n, stream: 9n, "last seq": 1n, frame: 2n });
  const kind = sources + 4 + 28;
  expect([bytes.readUInt16LE(kind), bytes.readUInt32LE(kind + 2)]).toEqual([1, 1]);
  expect(values(kind + 6, record!)).toEqual({ SysId: 1n, revision: 1n, "last frame": 2n });
  expect(bytes.subarray(kind + 6 + 20).toString("hex")).toBe("0003006" + "16e6e6400000000000000" + "0000");
});

test("internals/core.md: a record in memory", () => {
  const slot = drawingsIn(textOf("docs/internals/core.md")).find((one) => one[0]!.name === "SysId")!;
  expect(placesOf(slot)).toEqual([
    ["SysId", abi.SLOT_SYS_ID],
    ["revision", abi.SLOT_REVISION],
    ["kind", abi.SLOT_KIND],
    ["0", abi.SLOT_KIND + 2],
    ["last frame", abi.SLOT_LAST_FRAME],
    ["undo", abi.SLOT_UNDO],
    ["marks", abi.SLOT_MARKS],
    ["presence", abi.SLOT_PRESENCE],
  ]);
  expectWidths(slot, abi.SLOT_FIELDS);
});

test("execution.md: limits, and what each operation costs", async () => {
  const { limitsOfLane } = await import("../../src/schema/framework-codes.ts");
  const rows = rowsOf("docs/reference/execution.md");
  const limits = rows.filter(([number]) => /^\d+$/.test(number!));
  const plain = (cell: string) => Number(cell.replaceAll(",", ""));
  expect(
    limits.map(([number, , standard, most]) => [plain(number!), plain(standard!), plain(most!)]),
  ).toEqual(limitsOfLane("sealed").map((limit) => [limit.number, limit.default, limit.hard]));
  const charge = (operation: string) => Number(rows.find(([name]) => name === operation)?.[1]);
  expect(charge("find, get, exists")).toBe(abi.WORK_LOOKUP);
  expect(charge("first, last, next, prev")).toBe(abi.WORK_LOOKUP);
  expect(charge("list")).toBe(abi.WORK_LOOKUP);
  expect(charge("count")).toBe(abi.WORK_LOOKUP);
  expect(charge("create")).toBe(abi.WORK_CREATE);
  expect(charge("delete")).toBe(abi.WORK_DELETE);
  expect(charge("emit")).toBe(abi.WORK_EMIT);
});
