import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** ReDoc's bundle asks this host for the logo in its footer. Nothing of ours leaves the machine. */
const redocLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg";
const blankLogo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>\n';

/** Copies ReDoc's standalone bundle and its licences from the npm package into dist/redoc. */
function redoc(): Plugin {
  const folder = dirname(createRequire(import.meta.url).resolve("redoc/package.json"));
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  return {
    name: "rampforge:redoc",
    apply: "build",
    generateBundle() {
      const bundle = read("bundles/redoc.standalone.js");
      if (bundle.split(redocLogo).length !== 2) {
        this.error("redoc.standalone.js no longer asks for its logo exactly once: look at what it asks for now");
      }
      // Without the source map next to it, the reference to it would be a 404.
      const source = bundle.replace(redocLogo, "/redoc/blank.svg").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
      const emit = (fileName: string, text: string) => this.emitFile({ type: "asset", fileName, source: text });
      emit("redoc/redoc.standalone.js", source);
      emit("redoc/blank.svg", blankLogo);
      emit("redoc/redoc.standalone.js.LICENSE.txt", read("bundles/redoc.standalone.js.LICENSE.txt"));
      emit("redoc/LICENSE.txt", read("LICENSE"));
    },
  };
}

export default defineConfig({
  plugins: [redoc()],
  build: {
    // Under `default-src 'self'` a data: address would be refused.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: { "/api": "http://localhost:8000", "/openapi.json": "http://localhost:8000" },
  },
});
