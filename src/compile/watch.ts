/**
 * Building again whenever the sources of a sealed domain change.
 *
 * Responsible for: one build at a time, one for each burst of changes; an editor writes a file in several steps.
 * Not responsible for: the build, and files outside the folder.
 */
import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DomainFolder } from "./folder.ts";

/** From the first sign of a change to the build: what belongs together has been written by then. */
const BURST_MS = 40;

/**
 * Builds at once, and again after changes of the schema or the handlers.
 * @param stopped ends it, between two builds
 * @throws what `build` throws, or the system's error where the folder can not be watched
 */
export async function watchSources(
  folder: DomainFolder,
  build: () => Promise<unknown>,
  stopped: AbortSignal,
): Promise<void> {
  let isChanged = false;
  let failure: Error | undefined;
  let wake = () => {};
  const changed = (_event: string, name: string | null) => {
    if (name !== null && !name.endsWith(".ts")) return;
    isChanged = true;
    wake();
  };
  const failed = (error: Error) => {
    failure = error;
    wake();
  };
  stopped.addEventListener("abort", () => wake());
  // Not the whole folder with what is below it: build/ changes with every build.
  const watchers: FSWatcher[] = [
    watch(folder.directory, changed).on("error", failed),
    watch(join(folder.directory, "assembly"), { recursive: true }, changed).on("error", failed),
  ];
  try {
    while (!stopped.aborted) {
      isChanged = false;
      await build();
      while (!isChanged && !stopped.aborted && failure === undefined)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (failure !== undefined) throw failure;
      await sleep(BURST_MS);
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}
