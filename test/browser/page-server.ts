/**
 * Serves the page and the files of histories on the loopback interface, and takes the page's answers.
 *
 * Responsible for: what is under which path, and the content security policy it comes with.
 * Not responsible for: the browser.
 *
 *   GET  /                   the page; with ?policy=strict under the strict policy. The rest of the query is its own
 *   GET  /page.js            its program
 *   GET  /files/NAME         names of the files of a history, JSON
 *   GET  /files/NAME/FILE    one of them
 *   POST /answer             what the page found
 *   ...  /v1/...             a service, if there is one
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Service } from "statevec/service";

/** No code from text, nothing from elsewhere; WebAssembly may be compiled. */
const STRICT_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'";

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Audit</title>
<link rel="stylesheet" href="/page.css">
<h1>Audit</h1>
<p>Query: <span id="query"></span></p>
<p>Code from text: <span id="policy"></span></p>
<pre id="report">running</pre>
<script type="module" src="/page.js"></script>
`;
const STYLE = "body { font: 16px sans-serif; margin: 2em } pre { background: #eee; padding: 1em }\n";

export type FilesByName = ReadonlyMap<string, Uint8Array>;

/** What the page found. */
export interface Answer {
  readonly text: string;
  readonly codeFromText: string;
}

export class PageServer {
  readonly #server: Server;
  readonly #program: string;
  readonly #histories: ReadonlyMap<string, FilesByName>;
  #expected: ((answer: Answer) => void) | undefined;

  constructor(program: string, histories: ReadonlyMap<string, FilesByName>, service?: Service) {
    this.#program = program;
    this.#histories = histories;
    this.#server = createServer((request, response) => {
      const serve = (): void => void this.#serve(request, response);
      if (service === undefined) serve();
      else void service.handle(request, response, serve);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /**
   * Lets a browser open the page, and waits for what it finds. One at a time.
   *
   * @param query of the page
   * @param visit is handed the address, and makes the browser go there
   */
  async answer(query: Record<string, string>, visit: (url: string) => Promise<void>): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => {
      this.#expected = resolve;
    });
    const { port } = this.#server.address() as AddressInfo;
    await visit(`http://127.0.0.1:${port}/?${new URLSearchParams(query)}`);
    return answered;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, "http://127.0.0.1");
    const isStrict = searchParams.get("policy") === "strict";
    if (isStrict) response.setHeader("content-security-policy", STRICT_POLICY);
    response.setHeader("cache-control", "no-store");
    if (request.method === "POST") {
      const answer = JSON.parse(await textOf(request)) as Answer;
      response.end();
      this.#expected?.(answer);
      return;
    }
    const found = this.#find(pathname);
    if (found === undefined) response.writeHead(404).end();
    else response.setHeader("content-type", found.type).end(found.body);
  }

  #find(path: string): { readonly type: string; readonly body: string | Uint8Array } | undefined {
    if (path === "/") return { type: "text/html", body: PAGE };
    if (path === "/page.js") return { type: "text/javascript", body: this.#program };
    if (path === "/page.css") return { type: "text/css", body: STYLE };
    const [, folder, name = "", file] = path.split("/").map(decodeURIComponent);
    const files = folder === "files" ? this.#histories.get(name) : undefined;
    if (files === undefined) return undefined;
    if (file === undefined) return { type: "application/json", body: JSON.stringify([...files.keys()]) };
    const body = files.get(file);
    return body && { type: "application/octet-stream", body };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
