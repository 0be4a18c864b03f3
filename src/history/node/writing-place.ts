/**
 * A directory that can be written to: what claiming and appending need beyond reading.
 *
 * Not responsible for: anything that happens there.
 */
import type { Place } from "../segments/plan.ts";
import type { FileSystem } from "./file-system.ts";
import type { Processes } from "./owner-file.ts";

export interface WritingPlace extends Place {
  readonly fileSystem: FileSystem;
  readonly processes: Processes;
}
