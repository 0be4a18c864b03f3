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
const RELEASED: Readonly<Record<string, string>> = {
  "kinds-arithmetic.vectors.json": "938511797bca6b3e7ca0739d9c9076d57dba83947a5ed06272bf4eb8175cb34e",
  "kinds-codes.vectors.json": "ad767bd69eb0822a2740673aa95b05eaa65596265a4d8bcf61f872dd6f0ae318",
  "kinds-indexes.vectors.json": "c02d2a2fd74c863640ca28d89b030b2f7e5d066e901bdd5e3ba2a00c6806d1d4",
  "kinds-keys.vectors.json": "25f0b35e70a722326b10c49b538a7f345d94796587bdd4e13ea8dceed0acc90f",
  "kinds-rules.vectors.json": "1052a0ac101bc558b6ae9426ee032bd8fcacb7d37f2ed779f94203748a86a88f",
  "kinds-sources.vectors.json": "774ff231648b042abea5106479cd27653cfa9a00bd8e8da7c58877987279188a",
  "kinds-values.vectors.json": "d650ed2cbbd720f7e326be977a020d9b6e596603c034b6aba6952e6a1db339fc",
  "limits-sealed.vectors.json": "d84305bf880660d06229b2cdebd6fa1d0227c8bb883a6d8017263a54414d362e",
  "limits.vectors.json": "f77329264aea9434de9dd9ce8835951ba617a7f966a0b3b7c01941182a6e0894",
  "open-lane.vectors.json": "14d0150450d02877c0eda89ca6aaa679a7a4a6a8093d1de42cc58cf222e7e62f",
};

const files = vectorFiles();

test.each(files)("$name is what was released", ({ name, text }) => {
  expect(createHash("sha256").update(text).digest("hex")).toBe(RELEASED[name]);
});

test("no released file is gone", () => {
  expect(Object.keys(RELEASED).filter((name) => !files.some((file) => file.name === name))).toEqual([]);
});
