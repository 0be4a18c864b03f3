/**
 * The raw disk: one write of a frame's size, one fdatasync, blocking, one after the other into a file that is there already and
 * zeroed. No durable answer to one command at a time can be faster.
 */
import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { perSecond, type Side, type SideOptions } from "./side.ts";

const ZEROS = Buffer.alloc(1 << 20);

export async function startDisk(options: SideOptions): Promise<Side> {
  const { turns, perTurn, directory, writeBytes } = options;
  const path = join(directory, "raw");
  const file = openSync(path, "w+");
  for (let at = 0; at < turns * perTurn * writeBytes; at += ZEROS.length)
    writeSync(file, ZEROS, 0, ZEROS.length, at);
  fsyncSync(file);
  const bytes = Buffer.alloc(writeBytes, 0xa5);
  return {
    turn(turn) {
      let position = turn * perTurn * writeBytes;
      const start = performance.now();
      for (let write = 0; write < perTurn; write++) {
        writeSync(file, bytes, 0, writeBytes, position);
        fdatasyncSync(file);
        position += writeBytes;
      }
      return { perSecond: perSecond(perTurn, performance.now() - start) };
    },
    finish() {
      closeSync(file);
      rmSync(path);
      return {};
    },
  };
}
