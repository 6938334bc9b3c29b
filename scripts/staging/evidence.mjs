// usage: node scripts/staging/evidence.mjs [STAGING-FOLDER]
//
// What the last `make staging-verify`, `make staging-faults` and `make staging-load` found, as lines of evidence for
// `auto-grader launch report --evidence`: {"id", "verdict", "evidence", "milliseconds", "at"}. The names are those of docs/launch.md.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { homedir, totalmem } from "node:os";
import { basename, join } from "node:path";

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "auto-grader");
const folder = process.argv[2] ?? process.env.STAGING_DIR ?? join(cache, "staging");
const verify = join(folder, "verify");

// How a check's name begins, and the id it has in the report; what stands in no line here is `staging.<name>`.
const IDS = [
  ["compose files", "compose"],
  ["Prometheus takes its configuration", "staging.prometheus.configuration"],
  ["Prometheus reaches", "staging.prometheus.targets"],
  ["Prometheus takes its rules", "staging.alerts.rules"],
  ["every rule", "staging.alerts.tests"],
  ["Alertmanager", "staging.alerts.alertmanager"],
  ["an alert reaches", "staging.alerts.reached"],
  ["logrotate", "staging.logrotate"],
  ["the firewall", "firewall.rules"],
  ["Nginx, as", "staging.nginx"],
  ["dashboards", "staging.dashboards"],
  ["logs", "staging.logs"],
  ["moving the files", "files.migrate.planned"],
  ["files move", "files.migrate.moved"],
  ["a second run", "files.migrate.again"],
  ["the newest backup is restored", "restore.newest"],
  ["restored to a moment", "restore.to_time"],
  ["rolling deployment", "deploy.rolling"],
  ["blue/green deployment", "deploy.blue_green"],
  ["back to the version before", "rollback.version_before"],
  ["everybody is told", "rollback.told"],
  ["told again", "rollback.told_once"],
  ["maintenance", "maintenance"],
];
const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
const idOf = (name) => IDS.find(([start]) => name.startsWith(start) || slug(name).startsWith(slug(start)))?.[1] ?? `staging.${slug(name)}`;
const fileOf = (name) => `${name.replace(/[^A-Za-z0-9]/g, "-")}.log`;
const timeOf = (file) => (existsSync(file) ? statSync(file).mtime.toISOString().replace(/\.\d+Z$/, "Z") : "");
const lastLine = (text) => text.trim().split("\n").at(-1)?.slice(0, 400) ?? "";
const say = (id, passed, evidence, milliseconds = 0, at = "") =>
  console.log(JSON.stringify({ id, verdict: passed === null ? "not_here" : passed ? "passed" : "failed", evidence, milliseconds: Math.round(milliseconds), at }));

const known = new Set();
const checks = join(verify, "checks.jsonl");
if (existsSync(checks)) {
  for (const line of readFileSync(checks, "utf8").split("\n").filter(Boolean)) {
    const one = JSON.parse(line);
    if (one.name) known.add(fileOf(one.name));
    if (one.id && one.verdict) console.log(line);
    else say(idOf(one.name), one.passed, lastLine(one.evidence), one.milliseconds, timeOf(join(verify, fileOf(one.name))));
  }
}
// Lists of checks that end with "N passed, N failed".
for (const name of existsSync(verify) ? readdirSync(verify) : []) {
  if (!name.endsWith(".log") || known.has(name)) continue;
  const text = readFileSync(join(verify, name), "utf8");
  const end = /^(\d+) passed, (\d+) failed/.exec(lastLine(text));
  if (!end) continue;
  const broken = text.split("\n").filter((line) => line.startsWith("FAIL")).map((line) => line.slice(6).trim());
  const words = [lastLine(text), ...broken].join("; ");
  say(idOf(basename(name, ".log")), end[2] === "0", words, 0, timeOf(join(verify, name)));
}

const faults = join(folder, "faults.json");
if (existsSync(faults)) {
  for (const { name, what, verdict, notes, ready_after_ms, seen } of JSON.parse(readFileSync(faults, "utf8"))) {
    const people = seen
      ? `${seen.errors} of ${seen.all} requests failed, longest stall ${seen.longest_gap_seconds.toFixed(1)} s; kept ${seen.kept.changes_found} of ` +
        `${seen.kept.changes_acknowledged} changes and ${seen.kept.submissions_found} of ${seen.kept.submissions_acknowledged} submissions; ${seen.kept.graded_twice} graded twice`
      : "";
    const words = [what, people, notes].filter(Boolean).join("; ");
    say(`faults.${name}`, verdict === "ok" ? true : verdict === "not tried" ? null : false, words, ready_after_ms ?? 0, timeOf(faults));
  }
}

const load = join(folder, "load.json");
if (existsSync(load)) {
  const { students, cores, services_memory_mb, processes, results } = JSON.parse(readFileSync(load, "utf8"));
  const all = results.kinds.all;
  const errors = (100 * results.errors) / Math.max(results.all, 1);
  const cpu = processes.filter(({ name }) => !name.startsWith("(")).reduce((sum, { cpu_percent }) => sum + cpu_percent, 0) / cores;
  const memory = (100 * services_memory_mb * 1048576) / totalmem();
  const at = timeOf(load);
  const people = `${students} people at once on ${cores} cores that also make the load`;
  say("load.p95", all.p95_ms < 2000, `p50 ${all.p50_ms.toFixed(0)} ms, p95 ${all.p95_ms.toFixed(0)} ms, p99 ${all.p99_ms.toFixed(0)} ms; ${people}`, 0, at);
  say("load.throughput", all.per_second > 100, `${all.per_second.toFixed(0)} requests a second; ${people}`, 0, at);
  say("load.errors", errors < 1, `${results.errors} of ${results.all} requests failed (${errors.toFixed(2)} %)`, 0, at);
  say("load.users", students >= 500, people, 0, at);
  say("load.resources", cpu < 70 && memory < 70, `all services: ${cpu.toFixed(0)} % of the processor, ${services_memory_mb.toFixed(0)} MB (${memory.toFixed(0)} % of the memory); ${people}`, 0, at);
  const { changes_found, changes_acknowledged, submissions_found, submissions_acknowledged } = results.kept;
  say("load.kept", changes_found === changes_acknowledged && submissions_found === submissions_acknowledged,
    `kept ${changes_found} of ${changes_acknowledged} changes and ${submissions_found} of ${submissions_acknowledged} submissions`, 0, at);
}
