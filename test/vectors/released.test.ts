/**
 * Released vectors never change.
 *
 * The rule: once a release has gone out with a vector file, its bytes stay as they are for ever, and so does the schema of
 * its domain. Every later release must make the same frames, down to each leaf. If a test here fails, the file was edited:
 * put it back. If a vector fails, the engine has changed what it does: that is a new version of the core semantics, with
 * vectors of its own beside these, never a new recording of old ones. New vectors are new files; add them below.
 */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { vectorFiles } from "./files.ts";

/** SHA-256 of each file. Lines are added, never changed. */
const RELEASED: Readonly<Record<string, string>> = {};

const files = vectorFiles();

test.each(files)("$name is what was released", ({ name, text }) => {
  expect(createHash("sha256").update(text).digest("hex")).toBe(RELEASED[name]);
});

test("no released file is gone", () => {
  expect(Object.keys(RELEASED).filter((name) => !files.some((file) => file.name === name))).toEqual([]);
});
