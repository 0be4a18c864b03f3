/**
 * Bundles programs of the tests for platforms without Node's modules.
 *
 * Responsible for: one file out of an entry, and the list of what went into it.
 */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Bundle {
  readonly text: string;
  /** Files that it was made of, from the root of the project. */
  readonly inputs: readonly string[];
  /** Modules that it still imports when it runs. */
  readonly imports: readonly string[];
}

/**
 * @param entry a file, from the root of the project
 * @throws when something in it is not to be had in a browser: a module of Node, a native package
 */
export async function bundleForBrowser(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    // A file of bytes, such as a compiled domain, becomes a Uint8Array.
    loader: { ".wasm": "binary" },
    write: false,
    metafile: true,
    logLevel: "silent",
    outfile: "bundle.js",
  });
  const [output] = Object.values(metafile.outputs);
  const imports = output!.imports.map(({ path }) => path);
  return { text: outputFiles[0]!.text, inputs: Object.keys(metafile.inputs), imports };
}
