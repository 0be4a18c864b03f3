/**
 * Paths: which request means what.
 *
 * Responsible for: taking paths and queries apart. Not responsible for: what is done then.
 */
import { malformed, Refused } from "./refusal.ts";

/** What a request asks for; the parts of its path that name something, decoded. */
export interface Route {
  readonly name: RouteName;
  readonly parts: readonly string[];
  readonly query: Query;
}

const ROUTES = {
  submit: { method: "POST", parts: 0 },
  commands: { method: "POST", parts: 1 },
  receipts: { method: "GET", parts: 3 },
  sources: { method: "GET", parts: 2 },
  records: { method: "GET", parts: 2 },
  keys: { method: "GET", parts: 2 },
  indexes: { method: "GET", parts: 2 },
  frames: { method: "GET", parts: 0 },
  frontier: { method: "GET", parts: 0 },
  schema: { method: "GET", parts: 0 },
  metrics: { method: "GET", parts: 0 },
  health: { method: "GET", parts: 0 },
} as const;

export type RouteName = keyof typeof ROUTES;

const PATHS = [
  "/v1/submit",
  "/v1/commands/NAME",
  "/v1/receipts/CLIENT/STREAM/SEQ",
  "/v1/sources/CLIENT/STREAM",
  "/v1/records/KIND/SYSID",
  "/v1/keys/KIND/KEY",
  "/v1/indexes/KIND/INDEX",
  "/v1/frames",
  "/v1/frontier",
  "/v1/schema",
  "/v1/metrics",
  "/v1/health",
].join(", ");

const ROOT = "/v1/";

/** Whether a path is one that a service answers. */
export function isOurs(url: string): boolean {
  return url.startsWith(ROOT);
}

/** Whether a request asks for the health. */
export function isHealth(url: string): boolean {
  return url === "/v1/health" || url.startsWith("/v1/health?");
}

/** The methods that a route takes, for the header Allow. */
export class WrongMethod extends Refused {
  readonly allow: string;

  constructor(found: string, allow: string) {
    super({ code: "METHOD", message: `found ${found}, expected ${allow}` });
    this.allow = allow;
  }
}

/** @throws {Refused} NOT_FOUND, METHOD, MALFORMED: something that can not be decoded */
export function routeOf(method: string, url: string): Route {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const [name, ...rest] = path.slice(ROOT.length).split("/");
  const route = Object.hasOwn(ROUTES, name!) ? ROUTES[name as RouteName] : undefined;
  if (!isOurs(url) || route === undefined || rest.length !== route.parts) {
    const shown = path.length > 80 ? `${path.slice(0, 80)}...` : path;
    throw new Refused({ code: "NOT_FOUND", message: `path: found ${shown}, expected one of ${PATHS}` });
  }
  const isHead = method === "HEAD" && name === "health";
  if (method !== route.method && !isHead) throw new WrongMethod(method, route.method);
  const parts = rest.length === 0 ? rest : rest.map(decoded);
  return { name: name as RouteName, parts, query: new Query(mark < 0 ? "" : url.slice(mark + 1)) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return malformed("path", part, "percent-encoded UTF-8");
  }
}

/** The query of a request. What is not taken is refused at the end. */
export class Query {
  private readonly values = new Map<string, string>();

  constructor(text: string) {
    if (text === "") return;
    for (const [name, value] of new URLSearchParams(text)) {
      if (this.values.has(name)) malformed(name, value, "each parameter once");
      this.values.set(name, value);
    }
  }

  /** The value of a parameter, which is taken with it. */
  take(name: string): string | undefined {
    const value = this.values.get(name);
    this.values.delete(name);
    return value;
  }

  takeFlag(name: string): boolean {
    const value = this.take(name);
    if (value === undefined || value === "false") return false;
    return value === "true" || value === "" || malformed(name, value, "true or false");
  }

  /** @throws {Refused} MALFORMED: a parameter that nothing has taken */
  finish(expected: string): void {
    for (const [name, value] of this.values)
      malformed(name, value, `no such parameter; there are: ${expected}`);
  }
}
