// node build.mjs [--tests | --browser | --measures]: bundles the sources in src/ and writes ../build-web/page.html, the
// page without a trace, and ../build-web/site/, the playground. Both need the core
// (../build-web/core.wasm) and the library (../build-web/library.bin), which script/web makes.
//
//   --tests     bundles the tests in test/ instead, into ../build-web/test/
//   --browser   bundles those in browser/, into ../build-web/browser/: each, and all in all.mjs, which share one Chromium
//   --measures  bundles the programs that measure, into ../build-web/measure/
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, deflateSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "build-web");
const shared = { absWorkingDir: here, bundle: true, target: "es2022", logLevel: "warning", charset: "utf8" };

async function text(entry, options = {}) {
  const result = await build({ ...shared, entryPoints: [entry], write: false, minify: true,
    format: "iife", ...options });
  return result.outputFiles[0].text.trim();
}

// A module "worker:source" has the text of the worker, which the page starts from a Blob.
const workerPlugin = { name: "worker", setup(plugins) {
  plugins.onResolve({ filter: /^worker:source$/ }, () => ({ path: "worker", namespace: "worker" }));
  plugins.onLoad({ filter: /.*/, namespace: "worker" }, async () =>
    ({ contents: await text("src/engine/worker.ts"), loader: "text" }));
} };

// A module "examples:source" has the programs of the folder examples/, with the comment that each begins with.
const examplesPlugin = { name: "examples", setup(plugins) {
  const folder = join(here, "..", "examples");
  plugins.onResolve({ filter: /^examples:source$/ }, () => ({ path: "examples", namespace: "examples" }));
  plugins.onLoad({ filter: /.*/, namespace: "examples" }, () => ({ loader: "json",
    contents: JSON.stringify(readdirSync(folder).filter((name) => name.endsWith(".lua")).sort().map((name) => {
      const source = readFileSync(join(folder, name), "utf8");
      const comment = /^(?:--[^\n]*\n)+/.exec(source)?.[0] ?? "";
      return { name: name.slice(0, -4), about: comment.replace(/^-- ?/gm, "").replace(/\s+/g, " ").trim(), text: source };
    })) }));
} };

const plugins = [workerPlugin, examplesPlugin];

const deflated = (bytes) => deflateSync(bytes, { level: constants.Z_BEST_COMPRESSION }).toString("base64");

// A file of the core or the library as script/web packs it: text without signs that HTML knows.
function packed(name) {
  const path = join(out, `${name}.txt`);
  if (!existsSync(path)) throw new Error(`${path} is missing: script/web makes it`);
  return readFileSync(path, "latin1");
}

// A script that inflates another one and runs it, which saves half of its bytes.
const loader = (source) => `(async () => {
const text = "${deflated(source)}";
const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const script = document.createElement("script");
script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
document.head.append(script);
})();`;

// Fills the marks such as {{STYLE}} of a template. A mark that is not filled is an error.
function fill(template, parts) {
  return template.replace(/\{\{([A-Z]+)\}\}/g, (_, name) => {
    if (parts[name] === undefined) throw new Error(`no part for {{${name}}}`);
    return parts[name];
  });
}

async function page(entry, template, style, core, library) {
  const script = await text(entry, { plugins });
  const css = await text(style, { format: undefined });
  return fill(readFileSync(join(here, template), "utf8"),
    { STYLE: css, SCRIPT: loader(script), CORE: core, LIBRARY: library });
}

async function pages() {
  const core = packed("core.wasm");
  const made = [["page.html", "src/page/main.ts", "src/page/page.html", "src/page/page.css", "library.bin"],
    ["site/index.html", "src/play/main.ts", "src/play/play.html", "src/play/play.css", "library-play.bin"]];
  for (const [name, entry, template, style, library] of made) {
    if (!existsSync(join(here, entry))) continue;
    const html = await page(entry, template, style, core, packed(library));
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), html);
    console.log(`${name}: ${Math.ceil(Buffer.byteLength(html) / 1000)} KB`);
  }
}

const forNode = { ...shared, platform: "node", format: "esm", sourcemap: "inline", packages: "external", plugins };

// Bundles each program of a folder. Returns the names of their files.
async function programs(source, suffix) {
  const folder = join(out, source);
  rmSync(folder, { recursive: true, force: true });
  const entries = readdirSync(join(here, source)).filter((name) => name.endsWith(suffix));
  await build({ ...forNode, entryPoints: entries.map((name) => join(source, name)), outdir: folder,
    outExtension: { ".js": ".mjs" } });
  return entries;
}

async function browserTests() {
  const entries = await programs("browser", ".test.ts");
  const contents = entries.map((name) => `import "./${name}";`).join("\n");
  await build({ ...forNode, stdin: { contents, resolveDir: join(here, "browser") }, outfile: join(out, "browser", "all.mjs") });
}

if (process.argv.includes("--tests")) await programs("test", ".test.ts");
else if (process.argv.includes("--browser")) await browserTests();
else if (process.argv.includes("--measures")) await programs("measure", ".ts");
else await pages();
