/**
 * What a client does and gets, as text: the same program in a page and on Node.
 */
import type { Domain } from "statevec";
import type { Client } from "statevec/client";
import { jsonText } from "../../src/schema/values-json.ts";
import { Customer, Order, type shop } from "../cli/shop.ts";

type Shop = typeof shop extends Domain<infer Parts> ? Parts : never;

/** Everything a client can do, with logins that are its own. */
export async function clientAsText(client: Client<Shop>): Promise<string> {
  const start = (await client.frontier()).seq;
  const name = `visitor ${start}`;
  const receipts = await Promise.all([
    client.submit("Join", { login: name, badge: Uint8Array.of(0, 255) }),
    client.submit("Join", { login: name }),
    ...[3, 1, 2].map((number) =>
      client.submit("Buy", { login: name, number, amount: BigInt(number * 100) as never }),
    ),
    client.submit("Pay", { login: name, number: 2 }),
    client.submit("Pay", { login: name, number: 9 }),
  ]);
  const refused = await client
    .submit("Join", { login: 7 as never })
    .catch(({ code, field }) => ({ code, field }));
  const customer = await client.find(Customer.byLogin, name);
  const order = await client.find(Order.byNumber, customer!.sysId, 1);
  const page = await client.list(Order.byAmount, ["Open"], { limit: 1 });
  const behind = await client.list(Order.byAmount, ["Open"], { limit: 1, cursor: page.next });
  const frames: unknown[] = [];
  for await (const frame of client.frames({ from: start + 1n, follow: true })) {
    frames.push(frame);
    if (frames.length === receipts.length) break;
  }
  const last = await client.receipt(await client.lastSeq());
  await client.close();
  return jsonText({ receipts, refused, customer, order, page, behind, frames, last });
}
