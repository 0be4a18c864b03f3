/** NAME.d.ts: the same types that the schema's own definitions have, for every field type and key form. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, expect, test } from "vitest";
import { declarationOf } from "../../src/compile/declaration.ts";
import { modelOf } from "../../src/schema/define-schema.ts";
import { schema as everything } from "../schema/fixture.ts";

/** A type check takes seconds, on a busy machine more. */
const SLOW = 400_000;

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Below this folder, so that the fixture's own imports are found. */
const directory = mkdtempSync(join(root, "build/declaration-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const SAME = `
import type { Infer } from "statevec/schema";
import type { Domain } from "statevec";
import { sealedDomain } from "statevec";
import type { schema } from "../../test/schema/fixture.ts";
import type { Parts } from "./everything.d.ts";

type Own = typeof schema;
type Both<A, B> = [A] extends [B] ? ([B] extends [A] ? true : "second is wider") : "first is wider";
/** Every definition of one part, compared with its twin. */
type Compared<A, B> = { readonly [K in keyof A | keyof B]: K extends keyof A & keyof B ? Both<A[K], B[K]> : "missing" };
type AllTrue<T> = { readonly [K in keyof T]: true };

export const records: AllTrue<Parts["records"]> = null! as Compared<Parts["records"], Own["records"]>;
export const commands: AllTrue<Parts["commands"]> = null! as Compared<Parts["commands"], Own["commands"]>;
export const events: AllTrue<Parts["events"]> = null! as Compared<Parts["events"], Own["events"]>;
export const rejects: AllTrue<Parts["rejects"]> = null! as Compared<Parts["rejects"], Own["rejects"]>;
export const invariants: AllTrue<Parts["invariants"]> = null! as Compared<Parts["invariants"], Own["invariants"]>;

export const domain: Domain<Parts> = sealedDomain<Parts>(new Uint8Array());
export const amount: Infer<Parts["records"]["Account"]>["balance"] = 1n;
// @ts-expect-error: the balance is a bigint
export const wrong: Infer<Parts["records"]["Account"]>["balance"] = "1";
// @ts-expect-error: there is no such record
export type Nothing = Parts["records"]["Nothing"];
`;

function complaints(text: string): string[] {
  writeFileSync(join(directory, "everything.d.ts"), text);
  writeFileSync(join(directory, "same.ts"), SAME);
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noEmit: true, noUnusedLocals: false, skipLibCheck: false, types: [] },
    root,
  );
  const program = ts.createProgram([join(directory, "same.ts"), join(directory, "everything.d.ts")], options);
  return program
    .getSourceFiles()
    .filter((file) => file.fileName.startsWith(directory))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map((one) => ts.flattenDiagnosticMessageText(one.messageText, "\n"));
}

const model = modelOf(everything);
const invariants = Object.keys(everything.invariants ?? {});
const declaration = declarationOf(model, "everything", invariants);

test(
  "every part has the type of the schema's own definition",
  () => {
    expect(complaints(declaration)).toEqual([]);
  },
  SLOW,
);

test(
  "a type that differs is seen",
  () => {
    const different = declaration
      .replace('"balance"', "never")
      .replace("readonly balance: bigint", "readonly balance: number");
    expect(complaints(different)).not.toEqual([]);
  },
  SLOW,
);

test("the text is stable, and says how it is used", () => {
  expect(declarationOf(model, "everything", [...invariants].reverse())).toBe(declaration);
  expect(declarationOf(model, "2-odd name", [])).toContain("const domain = sealedDomain<Parts>");
  expect(declarationOf(model, "risk-limits", [])).toContain("const riskLimits = sealedDomain<Parts>");
});
