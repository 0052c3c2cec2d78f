// Prints what ESLint's rule complexity and eslint-plugin-sonarjs's rule
// cognitive-complexity say of every function in the files that are listed on
// standard input, one JSON object a file. Run in a folder with the packages:
//
//   node reference.mjs FOLDER < files
//
// reference_test.go does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/x.js");
const { Linter } = require("eslint");
const { builtinRules } = require("eslint/use-at-your-own-risk");
const sonarjs = require("eslint-plugin-sonarjs").default ?? require("eslint-plugin-sonarjs");
const typescript = require("@typescript-eslint/parser");

let found; // of the file that is linted now

function place(node) {
  const parent = node.parent;
  const method = parent && (parent.type === "MethodDefinition" || (parent.type === "Property" && (parent.method || parent.kind !== "init"))) && parent.value === node;
  return method ? parent : node;
}

function entry(node, type = node.type) {
  const key = type === node.type ? node : node.parent;
  if (!found.has(key)) {
    const at = place(node);
    // A method begins after its decorators.
    const start = at.decorators?.length ? at.key : at;
    found.set(key, { line: start.loc.start.line, end: at.loc.end.line, type });
  }
  return found.get(key);
}

// The rules report with a threshold; reports are caught before they are made.
function spy(rule, option, take) {
  return {
    meta: { ...rule.meta, schema: false },
    create(context) {
      let current;
      const listeners = rule.create(
        Object.create(context, {
          options: { value: [option] },
          report: { value: (descriptor) => take(descriptor, current) },
        }),
      );
      const exit = listeners[":function:exit"];
      if (exit) {
        listeners[":function:exit"] = (node) => {
          current = node;
          exit(node);
        };
      }
      return listeners;
    },
  };
}

const complexity = spy(builtinRules.get("complexity"), 0, ({ node, data }) => {
  // An initialiser that is a function is reported twice with the same node.
  entry(node, data.name.startsWith("Class field") ? "Initializer" : node.type).cyclomatic = data.complexity;
});
const cognitive = spy(sonarjs.rules["cognitive-complexity"], -1, ({ data, message }, node) => {
  const text = data?.complexityAmount ?? JSON.parse(message).message.match(/from (-?\d+)/)[1];
  entry(node).cognitive = Number(text);
});

const linter = new Linter({ configType: "flat" });
for (const file of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  found = new Map();
  const messages = linter.verify(
    readFileSync(file, "utf8"),
    [
      {
        files: ["**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}"],
        plugins: { reference: { rules: { complexity, cognitive } } },
        rules: { "reference/complexity": "error", "reference/cognitive": "error" },
        linterOptions: { noInlineConfig: true },
        languageOptions: {
          parser: typescript,
          parserOptions: { ecmaFeatures: { jsx: !/\.[mc]?ts$/.test(file) } },
        },
      },
    ],
    { filename: "x" + file.slice(file.lastIndexOf(".")) },
  );
  const fatal = messages.find((m) => m.fatal);
  console.log(JSON.stringify({ file, error: fatal?.message, functions: fatal ? [] : [...found.values()] }));
}
