// Counts the lines of code of JavaScript and TypeScript files by TypeScript's own
// tokens: a line counts when a token, or text of JSX that is no space, stands on
// it.
//
//	npm install typescript        in a folder of its own, FOLDER
//	node typescript.mjs FOLDER < paths      one path a line; prints path, tab, lines
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

if (process.argv.length !== 3) {
  console.error("usage: node typescript.mjs FOLDER < paths   (FOLDER has typescript in its node_modules)");
  process.exit(2);
}
const ts = createRequire(path.resolve(process.argv[2], "package.json"))("typescript");

function kindOf(file) {
  if (/\.[jt]sx$/.test(file)) return ts.ScriptKind.TSX;
  return /\.[cm]?js$/.test(file) ? ts.ScriptKind.JSX : ts.ScriptKind.TS;
}

function linesOfCode(file) {
  const text = fs.readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, false, kindOf(file));
  const code = new Set(text.startsWith("#!") ? [0] : []);
  const lineOf = (at) => ts.getLineAndCharacterOfPosition(tree, at).line;
  const mark = (from, to) => {
    for (let line = lineOf(from), last = lineOf(Math.max(from, to - 1)); line <= last; line++) code.add(line);
  };
  const visit = (node) => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
    if (node.kind === ts.SyntaxKind.JsxText) {
      let at = node.pos;
      for (const line of text.slice(node.pos, node.end).split("\n")) {
        if (line.trim()) mark(at, at + line.length);
        at += line.length + 1;
      }
      return;
    }
    const children = node.getChildren(tree);
    if (children.length > 0) children.forEach(visit);
    else if (node.end > node.getStart(tree)) mark(node.getStart(tree), node.end);
  };
  visit(tree);
  return code.size;
}

for (const file of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) console.log(`${file}\t${linesOfCode(file)}`);
