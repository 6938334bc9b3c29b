// Holds Logstash's pipeline, the index template and Kibana's objects against real lines of our logs.
// usage: node check-logs.mjs FOLDER-OF-LOGS
import fs from "node:fs";
import path from "node:path";
const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
let passed = 0, failed = 0;
const expect = (fine, what) => { fine ? passed++ : failed++; console.log(`${fine ? "ok  " : "FAIL"}  ${what}`); };

const lines = { nginx: [], app: [] };
let broken = 0;
for (const file of fs.readdirSync(process.argv[2])) {
  const kind = file === "nginx-access.log" ? "nginx" : /^(web|work)\d\.log$/.test(file) ? "app" : undefined;
  if (!kind) continue;
  for (const line of fs.readFileSync(path.join(process.argv[2], file), "utf8").trim().split("\n").slice(-5000)) {
    if (!line.startsWith("{")) { if (line) broken++; continue; }
    try { lines[kind].push(JSON.parse(line)); } catch { broken++; }
  }
}
expect(lines.nginx.length > 0 && lines.app.length > 0, `${lines.nginx.length} lines of Nginx and ${lines.app.length} of the application are JSON`);
// What a person waits for at start (the address) is printed as it is; it is not a log line.
expect(broken <= 40, `${broken} other lines`);

const pipeline = read("deploy/logstash/pipeline/auto-grader.conf");
for (const [open, close] of ["{}", "[]", "()"].map((pair) => [...pair])) {
  const text = pipeline.replace(/#.*$/gm, "").replace(/"(?:\\.|[^"\\])*"/g, '""');
  expect(text.split(open).length === text.split(close).length, `brackets ${open}${close} of the pipeline pair up`);
}
const template = JSON.parse(read("deploy/elasticsearch/index-template.json")).template.mappings.properties;
JSON.parse(read("deploy/elasticsearch/lifecycle.json"));
// As the pipeline leaves them.
const after = { seconds: "duration_seconds", client: "client", span: null, spans: null };
const fields = (list) => new Set(list.flatMap(Object.keys));
for (const [kind, list] of Object.entries(lines)) {
  const unknown = [...fields(list)].map((name) => (name in after ? after[name] : name)).filter((name) => name && !(name.split(".")[0] in template));
  const rare = new Set(unknown.filter((name) => list.filter((line) => name in line).length < 3));
  expect(unknown.filter((name) => !rare.has(name)).length === 0, `the index knows every field of ${kind}${unknown.length ? ` (seldom and unknown: ${unknown})` : ""}`);
}
const every = (list, name) => list.length > 0 && list.every((line) => name in line);
for (const name of ["timestamp", "service", "incident", "status", "client", "seconds"]) expect(every(lines.nginx, name), `Nginx's lines have ${name}`);
for (const name of ["timestamp", "level", "message"]) expect(every(lines.app, name), `the application's lines have ${name}`);
const spans = lines.app.filter((line) => line.span?.name === "request");
expect(spans.length > 0 && spans.every((line) => line.span.incident && line.span.route), `lines of requests have an incident and a route (${spans.length})`);
const known = new Set(lines.nginx.map((line) => line.incident));
expect(spans.some((line) => known.has(line.span.incident)), "an incident of the application is found in Nginx's log");
expect(lines.nginx.every((line) => !Number.isNaN(Date.parse(line.timestamp))), "times are dates");

const objects = read("deploy/kibana/saved-objects.ndjson").trim().split("\n").map((line) => JSON.parse(line));
const ids = new Set(objects.map((object) => `${object.type}/${object.id}`));
expect(objects.every((object) => object.references.every((ref) => ids.has(`${ref.type}/${ref.id}`))), "every reference between Kibana's objects leads somewhere");
const used = objects.flatMap((object) => [...JSON.stringify(object.attributes).matchAll(/\\"field\\":\\"([^"\\]+)\\"/g)].map((match) => match[1]));
expect(used.length > 0 && used.every((name) => name.split(".")[0] in template), "Kibana asks for fields the index has");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
