/**
 * Rows of the service: an engine behind HTTP, and the same ledger on PostgreSQL.
 *
 * Responsible for: how many connections and commands a request each side is given: what was best for that side.
 * Not responsible for: measuring (sides/service.ts, sides/postgres.ts).
 */
import { diskNote, RAW_WRITES, WRITE_BYTES, withDirectories } from "./durable.ts";
import { alone, compared, contender, type Group, type Row, run } from "./group.ts";
import { postgresVersion } from "./postgres-server.ts";
import { peerName } from "./sides/peer-packages.ts";
import { medianOf, type Outcome } from "./turns.ts";

/** Commands of one request. */
const BATCH = 256;
/** Of requests with many commands: enough that the engine has work while answers are on their way. */
const BATCH_CONNECTIONS = 16;
const SINGLE_CONNECTIONS = 64;
/**
 * Of PostgreSQL, whose better result counts: more connections share a flush among more commits, fewer keep the caches warmer. Which
 * is better depends on how long a flush takes that day.
 */
const POSTGRES_CONNECTIONS = [16, 64];
/** Commands of PostgreSQL on their way, of all connections together. */
const POSTGRES_WINDOW = 512;

const HTTP_SINGLE: Row = {
  name: "http-single",
  unit: "commands/s",
  bar: 10_000,
  reachFor: 20_000,
  better: "more",
};
const HTTP_BATCHES: Row = {
  name: "http-batches",
  unit: "commands/s",
  bar: 150_000,
  reachFor: 300_000,
  better: "more",
};
const LEDGER_POSTGRES: Row = {
  name: "ledger-postgres",
  unit: "commands/s",
  bar: 10,
  reachFor: 30,
  better: "more",
};

/** Processor time a command, of both ends: says more than the clock where others use the machine. */
function timeNote(what: string, outcome: Outcome): string {
  const [server, client] = [medianOf(outcome, "serverMicros"), medianOf(outcome, "clientMicros")];
  return `${what}: ${server.toFixed(1)} us of processor a command in the server, ${client.toFixed(1)} in the client`;
}

const httpGroup: Group = {
  rows: [HTTP_SINGLE, HTTP_BATCHES],
  durable: true,
  measure: (settings) =>
    withDirectories(settings, 3, async ([first, second, disk]) => {
      const turns = settings.quick ? 3 : 5;
      const [single, batches, raw] = await run(settings, turns, [
        contender("exchange-service", {
          turns,
          perTurn: settings.quick ? 20_000 : 60_000,
          directory: first!,
          connections: SINGLE_CONNECTIONS,
          group: 1,
        }),
        contender("exchange-service", {
          turns,
          perTurn: settings.quick ? 100_000 : 300_000,
          directory: second!,
          connections: BATCH_CONNECTIONS,
          group: BATCH,
        }),
        contender("disk", { turns, perTurn: RAW_WRITES, directory: disk!, writeBytes: WRITE_BYTES }),
      ]);
      return {
        results: [
          alone(HTTP_SINGLE, medianOf(single!, "perSecond")),
          alone(HTTP_BATCHES, medianOf(batches!, "perSecond")),
        ],
        notes: [
          timeNote(`http-single, ${SINGLE_CONNECTIONS} connections`, single!),
          timeNote(`http-batches, ${BATCH} a request, ${BATCH_CONNECTIONS} connections`, batches!),
          diskNote(settings, medianOf(raw!, "perSecond")),
        ],
      };
    }),
};

/** Whichever number of connections was best. */
function best(outcomes: readonly Outcome[]): { readonly outcome: Outcome; readonly connections: number } {
  const all = outcomes.map((outcome, at) => ({ outcome, connections: POSTGRES_CONNECTIONS[at]! }));
  return all.reduce((a, b) => (medianOf(b.outcome, "perSecond") > medianOf(a.outcome, "perSecond") ? b : a));
}

const postgresGroup: Group = {
  rows: [LEDGER_POSTGRES],
  durable: true,
  measure: (settings) =>
    withDirectories(settings, 2 + POSTGRES_CONNECTIONS.length, async ([ours, disk, ...theirs]) => {
      const turns = settings.quick ? 3 : 5;
      const found = await postgresVersion();
      const peers = POSTGRES_CONNECTIONS.map((connections, at) =>
        contender("postgres", {
          turns,
          perTurn: settings.quick ? 12_800 : 51_200,
          directory: theirs[at]!,
          connections,
          group: POSTGRES_WINDOW / connections,
        }),
      );
      const [service, raw, ...postgres] = await run(settings, turns, [
        contender("ledger-service", {
          turns,
          perTurn: settings.quick ? 100_000 : 300_000,
          directory: ours!,
          connections: BATCH_CONNECTIONS,
          group: BATCH,
        }),
        contender("disk", { turns, perTurn: RAW_WRITES, directory: disk!, writeBytes: WRITE_BYTES }),
        ...("version" in found ? peers : []),
      ]);
      const notes = [
        timeNote(`ledger-postgres, the service, ${BATCH} a request`, service!),
        diskNote(settings, medianOf(raw!, "perSecond")),
      ];
      const value = medianOf(service!, "perSecond");
      if ("missing" in found) {
        const label = `PostgreSQL: ${found.missing}`;
        return { results: [compared(LEDGER_POSTGRES, value, label, null)], notes };
      }
      const { outcome, connections } = best(postgres);
      const label = `PostgreSQL ${found.version}, ${peerName("pg")}, ${connections} pipelines`;
      notes.splice(1, 0, timeNote(label, outcome));
      const peerValue = medianOf(outcome, "perSecond");
      return { results: [compared(LEDGER_POSTGRES, value, label, peerValue)], notes };
    }),
};

export const serviceGroups: readonly Group[] = [httpGroup, postgresGroup];
