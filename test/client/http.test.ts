/** What the client makes of answers, and of their absence, in statuses, headers and system errors. */
import { describe, expect, it } from "vitest";
import { type Fetch, type FetchResponse, Http, PROTOBUF } from "../../src/client/http.ts";
import { errorOfRefusal } from "../../src/client/refusals.ts";
import { AdmissionError, OperationalError, ServiceError } from "../../src/errors.ts";
import { REFUSAL, type RefusalMessage } from "../../src/proto/statevec-v1.ts";
import { STATUSES } from "../../src/service/refusal.ts";

const never = new AbortController().signal;

function refusal(code: string, more: Partial<RefusalMessage> = {}): RefusalMessage {
  return { code, message: "why", index: 0, field: "", expectedSeq: 0n, lastSeq: 0n, ...more };
}

function answer(
  status: number,
  type: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  return new Response(body, { status, headers: { "content-type": type, ...headers } }) as FetchResponse;
}

function httpOf(fetch: Fetch, token?: string): Http {
  const errorOf = (body: Uint8Array, retryAfter: number | undefined) =>
    errorOfRefusal(REFUSAL.decode(body), retryAfter);
  return new Http({ url: "http://service:7411/", token, fetch, timeoutMilliseconds: 50, errorOf });
}

const text = (value: string) => new TextEncoder().encode(value);

describe("requests", () => {
  it("carry the token and the type, and follow no redirect", async () => {
    const seen: unknown[] = [];
    const http = httpOf(async (url, { method, headers, body, redirect }) => {
      seen.push({ url, method, headers, body, redirect });
      return answer(200, PROTOBUF, Uint8Array.of(9));
    }, "secret");
    expect(await http.get("/v1/frontier", never)).toEqual(Uint8Array.of(9));
    await http.post("/v1/submit", Uint8Array.of(1), never);
    const headers = { accept: PROTOBUF, authorization: "Bearer secret" };
    expect(seen).toEqual([
      { url: "http://service:7411/v1/frontier", method: "GET", headers, body: undefined, redirect: "manual" },
      {
        url: "http://service:7411/v1/submit",
        method: "POST",
        headers: { ...headers, "content-type": PROTOBUF },
        body: Uint8Array.of(1),
        redirect: "manual",
      },
    ]);
  });

  it("end when the answer does not come in time, or the caller leaves", async () => {
    const hanging: Fetch = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await expect(httpOf(hanging).get("/", never)).rejects.toMatchObject({ name: "TimeoutError" });
    await expect(httpOf(hanging).stream("/", never)).rejects.toMatchObject({ name: "TimeoutError" });
    const end = new AbortController();
    const left = httpOf(hanging).get("/", end.signal);
    end.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
  });

  it.each(["ECONNREFUSED", "ENOTFOUND", "UND_ERR_CONNECT_TIMEOUT"])(
    "have reached nobody after %s",
    async (code) => {
      const http = httpOf(async () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
      });
      await expect(http.get("/", never)).rejects.toMatchObject({ name: "ServiceError", code: "UNREACHABLE" });
    },
  );

  it("have reached nobody where nothing could be connected to, at none of the addresses", async () => {
    const failure = (syscall: string) =>
      Object.assign(new Error("unreachable"), { code: "EHOSTUNREACH", syscall });
    const both = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: "EHOSTUNREACH" });
    const outcome = (cause: Error) =>
      httpOf(async () => {
        throw new TypeError("fetch failed", { cause });
      })
        .get("/", never)
        .catch((error) => error.code);
    expect(await outcome(failure("connect"))).toBe("UNREACHABLE");
    expect(await outcome(both(failure("connect"), failure("connect")))).toBe("UNREACHABLE");
    // A connection that had carried the request was given up by the system.
    expect(await outcome(failure("read"))).toBeUndefined();
    expect(await outcome(both(failure("connect"), failure("write")))).toBeUndefined();
  });

  it.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])("may have arrived after %s", async (code) => {
    const http = httpOf(async () => {
      throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
    });
    await expect(http.get("/", never)).rejects.toBeInstanceOf(TypeError);
  });
});

describe("answers", () => {
  it("of something in between are waited out, of something else are refused", async () => {
    const gateway = httpOf(async () => answer(502, "text/html", text("<html>bad gateway")));
    await expect(gateway.get("/v1/frontier", never)).rejects.toThrow(
      '/v1/frontier: found status 502 "<html>bad gateway"',
    );
    await expect(gateway.get("/v1/frontier", never)).rejects.not.toBeInstanceOf(ServiceError);
    const busy = httpOf(async () => answer(429, "text/html", text("slow down")));
    await expect(busy.get("/v1/frontier", never)).rejects.not.toBeInstanceOf(ServiceError);
    const other = httpOf(async () => answer(200, "text/html", text("welcome")));
    await expect(other.get("/v1/frontier", never)).rejects.toMatchObject({
      code: "PROTOCOL",
      message: expect.stringContaining('found status 200 "welcome", expected application/x-protobuf'),
    });
  });

  it("that send elsewhere are not followed: the token is not for somewhere else", async () => {
    const http = httpOf(
      async () => answer(307, "text/plain", text(""), { location: "http://elsewhere/" }),
      "secret",
    );
    await expect(http.post("/v1/submit", Uint8Array.of(1), never)).rejects.toMatchObject({
      code: "PROTOCOL",
      message: expect.stringContaining("found status 307"),
    });
  });

  it("that ask to wait say how long", async () => {
    const body = REFUSAL.encode(refusal("RATE")) as Uint8Array<ArrayBuffer>;
    const http = httpOf(async () => answer(429, PROTOBUF, body, { "retry-after": "2" }));
    await expect(http.get("/", never)).rejects.toMatchObject({ code: "RATE", retryAfterMilliseconds: 2_000 });
  });
});

describe("refusals", () => {
  it.each([
    ["GAP", { expectedSeq: 7n, index: 3 }, AdmissionError, { code: "GAP", expected: 7n, index: 3 }],
    ["DUPLICATE", { lastSeq: 9n }, AdmissionError, { code: "DUPLICATE", lastSeq: 9n }],
    ["MALFORMED", { field: "price" }, AdmissionError, { code: "MALFORMED", field: "price" }],
    ["POISONED", {}, OperationalError, { code: "POISONED" }],
    ["ENGINE_FAULT", {}, OperationalError, { code: "POISONED" }],
    ["HISTORY", {}, OperationalError, { code: "IO" }],
    ["DETERMINISM", {}, ServiceError, { code: "DETERMINISM" }],
    ["UNAUTHORIZED", {}, ServiceError, { code: "UNAUTHORIZED" }],
    ["METHOD", {}, ServiceError, { code: "BAD_REQUEST" }],
    ["OF_NEXT_YEAR", {}, ServiceError, { code: "PROTOCOL" }],
  ] as const)("%s is an error of the engine's own kind", (code, more, kind, expected) => {
    const error = errorOfRefusal(refusal(code, more), undefined);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject(expected);
  });

  it("say their code once", () => {
    const error = errorOfRefusal(refusal("BUSY", { message: "BUSY: too many" }), undefined);
    expect(error.message).toBe("BUSY: too many");
  });
});

it("every refusal of the service is known to the client", () => {
  const unknown = Object.keys(STATUSES).filter(
    (code) => errorOfRefusal(refusal(code), undefined).code === "PROTOCOL",
  );
  expect(unknown).toEqual([]);
});
