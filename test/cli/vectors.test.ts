/** `statevec vectors record|check` by the real binary: files, histories, exit codes, and what is never overwritten. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseVectors } from "statevec/vectors";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DOMAIN, makeShop, statevec, statevecJson, temporaryDirectory } from "./run-cli.ts";

let directory: string;
let commands: string;
let out: string;
beforeEach(() => {
  directory = temporaryDirectory();
  commands = join(directory, "commands.json");
  out = join(directory, "shop.vectors.json");
  writeSteps([
    { about: "Ada joins.", command: "Join", payload: { login: "ada" } },
    { command: "Pay", payload: { login: "ada", number: 1 } },
  ]);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function writeSteps(steps: readonly object[]): void {
  writeFileSync(commands, JSON.stringify({ vectors: 1, about: "A shop.", steps }));
}

const record = (source: string, ...more: string[]) =>
  statevec("vectors", "record", source, "--domain", DOMAIN, "-o", out, ...more);
const check = (...files: string[]) => statevec("vectors", "check", ...files, "--domain", DOMAIN);

/** Changes the recorded file as text. */
function edit(from: string | RegExp, to: string): void {
  const text = readFileSync(out, "utf8");
  expect(text).toMatch(from);
  writeFileSync(out, text.replace(from, to));
}

describe("record", () => {
  test("a file of commands, then check", () => {
    expect(record(commands)).toEqual({
      status: 0,
      stdout: `${out}: 2 steps recorded (1 committed, 1 faulted)\n`,
      stderr: "",
    });
    expect(parseVectors(readFileSync(out, "utf8"))).toMatchObject({
      about: "A shop.",
      schema: { name: "shop" },
      steps: [{ about: "Ada joins.", result: { frame: "2" } }, { result: { code: "RECORD_MISSING" } }],
    });
    expect(check(out)).toEqual({ status: 0, stdout: `${out}: 2 steps, all as recorded\n`, stderr: "" });
    expect(existsSync(`${out}.new`)).toBe(false);
  });

  test("a history: its frames are the results", async () => {
    const history = join(directory, "history");
    await makeShop(history);
    const result = record(history);
    expect(result.stderr).toBe("");
    expect(result.stdout).toBe(`${out}: 9 steps recorded (6 committed, 2 rejected, 1 faulted)\n`);
    const { steps } = parseVectors(readFileSync(out, "utf8"));
    expect(steps[0]).toMatchObject({
      timeNs: "1340271000000000002",
      source: { client: "5", stream: 2, seq: "1" },
      result: { frame: "2", sourcePrevious: "0" },
    });
    expect(check(out).status).toBe(0);
    rmSync(out);
    expect(record(history, "--to", "4").stdout).toBe(`${out}: 3 steps recorded (3 committed)\n`);
  });

  test("a history that the domain does not make is refused", async () => {
    const history = join(directory, "history");
    await makeShop(history);
    const other = join(directory, "other.ts");
    const text = readFileSync(DOMAIN, "utf8").replace('status: "Paid"', 'status: "Paid", isGift: true');
    writeFileSync(other, text);
    const { status, stderr } = statevec("vectors", "record", history, "--domain", other, "-o", out);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^.*history: the domain does something else than the history says: step 6 \(Pay\), delta 1 \(Order 3\), before\.isGift: expected nothing, found false\n$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test("the same again, new steps and new texts are written", () => {
    record(commands);
    const before = readFileSync(out, "utf8");
    expect(record(commands).status).toBe(0);
    expect(readFileSync(out, "utf8")).toBe(before);
    const file = JSON.parse(before);
    file.steps.push({ command: "Join", payload: { login: "bob" } });
    file.steps[0].about = "Ada is the first to join.";
    writeFileSync(out, JSON.stringify(file));
    expect(record(out)).toMatchObject({ status: 0, stderr: "" });
    const { steps } = parseVectors(readFileSync(out, "utf8"));
    expect(steps[0]).toMatchObject({ about: "Ada is the first to join." });
    expect(steps[2]).toMatchObject({ result: { frame: "4", outcome: "committed" } });
  });

  test("other results are never overwritten, unless that is asked for", () => {
    record(commands);
    const before = readFileSync(out, "utf8");
    writeSteps([{ command: "Join", payload: { login: "bob" } }]);
    const refused = record(commands);
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toBe(
      `${out}: it has other vectors already, and nothing was written; --overwrite replaces them. ` +
        'step 1 (Join), payload.login: expected "ada", found "bob"\n',
    );
    expect(readFileSync(out, "utf8")).toBe(before);
    expect(record(commands, "--overwrite").status).toBe(0);
    expect(readFileSync(out, "utf8")).toContain('"bob"');
  });

  test("what is no vector file is not overwritten either", () => {
    writeFileSync(out, "{}");
    expect(record(commands)).toMatchObject({ status: 2, stdout: "" });
    expect(readFileSync(out, "utf8")).toBe("{}");
  });

  test("a handler that keeps something outside of its tx is caught", () => {
    const counting = join(directory, "counting.ts");
    const text = readFileSync(DOMAIN, "utf8")
      .replace("const Status =", "let joined = 0;\nconst Status =")
      .replace(
        "Join(tx, { login, badge, about }) {",
        "Join(tx, { login, badge }) {\n const about = String(joined++);",
      );
    writeFileSync(counting, text);
    const { status, stderr } = statevec("vectors", "record", commands, "--domain", counting, "-o", out);
    expect(status).toBe(1);
    expect(stderr).toMatch(/a second run made something else, .* after\.about: expected "0", found "1"\n$/);
  });

  test("--json", () => {
    const [result] = statevecJson("vectors", "record", commands, "--domain", DOMAIN, "-o", out);
    expect(result).toEqual({ file: out, steps: 2, committed: 1, faulted: 1 });
  });

  test.each<[string, () => string, readonly string[], string]>([
    ["a missing source", () => join(directory, "none.json"), [], "there is no such file or directory"],
    ["no JSON", () => DOMAIN, [], "vectors: found text that is no JSON"],
    ["--to for a file", () => commands, ["--to", "3"], "--to: "],
  ])("%s is a wrong argument", (_, source, more, message) => {
    const { status, stdout, stderr } = record(source(), ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain("\n");
  });
});

describe("check", () => {
  beforeEach(() => {
    record(commands);
  });

  test("the first difference of each file, in words", () => {
    const copy = join(directory, "copy.vectors.json");
    writeFileSync(copy, readFileSync(out, "utf8"));
    edit('"after": { "login": "ada"', '"after": { "login": "eva"');
    edit("RECORD_MISSING", "OVERFLOW");
    const { status, stdout, stderr } = check(out, copy);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout).toBe(
      `${out}: step 1 (Join), delta 1 (Customer 1), after.login: expected "eva", found "ada"\n` +
        `  1 more step differs\n${copy}: 2 steps, all as recorded\n`,
    );
  });

  test("--json names place, expected and found", () => {
    edit(/"leaf": "[0-9a-f]/, '"leaf": "x');
    const { status, stdout } = statevec("vectors", "check", out, "--domain", DOMAIN, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      file: out,
      steps: 2,
      differences: [
        { step: 1, command: "Join", field: "leaf", expected: expect.any(String), found: expect.any(String) },
      ],
    });
  });

  test("another schema, and a file that is none", () => {
    edit(/"fingerprint": "[0-9a-f]{4}/, '"fingerprint": "0000');
    expect(check(out)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /^.*: schema\.fingerprint: expected "0000[0-9a-f]{60}", found "[0-9a-f]{64}"\n$/,
      ),
    });
    edit('"frameFormat": 1', '"frameFormat": "one"');
    expect(check(out)).toEqual({
      status: 2,
      stdout: "",
      stderr: `${out}: vectors.engine.frameFormat: found "one", expected a whole number from 1 to 4294967295\n`,
    });
    expect(check(directory)).toMatchObject({ status: 2, stderr: expect.stringContaining("is a directory") });
    expect(check(join(directory, "none"))).toMatchObject({ status: 2 });
  });
});
