/** Pages of a canonical index: complete and in order, also while records change between them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Item } from "../engine/lab.ts";
import { call, decode, put, type Serving, serveLab, submit } from "./serving.ts";

let serving: Serving;
const values = [5, 3, 9, 3, 7, 1, 3, 8, 2, 6];
beforeAll(async () => {
  serving = await serveLab(
    {},
    {
      deed(tx, { n }) {
        const item = tx.find(Item.byId, n);
        if (item) tx.delete(item);
      },
    },
  );
});
beforeEach(() =>
  submit(
    serving,
    values.map((value, index) => put(index + 1, value)),
  ),
);
afterAll(() => serving.end());

const page = async (query: string) => (await call(serving, `/v1/indexes/Item/byValue?${query}`)).json;
const idsOf = ({ records }: any) => records.map((one: any) => Number(one.values.id));
const inOrder = async (query = "") => idsOf(await page(`${query}limit=1000`));
const remove = (id: number) => submit(serving, [{ name: "Do", payload: { n: String(id), words: [] } }]);

/** Every page of a list, and something that happens between them. */
async function pages(query: string, limit: number, between: (page: number) => unknown = () => {}) {
  const all: number[] = [];
  let cursor = "";
  for (let count = 0; ; count++) {
    const answer = await page(`${query}limit=${limit}${cursor}`);
    if (answer.code !== undefined) return { all, refusal: answer };
    expect(answer.records.length).toBeLessThanOrEqual(limit);
    all.push(...idsOf(answer));
    if (answer.next === null) return { all, refusal: undefined };
    expect(answer.next).toBe(answer.records.at(-1).sysId);
    cursor = `&cursor=${answer.next}`;
    await between(count);
  }
}

describe("pages", () => {
  test.each([
    "",
    "reverse=true&",
    "value=3&",
    "value=3&reverse=true&",
    "from=3&",
    "after=3&",
    "to=7&",
    "before=7&",
    "from=3&before=8&",
    "after=2&to=7&reverse=true&",
    "from=4&to=4&",
    "from=9&to=1&",
    "from=100&",
  ])("of %s are the list, whatever their size", async (query) => {
    const whole = await inOrder(query);
    for (const limit of [1, 2, 3, 7, 10, 1000]) expect((await pages(query, limit)).all).toEqual(whole);
  });

  test("are in the order of the index", async () => {
    expect(await inOrder()).toEqual([6, 9, 2, 4, 7, 1, 10, 5, 8, 3]);
    expect(await inOrder("reverse=true&")).toEqual([3, 8, 5, 10, 1, 7, 4, 2, 9, 6]);
    expect(await inOrder("from=3&before=7&")).toEqual([2, 4, 7, 1, 10]);
    expect(await inOrder("value=3&")).toEqual([2, 4, 7]);
  });

  test("by an index with a segment that falls, in protobuf as well", async () => {
    const path = "/v1/indexes/Item/bySmall?small=1&from=7&limit=3";
    expect(idsOf((await call(serving, path)).json)).toEqual([5, 10, 1]);
    const answer = await call(serving, path, { headers: { accept: "application/x-protobuf" } });
    const { records, next } = decode("statevec.v1.Records", answer.bytes);
    expect(records.map(({ values: bytes }: any) => decode("lab.Item", bytes).id)).toEqual(["5", "10", "1"]);
    expect(next).toBe(records[2].sys_id);
    const { all } = await (async () => {
      const found: number[] = [];
      let cursor = "";
      for (;;) {
        const { json } = await call(serving, `/v1/indexes/Item/bySmall?small=1&from=7&limit=2${cursor}`);
        found.push(...idsOf(json));
        if (json.next === null) return { all: found };
        cursor = `&cursor=${json.next}`;
      }
    })();
    expect(all).toEqual([5, 10, 1, 2, 4, 7, 9, 6]);
  });
});

describe("records that change between pages", () => {
  test("new ones behind the cursor are in, those before it are not", async () => {
    const { all } = await pages("", 3, (count) => count === 0 && submit(serving, [put(50, 0), put(51, 100)]));
    expect(all).toEqual([6, 9, 2, 4, 7, 1, 10, 5, 8, 3, 51]);
    await remove(50);
    await remove(51);
  });

  test("a cursor that moved goes on from where it stands now", async () => {
    const { all } = await pages("", 3, (count) => count === 0 && submit(serving, [put(2, 7)]));
    expect(all).toEqual([6, 9, 2, 5, 8, 3]);
  });

  test("a cursor that was deleted is CURSOR_GONE", async () => {
    const { all, refusal } = await pages("", 3, (count) => count === 0 && remove(2));
    expect(all).toEqual([6, 9, 2]);
    expect(refusal).toMatchObject({ code: "CURSOR_GONE", field: "cursor" });
    expect(refusal.message).toContain("has been deleted");
  });

  test.each(["value=3&", "to=4&", "before=4&"])(
    "so is one that left the part %s of the index",
    async (query) => {
      const first = await page(`${query}limit=1`);
      await submit(serving, [put(Number(first.records[0].values.id), 8)]);
      const answer = await call(serving, `/v1/indexes/Item/byValue?${query}limit=1&cursor=${first.next}`);
      expect(answer).toMatchObject({ status: 409, json: { code: "CURSOR_GONE" } });
      expect(answer.json.message).toContain("no longer in this part");
    },
  );

  test("one below the part too", async () => {
    const first = await page("from=3&limit=1");
    await submit(serving, [put(Number(first.records[0].values.id), 1)]);
    expect((await page(`from=3&limit=1&cursor=${first.next}`)).code).toBe("CURSOR_GONE");
    const second = await page("after=3&limit=1");
    await submit(serving, [put(Number(second.records[0].values.id), 3)]);
    expect((await page(`after=3&limit=1&cursor=${second.next}`)).code).toBe("CURSOR_GONE");
  });
});

describe("what can not be asked is named", () => {
  test.each([
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=x", "limit"],
    ["cursor=0", "cursor"],
    ["cursor=x", "cursor"],
    ["reverse=yes", "reverse"],
    ["value=x", "value"],
    ["value=3&from=1", "from"],
    ["from=1&after=2", "after"],
    ["to=1&before=2", "before"],
    ["id=1", "id"],
    ["from=-1", "from"],
  ])("%s", async (query, field) => {
    const answer = await call(serving, `/v1/indexes/Item/byValue?${query}`);
    expect(answer).toMatchObject({ status: 400, json: { code: "MALFORMED", field } });
  });

  test("a cursor of nothing, and an index that is not there", async () => {
    expect((await page("cursor=999999")).code).toBe("CURSOR_GONE");
    expect((await call(serving, "/v1/indexes/Item/byName")).json.message).toContain(
      "expected one of bySmall, byValue",
    );
  });

  test("a second segment without the first", async () => {
    expect((await call(serving, "/v1/indexes/Item/bySmall?value=3")).json).toMatchObject({ field: "value" });
  });

  test("fields may be written with field. before their name", async () => {
    expect(idsOf((await call(serving, "/v1/indexes/Item/byValue?field.value=3")).json)).toHaveLength(3);
  });
});
