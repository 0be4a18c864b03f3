/**
 * A service over a real socket, and clients for it.
 *
 * Responsible for: an engine of the lab behind a server; requests over node:http, raw connections; protobuf by protobufjs's
 * own reflection over the `.proto` files, which shares nothing with the code under test.
 * Not responsible for: any expectation.
 */
import { readFileSync } from "node:fs";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import protobufjs from "protobufjs";
import { createService, type Listener, listen, type Service, type ServiceOptions } from "statevec/service";
import { protoText } from "../../src/proto/proto-text.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { type Deed, type LabEngine, type LabOpenOptions, openLab, schema } from "../engine/lab.ts";

export interface Serving {
  readonly engine: LabEngine;
  readonly service: Service;
  readonly listener: Listener;
  readonly port: number;
  /** What the service told its log. */
  readonly told: unknown[];
  /** Closes both. */
  end(): Promise<void>;
}

export async function serveLab(
  options: ServiceOptions = {},
  lab: LabOpenOptions & { readonly deed?: Deed } = {},
): Promise<Serving> {
  const { deed, ...rest } = lab;
  const engine = await openLab(deed, rest);
  return serveEngine(engine, options);
}

export async function serveEngine(engine: LabEngine, options: ServiceOptions = {}): Promise<Serving> {
  const told: unknown[] = [];
  const service = createService(engine, { onError: (error) => told.push(error), ...options });
  const listener = await listen(service, { port: 0 });
  return {
    engine,
    service,
    listener,
    port: Number(new URL(listener.url).port),
    told,
    async end() {
      await listener.close();
      await engine.close();
    },
  };
}

// ---- requests --------------------------------------------------------------------------------------------

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** Of a JSON body. */
  readonly json: any;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array | undefined;
  readonly agent?: Agent;
}

export const keepAlive = () => new Agent({ keepAlive: true });

export function call({ port }: Pick<Serving, "port">, path: string, options: Call = {}): Promise<Answer> {
  const { body, headers = {}, agent = new Agent() } = options;
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, method, headers, agent }, (response) => {
      collect(response).then((bytes) => {
        const text = bytes.toString();
        const isJson = response.headers["content-type"] === "application/json";
        const json = isJson && text !== "" ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode!, headers: response.headers, bytes, text, json });
      }, reject);
    });
    sent.on("error", reject);
    if (body === undefined) sent.end();
    else {
      sent.setHeader("content-length", Buffer.byteLength(body));
      sent.end(body);
    }
  });
}

export async function collect(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const JSON_HEADERS = { "content-type": "application/json" };

/** A request with a JSON body. */
export function callJson(serving: Pick<Serving, "port">, path: string, json: unknown, options: Call = {}) {
  const headers = { ...JSON_HEADERS, ...options.headers };
  return call(serving, path, { ...options, headers, body: JSON.stringify(json) });
}

export const put = (id: number | bigint, value: number | bigint, source?: object) => {
  return { name: "Put", payload: { id: String(id), value: String(value) }, ...(source ? { source } : {}) };
};
export const sourceJson = (seq: number, client = "7", stream = 1) => ({ client, stream, seq: String(seq) });

/** `POST /v1/submit` in JSON. */
export function submit(serving: Pick<Serving, "port">, submissions: unknown[], options: Call = {}) {
  return callJson(serving, "/v1/submit", { submissions }, options);
}

// ---- raw connections -------------------------------------------------------------------------------------

export interface Raw {
  readonly socket: Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves with everything received when the other side has closed. */
  readonly closed: Promise<string>;
  write(text: string | Uint8Array): void;
}

export async function raw({ port }: Pick<Serving, "port">): Promise<Raw> {
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {});
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  return { socket, received: () => text, closed, write: (data) => void socket.write(data) };
}

export const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until something holds. */
export async function until(holds: () => boolean, milliseconds = 10_000): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`it did not become so: ${holds}`);
    await sleep(5);
  }
}

// ---- protobuf --------------------------------------------------------------------------------------------

const root = new protobufjs.Root();
protobufjs.parse(readFileSync(new URL("../../src/proto/statevec-v1.proto", import.meta.url), "utf8"), root, {
  keepCase: true,
});
protobufjs.parse(protoText(modelOf(schema as never)), root, { keepCase: true });

/** Numbers of 64 bits as strings, bytes as they are, what is not there left out. */
export function decode(type: string, bytes: Uint8Array): any {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: String, enums: String });
}

export function encode(type: string, values: object): Uint8Array {
  const found = root.lookupType(type);
  return found.encode(found.fromObject(values)).finish();
}

export const PROTOBUF = { "content-type": "application/x-protobuf" };

export const putBytes = (id: number, value: number, source?: object) => ({
  name: "Put",
  payload: encode("lab.Put", { id, value }),
  ...(source ? { source } : {}),
});

/** `POST /v1/submit` in protobuf. */
export function submitBytes(serving: Pick<Serving, "port">, submissions: object[], options: Call = {}) {
  const body = encode("statevec.v1.SubmitRequest", { submissions });
  return call(serving, "/v1/submit", { ...options, headers: { ...PROTOBUF, ...options.headers }, body });
}

/** Messages behind their lengths. */
export function delimited(type: string, bytes: Uint8Array): any[] {
  const reader = protobufjs.Reader.create(bytes);
  const found: any[] = [];
  while (reader.pos < reader.len) found.push(decode(type, reader.bytes()));
  return found;
}
