// Reads diagrams from the standard input, one a line as a JSON text, and has
// Mermaid parse each. The exit status is 1 when it refuses one.
import { createInterface } from "node:readline";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

let read = 0;
let refused = 0;
for await (const line of createInterface({ input: process.stdin })) {
  read++;
  const text = JSON.parse(line);
  try {
    await mermaid.parse(text);
  } catch (error) {
    refused++;
    console.log(`${error.message}\n${text}`);
  }
}
console.log(`${read} diagrams, ${refused} refused`);
process.exit(refused > 0 || read === 0 ? 1 : 0);
