/**
 * The server process as its parent sees it.
 *
 * Responsible for: starting it, questions and answers. Not responsible for: what it does (service-program.ts).
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type {
  ServiceEnd,
  ServiceReply,
  ServiceRequest,
  ServiceStart,
  WhatToServe,
} from "./service-program.ts";

const PROGRAM = fileURLToPath(new URL("./service-program.js", import.meta.url));

export class ServiceProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(PROGRAM, [], { stdio: ["ignore", 2, 2, "ipc"], serialization: "advanced" });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  start(what: WhatToServe): Promise<ServiceStart> {
    return this.#ask({ say: "start", ...what }) as Promise<ServiceStart>;
  }

  finish(): Promise<ServiceEnd> {
    return this.#ask({ say: "finish" }) as Promise<ServiceEnd>;
  }

  #ask(request: ServiceRequest): Promise<ServiceStart | ServiceEnd> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the server ended with ${code}`));
      this.#child.once("exit", onExit);
      this.#child.once("message", (reply: ServiceReply) => {
        this.#child.off("exit", onExit);
        if ("failure" in reply) reject(new Error(`the server: ${reply.failure}`));
        else resolve(reply);
      });
      this.#child.send(request);
    });
  }

  /** Lets it end; it does too when we end. */
  end(): void {
    this.#child.disconnect();
  }
}
