/**
 * One connection of the load program: as little HTTP/1.1 as a request and its answer take, so that sending is not what is measured.
 *
 * Responsible for: one request at a time, written in one piece; answers with a length, found whole however they arrive.
 * Not responsible for: bodies. Nothing else would work with it: no chunks, no redirects, no second try.
 */
import { connect, type Socket } from "node:net";

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CLOSE = /\r\nconnection: *close/i;

export class HttpConnection {
  readonly #socket: Socket;
  readonly #head: string;
  /** What has arrived of the answer; `#bytes` of it count. */
  #buffer = Buffer.allocUnsafe(1 << 16);
  #bytes = 0;
  #done: ((body: Buffer) => void) | undefined;
  #failed: (error: Error) => void = () => {};

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => this.#failed(new Error("the server closed the connection")));
  }

  /** @param path of a POST with a protobuf body */
  static open(port: number, path: string): Promise<HttpConnection> {
    const type = "application/x-protobuf";
    const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: ${type}\r\ncontent-length: `;
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new HttpConnection(socket, head)));
      socket.once("error", reject);
    });
  }

  /**
   * Sends a body, which must stay as it is until the answer.
   *
   * @param done told the body of the answer, which is good until it returns
   * @param failed told what went wrong; a status other than 200 too
   */
  post(body: Buffer, done: (body: Buffer) => void, failed: (error: Error) => void): void {
    this.#done = done;
    this.#failed = failed;
    const socket = this.#socket;
    if (socket.destroyed) return failed(new Error("the server has closed the connection"));
    socket.cork();
    socket.write(`${this.#head}${body.length}\r\n\r\n`, "latin1");
    socket.write(body);
    socket.uncork();
  }

  #take(chunk: Buffer): void {
    const needed = this.#bytes + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#buffer.copy(larger, 0, 0, this.#bytes);
      this.#buffer = larger;
    }
    chunk.copy(this.#buffer, this.#bytes);
    this.#bytes = needed;
    const arrived = this.#buffer.subarray(0, needed);
    const headEnd = arrived.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = arrived.toString("latin1", 0, headEnd);
    const start = headEnd + HEAD_END.length;
    const length = Number(LENGTH.exec(head)?.[1] ?? Number.NaN);
    if (needed < start + length) return;
    this.#bytes = 0;
    const isGood = head.startsWith("HTTP/1.1 200 ") && needed === start + length && !CLOSE.test(head);
    const body = arrived.subarray(start);
    if (isGood) this.#done!(body);
    else this.#failed(new Error(`found the answer ${head}\n${body}, expected 200 with a length`));
  }

  close(): void {
    this.#failed = () => {};
    this.#socket.destroy();
  }
}
