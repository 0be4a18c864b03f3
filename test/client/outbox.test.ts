/**
 * Laws of the outbox over a simulated service: requests and answers that are lost or come late, requests that come twice,
 * refusals in the middle, a service that restarts.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backoff } from "../../src/client/backoff.ts";
import { type Carrier, type Numbered, Outbox, type RequestAnswer } from "../../src/client/outbox.ts";
import { AdmissionError, OperationalError, ServiceError, type StateVecError } from "../../src/errors.ts";

/** What happens to a request on its way. */
type Fate =
  | "answered"
  | "request lost"
  | "answer lost"
  /** It arrives behind the next one. */
  | "request late"
  /** Of its commands a few are executed, then the engine has no room. */
  | "busy"
  /** The engine fails with them on their way; so many of them are in its history. */
  | "poisoned"
  | "rate"
  | "draining"
  | "answer too short";

const FATES: readonly Fate[] = [
  "answered",
  "request lost",
  "answer lost",
  "request late",
  "busy",
  "poisoned",
  "rate",
  "draining",
  "answer too short",
];

interface Step {
  readonly fate: Fate;
  /** How far the engine gets. */
  readonly reach: number;
}

/** Payloads of this byte are none of their command. */
const MALFORMED = 0xff;

const textOf = (payload: Uint8Array): string => payload.join(",");

/** A service whose engine keeps a list of frames; the receipt of a command is its place there. */
class Service implements Carrier<number> {
  readonly frames: string[] = [];
  private readonly fates: Step[];
  private late: (readonly Numbered[])[] = [];
  requests = 0;

  constructor(fates: readonly Step[]) {
    this.fates = [...fates];
  }

  async send(commands: readonly Numbered[]): Promise<RequestAnswer<number>> {
    this.requests++;
    const copy = commands.map((one) => ({ ...one }));
    const { fate, reach } = this.fates.shift() ?? { fate: "answered", reach: 0 };
    await Promise.resolve();
    switch (fate) {
      case "request lost":
        throw new TypeError("fetch failed");
      case "answer lost":
        this.execute(copy);
        throw new TypeError("terminated");
      case "request late":
        this.late.push(copy);
        throw new TypeError("aborted");
      case "rate":
        throw new ServiceError("RATE", "too many", { retryAfterMilliseconds: 7 });
      case "draining":
        throw new ServiceError("DRAINING", "ends");
      case "busy":
        return this.cut(copy, reach, new AdmissionError("BUSY", "full"));
      case "poisoned":
        this.execute(copy.slice(0, reach));
        return { receipts: [], refusal: new OperationalError("OUTCOME_UNKNOWN", "failed") };
      case "answer too short": {
        const { receipts, refusal } = this.execute(copy);
        return { receipts: receipts.slice(0, -1), refusal: receipts.length === 0 ? refusal : undefined };
      }
      case "answered": {
        const answer = this.execute(copy);
        for (const one of this.late.splice(0)) this.execute(one);
        return answer;
      }
    }
  }

  async receipt(seq: bigint): Promise<number | undefined> {
    return seq <= BigInt(this.frames.length) ? Number(seq) : undefined;
  }

  private cut(commands: readonly Numbered[], reach: number, refusal: StateVecError): RequestAnswer<number> {
    const answer = this.execute(commands.slice(0, reach));
    if (answer.refusal !== undefined || reach >= commands.length) return answer;
    return { ...answer, refusal };
  }

  /** The rules of admission: up to the first that is refused. */
  private execute(commands: readonly Numbered[]): RequestAnswer<number> {
    const receipts: number[] = [];
    for (const { payload, seq } of commands) {
      const next = BigInt(this.frames.length) + 1n;
      const text = textOf(payload);
      if (payload[0] === MALFORMED) return { receipts, refusal: new AdmissionError("MALFORMED", "field") };
      if (seq > next) return { receipts, refusal: new AdmissionError("GAP", "gap", { expected: next }) };
      if (seq < next && this.frames[Number(seq) - 1] !== text) {
        return { receipts, refusal: new AdmissionError("CONFLICT", "another command") };
      }
      if (seq === next) this.frames.push(text);
      receipts.push(Number(seq));
    }
    return { receipts, refusal: undefined };
  }
}

const waits: number[] = [];
const options = {
  client: 7n,
  stream: 1,
  commands: 4,
  bytes: 1_000,
  pause: async (milliseconds: number) => {
    waits.push(milliseconds);
    await Promise.resolve();
  },
  onRetry: () => {},
};

const outboxOf = (service: Carrier<number>, lastSeq = 0n) =>
  new Outbox(service, { ...options, backoff: new Backoff(2_000, () => 0.5) }, lastSeq);

const stepArbitrary = fc.record({ fate: fc.constantFrom(...FATES), reach: fc.nat(4) });
/** Bursts of commands: each a number, or a malformed one. */
const burstsArbitrary = fc.array(fc.array(fc.option(fc.nat(200)), { maxLength: 9 }), { maxLength: 8 });

describe("the outbox", () => {
  it("brings every submission to one frame, in order, whatever happens on the way", async () => {
    const seen = new Map<string, number>();
    const law = fc.asyncProperty(
      fc.array(stepArbitrary, { maxLength: 25 }),
      burstsArbitrary,
      async (fates, bursts) => {
        for (const { fate } of fates) seen.set(fate, (seen.get(fate) ?? 0) + 1);
        const service = new Service(fates);
        const outbox = outboxOf(service);
        const answers: Promise<unknown>[] = [];
        const good: string[] = [];
        const expected: unknown[] = [];
        let count = 0;
        for (const burst of bursts) {
          for (const one of burst) {
            const payload = Uint8Array.of(one ?? MALFORMED, count >> 8, count++ & 0xff);
            if (one !== null) good.push(textOf(payload));
            expected.push(one === null ? "MALFORMED" : good.length);
            answers.push(outbox.submit(1, payload).catch((error: StateVecError) => error.code));
          }
          for (let turn = 0; turn < burst.length * 3; turn++) await Promise.resolve();
        }
        await outbox.close();
        expect(await Promise.all(answers)).toEqual(expected);
        expect(service.frames).toEqual(good);
      },
    );
    await fc.assert(law, { numRuns: 2_000 });
    expect([...seen.keys()].sort()).toEqual([...FATES].sort());
  });

  it("sends what one turn submits in one request", async () => {
    const service = new Service([]);
    const outbox = outboxOf(service);
    const receipts = await Promise.all([1, 2, 3].map((one) => outbox.submit(1, Uint8Array.of(one))));
    expect(receipts).toEqual([1, 2, 3]);
    expect(service.requests).toBe(1);
  });

  it("goes on behind the seq it is told, and cuts requests at commands and bytes", async () => {
    const sizes: number[] = [];
    const carrier: Carrier<number> = {
      send: async (commands) => {
        sizes.push(commands.length);
        return { receipts: commands.map(({ seq }) => Number(seq)), refusal: undefined };
      },
      receipt: async () => undefined,
    };
    const outbox = outboxOf(carrier, 41n);
    const payloads = [...Array(5).fill(1), 999, 2_000, 1].map((length) => new Uint8Array(length));
    const receipts = await Promise.all(payloads.map((payload) => outbox.submit(1, payload)));
    expect(receipts).toEqual([42, 43, 44, 45, 46, 47, 48, 49]);
    expect(sizes).toEqual([4, 2, 1, 1]);
  });

  it("halves a request that is too large as a whole, and refuses a lone one that is", async () => {
    const sizes: number[] = [];
    const service = new Service([]);
    const carrier: Carrier<number> = {
      send: async (commands) => {
        sizes.push(commands.length);
        if (commands.length > 1 || commands[0]!.payload[0] === 9)
          throw new ServiceError("REQUEST_TOO_LARGE", "bytes");
        return service.send(commands);
      },
      receipt: (seq) => service.receipt(seq),
    };
    const outbox = outboxOf(carrier);
    const answers = [1, 2, 9, 3].map((one) =>
      outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code),
    );
    expect(await Promise.all(answers)).toEqual([1, 2, "REQUEST_TOO_LARGE", 3]);
    expect(sizes).toEqual([4, 2, 1, 1, 1, 1]);
    expect(await outbox.submit(1, Uint8Array.of(4))).toBe(4);
    expect(service.frames).toEqual(["1", "2", "3", "4"]);
  });

  it.each(["CONFLICT", "GAP"] as const)("ends with %s: somebody else uses the source", async (code) => {
    const service = new Service([{ fate: "answer lost", reach: 0 }]);
    service.frames.push(...(code === "CONFLICT" ? ["9"] : []));
    const outbox = outboxOf(service, code === "GAP" ? 3n : 0n);
    const answers = [1, 2, 3, 4, 5].map((one) =>
      outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code),
    );
    // The first request came to an end; what was on its way behind its first command may have happened.
    expect(await Promise.all(answers)).toEqual([
      code,
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
      "OUTCOME_UNKNOWN",
      code,
    ]);
    await expect(outbox.submit(1, Uint8Array.of(6))).rejects.toMatchObject({ code });
  });

  it("never gives a seq whose outcome is unknown to another command", async () => {
    let isRefusing = false;
    const service = new Service([{ fate: "request lost", reach: 0 }]);
    const carrier: Carrier<number> = {
      send: async (commands) => {
        if (isRefusing) throw new ServiceError("UNAUTHORIZED", "token");
        isRefusing = true;
        return service.send(commands);
      },
      receipt: (seq) => service.receipt(seq),
    };
    const outbox = outboxOf(carrier);
    const answers = [1, 2, 3, 4, 5].map((one) => outbox.submit(1, Uint8Array.of(one)));
    const settled = await Promise.allSettled(answers);
    for (const [index, one] of settled.slice(0, 4).entries()) {
      const source = { client: 7n, stream: 1, seq: BigInt(index + 1) };
      expect(one).toMatchObject({
        reason: { code: "OUTCOME_UNKNOWN", source, cause: { code: "UNAUTHORIZED" } },
      });
    }
    expect(settled[4]).toMatchObject({ reason: { code: "UNAUTHORIZED" } });
    isRefusing = false;
    await expect(outbox.submit(1, Uint8Array.of(6))).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    await outbox.close();
    expect(service.frames).toEqual([]);
  });

  it("goes on behind a refusal of the whole request where nothing is in doubt", async () => {
    let isRefusing = true;
    const service = new Service([]);
    const carrier: Carrier<number> = {
      send: async (commands) => {
        if (isRefusing) throw new ServiceError("UNAUTHORIZED", "token");
        return service.send(commands);
      },
      receipt: (seq) => service.receipt(seq),
    };
    const outbox = outboxOf(carrier);
    await expect(outbox.submit(1, Uint8Array.of(1))).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    isRefusing = false;
    expect(await outbox.submit(1, Uint8Array.of(2))).toBe(1);
  });

  it("does not say of a command that it was not executed when its receipt is out of reach", async () => {
    let attempts = 0;
    const carrier: Carrier<number> = {
      send: async () => {
        if (attempts++ === 0) throw new TypeError("terminated");
        return { receipts: [], refusal: new AdmissionError("DUPLICATE", "long ago", { lastSeq: 9n }) };
      },
      receipt: async () => undefined,
    };
    const outbox = outboxOf(carrier);
    const codes = [1, 2].map((one) => outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code));
    expect(await Promise.all(codes)).toEqual(["OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
    // Of what was not sent before it is known: somebody else has used its seq.
    const other = outboxOf(carrier);
    await expect(other.submit(1, Uint8Array.of(1))).rejects.toMatchObject({ code: "DUPLICATE" });
    await expect(other.submit(1, Uint8Array.of(2))).rejects.toMatchObject({ code: "DUPLICATE" });
  });

  it("does not know what a refusal says that is not known here", async () => {
    const carrier: Carrier<number> = {
      send: async () => ({ receipts: [1], refusal: new ServiceError("PROTOCOL", "of a later release") }),
      receipt: async () => undefined,
    };
    const outbox = outboxOf(carrier);
    const codes = [1, 2, 3].map((one) => outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code));
    expect(await Promise.all(codes)).toEqual([1, "OUTCOME_UNKNOWN", "OUTCOME_UNKNOWN"]);
  });

  it("knows what an engine failed with, and that nothing is behind a seq that was not used", async () => {
    const answers: (() => RequestAnswer<number>)[] = [
      () => ({ receipts: [], refusal: new OperationalError("OUTCOME_UNKNOWN", "failed") }),
      () => ({ receipts: [], refusal: new AdmissionError("MALFORMED", "field") }),
      () => {
        throw new ServiceError("UNAUTHORIZED", "token");
      },
      () => ({ receipts: [], refusal: new OperationalError("POISONED", "failed") }),
      () => {
        throw new ServiceError("UNAUTHORIZED", "token");
      },
    ];
    const carrier: Carrier<number> = {
      send: async () => answers.shift()!(),
      receipt: async () => undefined,
    };
    const outbox = outboxOf(carrier);
    const codes = [1, 2].map((one) => outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code));
    expect(await Promise.all(codes)).toEqual(["MALFORMED", "UNAUTHORIZED"]);
    await expect(outbox.submit(1, Uint8Array.of(3))).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  });

  it("does not know what came of an answer that can not be read", async () => {
    const carrier: Carrier<number> = {
      send: async () => {
        throw new ServiceError("PROTOCOL", "found something else");
      },
      receipt: async () => undefined,
    };
    const refused = outboxOf(carrier).submit(1, Uint8Array.of(1));
    await expect(refused).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN", cause: { code: "PROTOCOL" } });
  });

  it("takes the receipt of what an earlier request executed, though it is refused now", async () => {
    const service = new Service([]);
    let attempts = 0;
    const carrier: Carrier<number> = {
      send: async (commands) => {
        if (attempts++ === 0) {
          await service.send(commands.slice(0, 1));
          throw new TypeError("terminated");
        }
        return attempts === 2
          ? { receipts: [], refusal: new AdmissionError("TOO_LARGE", "the limit is smaller now") }
          : service.send(commands);
      },
      receipt: (seq) => service.receipt(seq),
    };
    const outbox = outboxOf(carrier);
    expect(await Promise.all([1, 2].map((one) => outbox.submit(1, Uint8Array.of(one))))).toEqual([1, 2]);
    expect(service.frames).toEqual(["1", "2"]);
  });

  it("tells what it knows when it gives up", async () => {
    let arrived = (): void => {};
    const underWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const carrier: Carrier<number> = {
      send: (_, signal) =>
        new Promise((_resolve, reject) => {
          arrived();
          signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
      receipt: async () => undefined,
    };
    let retries = 0;
    const onRetry = () => {
      retries++;
    };
    const outbox = new Outbox(carrier, { ...options, onRetry, backoff: new Backoff(2_000, () => 0.5) }, 0n);
    const codes = [1, 2, 3, 4, 5].map((one) =>
      outbox.submit(1, Uint8Array.of(one)).catch((error) => error.code),
    );
    await underWay;
    expect(outbox.pending).toBe(5);
    outbox.giveUp();
    expect(await Promise.all(codes)).toEqual([...Array(4).fill("OUTCOME_UNKNOWN"), "CLOSED"]);
    await outbox.close();
    expect(retries).toBe(0);
    await expect(outbox.submit(1, Uint8Array.of(6))).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("waits longer from attempt to attempt, at least as long as the service asks, and starts anew", async () => {
    waits.length = 0;
    const fates = ["rate", "request lost", "busy", "answer too short", "answered", "request lost"] as const;
    const outbox = outboxOf(new Service(fates.map((fate) => ({ fate, reach: 0 }))));
    await outbox.submit(1, Uint8Array.of(1));
    await outbox.submit(1, Uint8Array.of(2));
    expect(waits).toEqual([7 + 15, 30, 60, 120, 15]);
  });
});
