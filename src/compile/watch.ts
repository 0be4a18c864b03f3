/**
 * Waiting for changes of a sealed domain's sources.
 *
 * Responsible for: telling once for each burst of changes; an editor writes a file in several steps.
 * Not responsible for: building, and files outside the folder.
 */
import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import type { DomainFolder } from "./folder.ts";

/** How long nothing must happen before a change counts as whole. */
const QUIET_MS = 40;

/**
 * Calls `onChange` after changes of the schema or the handlers, never while a call is still running.
 * @returns what ends the watching
 */
export function watchSources(folder: DomainFolder, onChange: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isRunning = false;
  let isChanged = false;
  const run = async () => {
    timer = undefined;
    if (isRunning) return;
    isRunning = true;
    while (isChanged) {
      isChanged = false;
      await onChange();
    }
    isRunning = false;
  };
  const changed = (_event: string, name: string | null) => {
    if (name !== null && !name.endsWith(".ts")) return;
    isChanged = true;
    clearTimeout(timer);
    timer = setTimeout(run, QUIET_MS);
  };
  // Not the whole folder with what is below it: build/ changes with every build.
  const watchers: FSWatcher[] = [
    watch(folder.directory, changed),
    watch(join(folder.directory, "assembly"), { recursive: true }, changed),
  ];
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
