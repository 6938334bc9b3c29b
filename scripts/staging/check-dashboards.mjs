// Asks a real Prometheus for every query of the dashboards and every number of the alert rules: each must lead to a series.
// usage: node check-dashboards.mjs PROMETHEUS_URL
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
const here = path.dirname(new URL(import.meta.url).pathname);
const root = path.resolve(here, "../..");
const { parse } = createRequire(path.join(root, "scripts/web-tools/package.json"))("yaml");
const url = process.argv[2];
const alternatives = fs.readFileSync(path.join(here, "event-only.txt"), "utf8").split("\n").map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);

const queries = [];
for (const file of fs.readdirSync(path.join(root, "deploy/grafana/dashboards"))) {
  const board = JSON.parse(fs.readFileSync(path.join(root, "deploy/grafana/dashboards", file)));
  for (const panel of board.panels) for (const target of panel.targets ?? []) queries.push([`${board.title}, ${panel.title}`, target.expr]);
}
// A rule is quiet when all is well; so its names are asked for instead of the whole.
const words = new Set(["sum", "rate", "max", "min", "avg", "by", "on", "count", "time", "absent", "increase", "or", "and", "label_replace", "histogram_quantile", "topk", "vector"]);
const names = new Set();
for (const { rules } of parse(fs.readFileSync(path.join(root, "deploy/prometheus/rules/auto-grader.yml"), "utf8")).groups)
  for (const { expr } of rules) {
    const bare = expr.replace(/"[^"]*"/g, "").replace(/\{[^}]*\}/g, "").replace(/\[[^\]]*\]/g, "").replace(/\b(by|on) \([^)]*\)/g, "");
    for (const [name] of bare.matchAll(/\b[a-z][a-z0-9_]{2,}\b/g)) if (!words.has(name) && name.includes("_") || name === "up") names.add(name);
  }
for (const name of names) queries.push([`rules, ${name}`, name]);

let passed = 0, failed = 0, waived = 0;
for (const [where, expr] of queries) {
  const asked = expr.replaceAll("$__rate_interval", "5m").replaceAll("$__range", "5m");
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: asked })}`);
  const answer = await response.json();
  if (answer.status === "success" && answer.data.result.length > 0) passed++;
  else if (answer.status === "success" && alternatives.some((name) => new RegExp(`\\b${name}\\b`).test(expr))) waived++;
  else { failed++; console.log(`FAIL  ${where}: ${answer.error ?? "no series"}\n        ${asked}`); }
}
console.log(`${waived} queries have no series until their event happens (event-only.txt)`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
