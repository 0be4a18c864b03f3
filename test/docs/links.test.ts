/** Links of the docs lead to files and headings that are there; so do the paths that they name in code. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { textOf } from "./reading.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TOP = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"];

function pages(): string[] {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  const docs = below
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path.replaceAll("\\", "/")}`);
  return [...TOP, ...docs, "examples/exchange/README.md"];
}

/** Headings as they are linked to. */
function anchorsOf(page: string): string[] {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("every link leads somewhere", () => {
  const broken: string[] = [];
  let links = 0;
  for (const page of pages()) {
    for (const [, target] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue;
      links++;
      const [path, anchor] = target!.split("#") as [string, string | undefined];
      const to = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, to))) broken.push(`${page}: ${target}`);
      else if (anchor !== undefined && !anchorsOf(to).includes(anchor)) broken.push(`${page}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
  expect(links).toBeGreaterThan(30);
});

test("every path that is named in code is there", () => {
  const missing: string[] = [];
  for (const page of pages()) {
    for (const [, path] of textOf(page).matchAll(
      /`((?:src|assembly|test|examples|scripts|bench)\/[\w\-./]*)`/g,
    )) {
      const at = join(ROOT, path!);
      const isThere = existsSync(at) && (!path!.endsWith("/") || statSync(at).isDirectory());
      if (!isThere) missing.push(`${page}: ${path}`);
    }
  }
  expect(missing).toEqual([]);
});
