// Lays out target/site: bundled and minified CSS and JavaScript, content-hashed names, public/ copied,
// Brotli and gzip variants beside everything that compresses, and hash.txt where Leptos looks for it.
// usage: node site.mjs <folder of wasm-bindgen's output> <target folder> <profile>
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { build } from "esbuild";

const [glue, target, profile] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../..");
const site = path.join(target, "site");
const quick = profile === "dev";
const NAME = "auto-grader";
const COMPRESSIBLE = new Set([".js", ".css", ".wasm", ".svg", ".html", ".json", ".txt", ".webmanifest", ".xml", ".md", ".ico", ".map"]);

const kept = new Set();
const sizes = [];

/** Writes a file only where its content differs, so that dates stay true and nothing is compressed twice. */
function put(relative, bytes) {
  const file = path.join(site, relative);
  kept.add(relative);
  const same = fs.existsSync(file) && Buffer.compare(fs.readFileSync(file), bytes) === 0;
  if (!same) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.part`, bytes);
    fs.renameSync(`${file}.part`, file);
  }
  if (quick || !COMPRESSIBLE.has(path.extname(relative)) || bytes.length < 256) return;
  const variants = {
    br: () => zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length, [zlib.constants.BROTLI_PARAM_LGWIN]: 22 } }),
    gz: () => zlib.gzipSync(bytes, { level: 9 }),
  };
  for (const [ending, compress] of Object.entries(variants)) {
    const variant = `${relative}.${ending}`;
    kept.add(variant);
    if (!same || !fs.existsSync(path.join(site, variant))) fs.writeFileSync(path.join(site, variant), compress());
  }
}

function walk(folder, from = folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? walk(full, from) : [path.relative(from, full)];
  });
}

async function bundle(entry, extra) {
  const result = await build({ entryPoints: [entry], bundle: true, minify: !quick, write: false, legalComments: "none", logLevel: "warning", ...extra });
  return Buffer.from(result.outputFiles[0].contents);
}

const js = await bundle(path.join(glue, `${NAME}.js`), { format: "esm", platform: "browser", target: "es2022" });
// Addresses below /fonts are files of public/ and stay as they are. (A bare "/*" would also match every resolved import.)
const css = await bundle(path.join(root, "style/main.css"), { external: ["/fonts/*"], loader: { ".css": "css" } });
const wasm = fs.readFileSync(path.join(glue, `${NAME}_bg.wasm`));

let hashes = "";
for (const [kind, bytes] of Object.entries({ js, wasm, css })) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  put(`pkg/${NAME}.${hash}.${kind}`, bytes);
  hashes += `${kind}: ${hash}\n`;
  sizes.push([kind, bytes.length, `pkg/${NAME}.${hash}.${kind}.br`]);
}
for (const relative of walk(path.join(root, "public"))) put(relative, fs.readFileSync(path.join(root, "public", relative)));
// Pictures that the documentation shows, for the help inside the application.
const docs = path.join(root, "docs");
const pages = fs.readdirSync(docs).filter((name) => name.endsWith(".md")).map((name) => fs.readFileSync(path.join(docs, name), "utf8"));
for (const [, picture] of pages.join("\n").matchAll(/\]\((pictures\/[\w-]+\.png)\)/g)) put(picture, fs.readFileSync(path.join(docs, picture)));

// Leptos reads it next to the program; the copy in the site serves packages and test programs that live elsewhere.
put("hash.txt", Buffer.from(hashes));
for (const folder of ["release", "debug"]) {
  fs.mkdirSync(path.join(target, folder), { recursive: true });
  fs.writeFileSync(path.join(target, folder, "hash.txt"), hashes);
}
for (const relative of walk(site)) if (!kept.has(relative)) fs.rmSync(path.join(site, relative));

let total = 0;
for (const [kind, raw, variant] of sizes) {
  const file = path.join(site, variant);
  const small = fs.existsSync(file) ? fs.statSync(file).size : 0;
  total += small;
  console.error(`        ${kind.padEnd(5)} ${String(raw).padStart(9)} bytes  ${small ? `${String(small).padStart(8)} Brotli` : ""}`);
}
if (total) console.error(`        all   ${"".padStart(9)}        ${String(total).padStart(8)} Brotli (what a first visit downloads)`);
