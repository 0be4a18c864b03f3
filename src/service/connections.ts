/**
 * Connections and the exchanges on them.
 *
 * Responsible for: telling every exchange of a connection that it has ended. The answer to a request that waits behind
 * another on the same connection is never told by Node.js itself.
 */
import type { Socket } from "node:net";

export class Connections {
  private readonly ends = new WeakMap<Socket, Set<() => void>>();

  /** Calls `ended` when the connection ends, unless `leave` comes first. */
  join(socket: Socket, ended: () => void): void {
    let ends = this.ends.get(socket);
    if (ends === undefined) {
      ends = new Set();
      this.ends.set(socket, ends);
      const all = ends;
      socket.once("close", () => {
        for (const end of all) end();
      });
    }
    ends.add(ended);
    if (socket.destroyed) ended();
  }

  leave(socket: Socket, ended: () => void): void {
    this.ends.get(socket)?.delete(ended);
  }
}
