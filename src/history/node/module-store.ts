/**
 * Keeping a module beside the history that is about to name it.
 *
 * I1: under its name a module is whole and durable. I2: what is there is not written again.
 */
import { MODULES_DIRECTORY, pathIn } from "../segments/directory.ts";
import { moduleFileName, modulePath, readModuleFile } from "../segments/module-file.ts";
import { type FileSystem, removeIfThere } from "./file-system.ts";

/** @param term of the writer: what another one left half done is not touched */
export async function keepModuleFile(
  fileSystem: FileSystem,
  directory: string,
  term: bigint,
  hash: string,
  bytes: Uint8Array,
): Promise<void> {
  if ((await readModuleFile(fileSystem, directory, hash)) !== undefined) return;
  const modules = pathIn(directory, MODULES_DIRECTORY);
  await fileSystem.makeDirectory(modules);
  const unfinished = pathIn(modules, `${moduleFileName(hash)}-${term}.new`);
  await removeIfThere(fileSystem, unfinished);
  const file = await fileSystem.create(unfinished);
  try {
    await fileSystem.write(file, bytes, 0);
    await fileSystem.sync(file);
  } finally {
    await fileSystem.close(file);
  }
  await fileSystem.rename(unfinished, modulePath(directory, hash));
  await fileSystem.syncDirectory(modules);
}
