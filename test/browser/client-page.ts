/**
 * The page of client.test.ts: submits to the service it was served beside, reads back, and sends what it got to the server.
 */
import { connect } from "statevec/client";
import { shop } from "../cli/shop.ts";
import { clientAsText } from "./client-report.ts";

/** The little of the DOM that is used; the project's types have none of it. */
interface Page {
  readonly location: { readonly origin: string; readonly search: string };
  readonly document: { getElementById(id: string): { textContent: string } };
}
const { location, document } = globalThis as unknown as Page;

function codeFromText(): string {
  try {
    return new Function("return 'allowed'")() as string;
  } catch {
    return "refused";
  }
}

const query = new URLSearchParams(location.search);
const client = BigInt(query.get("client")!);
const text = await connect({ url: location.origin, schema: shop, client })
  .then(clientAsText, String)
  .catch(String);
document.getElementById("query").textContent = location.search;
document.getElementById("policy").textContent = codeFromText();
document.getElementById("report").textContent = text;
await fetch("/answer", { method: "POST", body: JSON.stringify({ text, codeFromText: codeFromText() }) });
