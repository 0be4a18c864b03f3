/**
 * The durable peer with a server: the ledger in PL/pgSQL functions (ledger.sql) on PostgreSQL, one transaction a command, asked by
 * `pg` with pipelined connections.
 *
 * Several connections, so that commits of one share the flush of others; within a connection a commit waits for the one before.
 * Responsible for: sending the stream, comparing outcomes and balances with the reference.
 * Not responsible for: the server and its settings (../postgres-server.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Balances,
  CAPTURE_HOLD,
  CURRENCY,
  CUSTOMERS,
  EXPIRES_NS,
  EXTERNAL,
  FUNDS_CENTS,
  generateLedgerStream,
  type LedgerStream,
  PLACE_HOLD,
  PLACES,
  POST_TRANSFER,
  requireBalances,
  tallyOf,
} from "../ledger-stream.ts";
import { payloadOf } from "../ledger-wire.ts";
import { root } from "../places.ts";
import { type PostgresServer, startPostgresServer } from "../postgres-server.ts";
import { withProcessorTime } from "../processor-time.ts";
import { SENDERS } from "../traffic.ts";
import { loadPeer } from "./peer-packages.ts";
import { perSecond, requireSame, type Side, type SideOptions } from "./side.ts";

interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
  readonly rowMode?: "array";
}

interface QueryResult {
  readonly rows: readonly (readonly unknown[])[];
}

/** As much of `pg` as is used. */
interface Client {
  /** Its socket: corked, queries that are sent together go out together. */
  readonly connection: { readonly stream: { cork(): void; uncork(): void } };
  connect(): Promise<void>;
  query(query: Query, done: (error: Error | null, result: QueryResult) => void): void;
  query(query: Query): Promise<QueryResult>;
  end(): Promise<void>;
}

interface PgPackage {
  readonly Client: new (options: object) => Client;
}

const CLIENT_CLASS = () => loadPeer<PgPackage>("pg").Client;

const FUNDS = FUNDS_CENTS / 100;
const SEED = `
  INSERT INTO currencies VALUES (1, '${CURRENCY}', ${PLACES});
  INSERT INTO accounts SELECT id, id, 1, 1, 1, ${FUNDS}, ${FUNDS}, 0 FROM generate_series(1, ${CUSTOMERS}) AS id;
  INSERT INTO accounts VALUES (${EXTERNAL}, 0, 1, 3, 1, -${FUNDS * CUSTOMERS}, -${FUNDS * CUSTOMERS}, NULL);
  ANALYZE;
  CHECKPOINT;
`;

const EXPIRES = new Date(Number(EXPIRES_NS / 1_000_000n)).toISOString();

function decimal(cents: number): string {
  return (cents / 100).toFixed(2);
}

/** The call of a position's command, prepared once a connection. */
function callOf(stream: LedgerStream, position: number): Query {
  const source = position % SENDERS;
  const seq = Math.floor(position / SENDERS) + 1;
  const { ids, from, to, cents, holdIds, releases } = stream;
  const values: unknown[] = [source, seq, payloadOf(stream, position), ids[position]];
  const rowMode = "array";
  switch (stream.kinds[position]) {
    case POST_TRANSFER:
      values.push(from[position], to[position], decimal(cents[position]!));
      return { name: "transfer", text: "SELECT post_transfer($1, $2, $3, $4, $5, $6, $7)", values, rowMode };
    case PLACE_HOLD:
      values.push(from[position], to[position], decimal(cents[position]!), EXPIRES);
      return { name: "hold", text: "SELECT place_hold($1, $2, $3, $4, $5, $6, $7, $8)", values, rowMode };
    case CAPTURE_HOLD: {
      const wanted = cents[position] === 0 ? null : decimal(cents[position]!);
      values.push(holdIds[position], wanted, releases[position] === 1);
      return { name: "capture", text: "SELECT capture_hold($1, $2, $3, $4, $5, $6, $7)", values, rowMode };
    }
    default:
      return { name: "release", text: "SELECT release_hold($1, $2, $3, $4)", values, rowMode };
  }
}

/** One connection, and the senders whose commands it carries. */
class Lane {
  readonly #client: Client;
  readonly #stream: LedgerStream;
  readonly #outcomes: Uint8Array;
  /** Its senders are `first`, `first + step`, ... */
  readonly #first: number;
  readonly #step: number;
  readonly #window: number;
  #next = 0;
  #end = 0;
  #underWay = 0;
  #done: (error?: Error) => void = () => {};

  constructor(
    client: Client,
    stream: LedgerStream,
    outcomes: Uint8Array,
    first: number,
    options: SideOptions,
  ) {
    this.#client = client;
    this.#stream = stream;
    this.#outcomes = outcomes;
    this.#first = first;
    this.#step = options.connections;
    this.#window = options.group;
  }

  /** Sends its commands of a part of the stream that begins and ends with whole rounds of all senders. */
  send(from: number, to: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next = from + this.#first;
      this.#end = to;
      this.#done = (error) => (error === undefined ? resolve() : reject(error));
      this.#fill();
    });
  }

  #fill(): void {
    const { stream } = this.#client.connection;
    stream.cork();
    while (this.#underWay < this.#window && this.#next < this.#end) {
      const position = this.#next;
      this.#next += this.#step;
      this.#underWay++;
      this.#client.query(callOf(this.#stream, position), (error, result) => {
        if (error) return this.#done(error);
        this.#outcomes[position] = result.rows[0]![0] as number;
        this.#underWay--;
        if (this.#next < this.#end) {
          if (this.#underWay <= this.#window / 2) this.#fill();
        } else if (this.#underWay === 0) this.#done();
      });
    }
    stream.uncork();
  }
}

async function connect({ port, user, password }: PostgresServer): Promise<Client> {
  const ClientClass = CLIENT_CLASS();
  const database = "postgres";
  const client = new ClientClass({ host: "127.0.0.1", port, user, password, database, pipeline: true });
  await client.connect();
  return client;
}

async function balancesIn(client: Client): Promise<Balances> {
  const text = "SELECT account_id, posted, available FROM accounts";
  const { rows } = await client.query({ text, rowMode: "array" });
  const posted = new Float64Array(EXTERNAL + 1);
  const available = new Float64Array(EXTERNAL + 1);
  for (const [account, has, free] of rows) {
    posted[Number(account)] = Math.round(Number(has) * 100);
    available[Number(account)] = Math.round(Number(free) * 100);
  }
  return { posted, available };
}

async function requireRows(client: Client, stream: LedgerStream): Promise<void> {
  const text = "SELECT outcome, count(*) FROM commands GROUP BY outcome";
  const { rows } = await client.query({ text, rowMode: "array" });
  const tally = tallyOf([]);
  for (const [outcome, count] of rows) tally[Number(outcome)] = Number(count);
  requireSame("the commands that PostgreSQL keeps", tally, tallyOf(stream.outcomes));
}

export async function startPostgres(options: SideOptions): Promise<Side> {
  const { turns, perTurn, directory, connections } = options;
  const stream = generateLedgerStream(turns * perTurn);
  const outcomes = new Uint8Array(stream.length).fill(0xff);
  const server = await startPostgresServer(directory);
  const clients: Client[] = [];
  for (let count = 0; count < connections; count++) clients.push(await connect(server));
  const first = clients[0]!;
  await first.query({ text: readFileSync(join(root, "bench/sides/ledger.sql"), "utf8") });
  for (const text of SEED.split(";").map((part) => part.trim())) {
    if (text !== "") await first.query({ text });
  }
  const lanes = clients.map((client, at) => new Lane(client, stream, outcomes, at, options));
  return {
    async turn(turn) {
      const from = turn * perTurn;
      let milliseconds = 0;
      const used = await withProcessorTime(server.pid, perTurn, async () => {
        const start = performance.now();
        await Promise.all(lanes.map((lane) => lane.send(from, from + perTurn)));
        milliseconds = performance.now() - start;
      });
      return { perSecond: perSecond(perTurn, milliseconds), ...used };
    },
    async finish() {
      requireSame("PostgreSQL", tallyOf(outcomes), tallyOf(stream.outcomes));
      await requireRows(first, stream);
      requireBalances("PostgreSQL", await balancesIn(first), stream.balances);
      await Promise.all(clients.map((client) => client.end()));
      await server.stop();
      return {};
    },
  };
}
