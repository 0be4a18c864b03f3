/**
 * A TypeScript module that the user names, run in this process.
 *
 * Responsible for: bundling it in memory and importing the bundle.
 * Not responsible for: what it must export.
 *
 * Its `statevec` is this one, so that its definitions are known here; every other package is bundled from where the
 * module stands.
 */

/** @param esbuild the package @returns the module's code @throws the failure of esbuild, with its places */
export async function bundleTypeScript(esbuild: typeof import("esbuild"), file: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    logLevel: "silent",
    plugins: [
      {
        name: "statevec",
        setup(build) {
          build.onResolve({ filter: /^statevec(\/|$)/ }, (args) => ({
            path: import.meta.resolve(args.path),
            external: true,
          }));
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

/** Runs what `bundleTypeScript` made. */
export function importBundle(code: string): Promise<Record<string, unknown>> {
  return import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}
