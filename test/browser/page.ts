/**
 * The page: fetches the files of a history, audits it through `statevec/browser`, shows the report and sends it back.
 *
 * Responsible for: what happens in the browser. `?history=NAME&domain=NAME` is what the server hands out and what it is
 * audited with, and with `inspect=module` what its module says of it; `?programs=all` runs the programs of test/engines.
 * Not responsible for: which cases there are (page.test.ts), what a report is to say.
 */
import { type Domain, type HistoryFile, historyFromFiles, sealedDomain } from "statevec/browser";
import sealedExchange from "../../examples/exchange/build/exchange.wasm";
import { exchange } from "../../examples/exchange/exchange.handlers.ts";
import { auditAsText, inspectionAsText, programsAsText } from "./report.ts";

/** The little of the DOM that is used; the project's types have none of it. */
interface Page {
  readonly location: { readonly search: string };
  readonly document: { getElementById(id: string): { textContent: string } };
}
const { location, document } = globalThis as unknown as Page;

async function bytesOf(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function filesOf(name: string): Promise<HistoryFile[]> {
  const names = JSON.parse(new TextDecoder().decode(await bytesOf(`/files/${name}`))) as string[];
  return Promise.all(
    names.map(async (file) => ({ name: file, bytes: await bytesOf(`/files/${name}/${file}`) })),
  );
}

/** Whether the page may make code from text: a strict policy refuses it. */
function codeFromText(): string {
  try {
    return new Function("return 'allowed'")() as string;
  } catch {
    return "refused";
  }
}

/** The module that lies beside a sealed history. */
function moduleIn(files: readonly HistoryFile[]): Uint8Array {
  return files.find(({ name }) => name.endsWith(".wasm"))!.bytes;
}

/** How each domain comes into the page: bundled with it, or as a file beside the history. */
const DOMAINS: Readonly<Record<string, (files: readonly HistoryFile[]) => Promise<Domain<any>>>> = {
  exchange: async () => exchange,
  sealed: async (files) => sealedDomain(moduleIn(files)),
};

async function answer(query: URLSearchParams): Promise<string> {
  if (query.has("programs")) return programsAsText(sealedExchange);
  const files = await filesOf(query.get("history")!);
  if (query.has("inspect")) return inspectionAsText(moduleIn(files), historyFromFiles(files));
  const domain = await DOMAINS[query.get("domain")!]!(files);
  return auditAsText(domain, () => historyFromFiles(files));
}

const query = new URLSearchParams(location.search);
const text = await answer(query).catch((error: unknown) => String((error as Error)?.stack ?? error));
document.getElementById("query").textContent = query.toString();
document.getElementById("policy").textContent = codeFromText();
document.getElementById("report").textContent = text;
await fetch("/answer", { method: "POST", body: JSON.stringify({ text, codeFromText: codeFromText() }) });
