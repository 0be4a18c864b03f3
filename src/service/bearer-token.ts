/**
 * An authorization hook for one shared token.
 *
 * Invariant: I1 how long it takes tells nothing of the token: digests of one length are compared, in constant time.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { UsageError } from "../errors.ts";

const SCHEME = /^Bearer +(\S+) *$/i;

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Lets requests through that have the header `Authorization: Bearer TOKEN`.
 *
 * @param token any text without white space, 16 characters at least
 * @throws {UsageError} it is shorter, or has white space
 * @example createService(engine, { authorize: bearerToken(process.env.TOKEN) });
 */
export function bearerToken(token: string): (request: IncomingMessage) => boolean {
  if (typeof token !== "string" || !/^\S{16,4096}$/.test(token)) {
    const expected = "expected 16 to 4096 characters without white space: openssl rand -hex 32";
    throw new UsageError(
      "token",
      `found ${typeof token === "string" ? "another text" : typeof token}, ${expected}`,
    );
  }
  const expected = digestOf(token);
  return ({ headers }) => {
    const given = SCHEME.exec(headers.authorization ?? "")?.[1];
    return given !== undefined && timingSafeEqual(digestOf(given), expected);
  };
}
