/**
 * Style that matters: words with one meaning, no unfinished places, a header on every source file.
 *
 * Not responsible for: what the formatter and the linter see. A pure function of paths and texts.
 */

/** Synonyms of the project's own words. Each stands in code and docs for something that has another name here. */
const SYNONYMS = [
  [/\b(event|frame) store\b/i, "history"],
  [/\b(transaction|command|write-ahead|commit) log\b/i, "history"],
  [/\bevent[- ]sourc(ed|ing)\b/i, "frames and replay"],
  [/\b(secondary|natural) key\b/i, "unique key"],
  [/\b(secondary|sorted|ordered) index\b/i, "canonical index"],
  [/\b(high[- ]?water ?mark|block height)\b/i, "frontier"],
  [/\b(change ?set|write set|state diff)\b/i, "delta"],
  [/\b(object|entity|record) ?id\b/i, "SysId"],
  [/\bstate hash\b/i, "state digest"],
];

/** Built from parts so that this file does not find itself. */
const UNFINISHED = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
const FOCUSED = new RegExp(`\\b(it|test|describe)\\.(${["on" + "ly", "to" + "do"].join("|")})\\b`);
const WORKPLACE = new RegExp(
  ["(^|[\\s\"'`(])/wo" + "rk/", "\\.lib" + "rary\\b", "farm-(st" + "udio|be" + "nch)"].join("|"),
);

const CODE = /\.(ts|mjs)$/;
const NEEDS_HEADER = /^(src|assembly|examples|scripts|test|bench)\/.*\.(ts|mjs)$/;

/** These name the synonyms in order to forbid them. */
const ABOUT_SYNONYMS = /^(scripts|test\/scripts)\/check-style\./;

function checkLine(path, line) {
  if (WORKPLACE.test(line)) return "names a place of one machine";
  if (UNFINISHED.test(line)) return "is unfinished: finish it or leave it out";
  if (CODE.test(path) && FOCUSED.test(line)) return "runs one test alone, or none";
  if (ABOUT_SYNONYMS.test(path)) return undefined;
  for (const [pattern, word] of SYNONYMS) {
    const found = pattern.exec(line);
    if (found) return `says "${found[0]}": the word here is "${word}"`;
  }
  return undefined;
}

/**
 * @param {ReadonlyMap<string, string>} files text by path from the root
 * @returns {string[]} one line for each violation; empty if there is none
 */
export function checkStyle(files) {
  const problems = [];
  for (const [path, text] of files) {
    if (NEEDS_HEADER.test(path) && !/^(#!.*\n)?\/\*\*/.test(text)) {
      problems.push(`${path}:1 has no header comment that says what the file is responsible for`);
    }
    for (const [index, line] of text.split("\n").entries()) {
      const problem = checkLine(path, line);
      if (problem) problems.push(`${path}:${index + 1} ${problem}`);
    }
  }
  return problems;
}
