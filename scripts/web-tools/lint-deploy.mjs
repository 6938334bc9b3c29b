// Lints what is deployed: Dockerfile, compose files, and that every setting in them is one the server knows.
// Where a compose client is installed, it parses the files as well. usage: node lint-deploy.mjs
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse as parseYaml } from "yaml";

/** Compose files use many anchors, and tags that change how files are laid over each other. */
const parse = (text) => parseYaml(text, { merge: true, maxAliasCount: 100000, logLevel: "silent" });

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
const problems = [];
const expect = (fine, where, what) => fine || problems.push(`${where}: ${what}`);

/** Environment names the server understands, from the one list of them. */
const known = new Set([...read("server/src/config/layers.rs").matchAll(/(?:key|secret)\("[a-z_.]+", "([A-Z0-9_]+)"\)/g)].map((match) => match[1]));
expect(known.size > 10, "server/src/config/layers.rs", "no settings found in it");
const SECRET = /PASSWORD|SECRET|ACCESS_KEY|TOKEN|DATABASE_URL|DATABASE_REPLICA_URLS|REDIS_URL|SMTP_URL/;
/** Names that are not settings of the server: for its health check. */
const ALSO = new Set(["HEALTH_PORT", "HEALTH_PATH"]);

function dockerfile(file) {
  const text = read(file).replace(/\\\n/g, " ");
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const of = (word, from = lines) => from.filter((line) => line.startsWith(`${word} `));
  const last = lines.slice(lines.lastIndexOf(of("FROM").at(-1)));
  for (const line of of("FROM")) expect(/^FROM (\S+:[^\s:]+|\$\{APP_IMAGE\})/.test(line) && !line.includes(":latest"), file, `base image without a version: ${line}`);
  for (const line of of("ADD")) problems.push(`${file}: COPY instead of ADD: ${line}`);
  for (const line of [...of("ENV"), ...of("ARG")]) expect(!SECRET.test(line), file, `a secret in the image: ${line}`);
  for (const line of of("RUN")) {
    if (!line.includes("apt-get install")) continue;
    expect(line.includes("--no-install-recommends"), file, "apt-get install without --no-install-recommends");
    expect(line.includes("rm -rf /var/lib/apt/lists"), file, "package lists left in the image");
  }
  const user = of("USER", last).at(-1)?.split(/\s+/)[1];
  expect(user && !/^(root|0)(:|$)/.test(user), file, "the last stage runs as root");
  expect(of("HEALTHCHECK", last).length === 1, file, "no HEALTHCHECK");
  for (const word of ["ENTRYPOINT", "CMD"]) for (const line of of(word, last)) expect(line.startsWith(`${word} [`), file, `${word} in shell form: signals would not arrive`);
  for (const line of of("WORKDIR")) expect(line.startsWith("WORKDIR /"), file, `relative ${line}`);
  for (const [, name] of of("ENV", last).join(" ").matchAll(/([A-Z0-9_]+)=/g)) expect(known.has(name), file, `unknown setting ${name}`);
}

/** What production must have; each word is a service, or the beginning of its name. */
const PARTS = ["nginx", "app-a", "app-b", "worker", "migrate", "mysql", "mysql-replica", "redis-1", "redis-2", "redis-3", "storage", "prometheus", "alertmanager",
  "grafana", "mysql-exporter", "redis-exporter", "node-exporter", "nginx-exporter", "elasticsearch", "logstash", "kibana", "certbot", "backup"];

/** A whole installation. */
function compose(file) {
  const document = parse(read(file));
  const { services, secrets = {}, volumes = {}, networks = {} } = document;
  for (const part of PARTS) expect(part in services, file, `the service ${part} is missing`);
  const published = Object.values(services).flatMap((service) => service.ports ?? []).map((port) => String(port).replace(/\$\{[A-Z_]+:-(\d+)\}/, "$1").split(":")[0]);
  expect(published.sort().join() === "443,80", file, `published are ${published}; only 80 and 443 may be`);
  expect(networks.inner?.internal === true, file, "the inner network leads outside");
  for (const name of ["mysql", "mysql-replica", "redis-1", "redis-2", "redis-3", "elasticsearch"])
    expect(services[name]?.networks?.join() === "inner", `${file}, ${name}`, "reaches further than the inner network");
  const jobs = new Map(Object.entries({ "auto-grader-backend": "app-a:5000", mysql: "mysql-exporter:9104", redis: "redis-exporter:9121", node: "node-exporter:9100", nginx: "nginx-exporter:9113" }));
  for (const { job_name } of parse(read("deploy/prometheus/prometheus.yml")).scrape_configs) {
    const list = read(`deploy/prometheus/targets/${job_name}.yml`);
    expect(list.includes(jobs.get(job_name)), "deploy/prometheus", `${job_name} does not watch ${jobs.get(job_name)}`);
    for (const [, host] of list.matchAll(/'(?:redis:\/\/)?([a-z0-9-]+):\d+'/g)) expect(host in services, "deploy/prometheus", `${job_name} watches ${host}, which is no service`);
    jobs.delete(job_name);
  }
  expect(jobs.size === 0, "deploy/prometheus", `not watched: ${[...jobs.keys()]}`);
  for (const [name, service] of Object.entries(services)) {
    const where = `${file}, ${name}`;
    const once = service.restart === "no";
    const own = /(?:^|[-{])(?:IMAGE|STABLE_IMAGE)|auto-grader:/.test(service.image ?? "") && !service.image.includes("NGINX");
    expect(/:[^:/]+$/.test(service.image ?? "") && !/latest\}?$/.test(service.image), where, "image without a version");
    expect(once || service.healthcheck?.test, where, "no health check");
    expect(once || service.restart === "unless-stopped", where, "does not come back by itself");
    expect(!service.privileged && service.network_mode !== "host", where, "has more rights than a container needs");
    expect(service.user && !/^(root|0)(:|$)/.test(service.user), where, "runs as root");
    expect(service.read_only === true, where, "root file system is writable");
    expect(service.cap_drop?.includes("ALL"), where, "keeps capabilities");
    expect(service.security_opt?.includes("no-new-privileges:true"), where, "may gain privileges");
    expect(once || service.deploy?.resources?.limits, where, "no resource limits");
    expect(name === "nginx" || !service.ports, where, "reachable from outside; only nginx may be");
    for (const network of service.networks ?? []) expect(network in networks, where, `unknown network ${network}`);
    for (const secret of service.secrets ?? []) expect(secret in secrets, where, `unknown secret ${secret}`);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0];
      // deploy/run is made beside the secrets, by make-secrets.sh.
      if (source.startsWith("./deploy/run") || source.startsWith("/")) continue;
      expect(source.startsWith(".") ? fs.existsSync(path.join(root, source)) : source in volumes, where, `unknown volume ${source}`);
    }
    for (const [other, rule] of Object.entries(service.depends_on ?? {})) {
      expect(other in services, where, `depends on unknown ${other}`);
      expect(/service_(healthy|completed_successfully)/.test(rule?.condition), where, `does not wait until ${other} is ready`);
    }
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      const plain = variable.replace(/_FILE$/, "");
      if (own) expect(known.has(variable) || known.has(plain) || ALSO.has(plain), where, `unknown setting ${variable}`);
      if (!SECRET.test(variable)) continue;
      expect(variable.endsWith("_FILE"), where, `${variable} must come from a file`); // Grafana's __FILE ends so, too
      expect((service.secrets ?? []).includes(path.basename(value)), where, `${variable} names a secret that is not mounted`);
    }
  }
  parsed([file]);
}

/** What a compose client says, where one is installed; `files` are laid over each other. */
function parsed(files) {
  for (const client of [["docker", "compose"], ["docker-compose"]]) {
    const [program, ...words] = client;
    if (spawnSync(program, [...words, "version"], { stdio: "ignore" }).status !== 0) continue;
    const result = spawnSync(program, [...words, ...files.flatMap((file) => ["-f", file]), "config", "-q"], { cwd: root, encoding: "utf8", env: { ...process.env, DOMAIN: "grader.example.org", STABLE_IMAGE: "auto-grader:1.0" } });
    expect(result.status === 0, files.join(" + "), `${client.join(" ")} config: ${result.stderr}`);
    break;
  }
}

/** A file laid over a whole installation: it may change services, and it may not open or weaken them. */
function overlay(file, base) {
  const { services: below } = parse(read(base));
  const { services = {} } = parse(read(file));
  expect(Object.keys(services).length > 0, file, "changes nothing");
  for (const [name, service] of Object.entries(services)) {
    const where = `${file}, ${name}`;
    expect(name in below, where, `is no service of ${base}`);
    expect(!service.ports || name === "nginx", where, "reachable from outside; only nginx may be");
    expect(!service.user && service.read_only !== false && !service.privileged && !service.cap_add, where, "weakens what the installation below holds");
    for (const [variable] of Object.entries(service.environment ?? {}))
      expect(!SECRET.test(variable) || variable.endsWith("_FILE"), where, `${variable} must come from a file`);
  }
}

/** The version before, laid over production: every service that runs our program runs that of STABLE_IMAGE, nothing else is changed, and the
 * schema is left alone. */
function stable(file, base) {
  const { services: below } = parse(read(base));
  const { services } = parse(read(file));
  const ours = Object.keys(below).filter((name) => /\$\{IMAGE\b/.test(below[name].image ?? ""));
  expect(ours.length > 0 && ours.sort().join() === Object.keys(services).sort().join(), file, `changes ${Object.keys(services).sort()} instead of ${ours}`);
  for (const [name, service] of Object.entries(services)) {
    const where = `${file}, ${name}`;
    expect(/^\$\{STABLE_IMAGE:\?/.test(service.image ?? ""), where, "does not run STABLE_IMAGE, or does without it");
    expect(Object.keys(service).every((key) => ["image", "build"].includes(key) || (name === "migrate" && key === "command")), where, "changes more than the version");
    expect(["", "null"].includes(service.build ?? ""), where, "is built from the present sources");
  }
  expect(services.migrate?.command?.join(" ") === "migrate status", file, "migrates; a rollback leaves the schema as it is");
  expect(/^STABLE_IMAGE=/m.test(read(".env.production.example")), ".env.production.example", "STABLE_IMAGE is missing");
}

/** The example of the settings names every variable that the compose file asks for. */
function example(file, base) {
  const given = new Set([...read(file).matchAll(/^([A-Z0-9_]+)=/gm)].map((match) => match[1]));
  for (const [, name, operator] of read(base).matchAll(/\$\{([A-Z0-9_]+)(:?[-?])?/g)) expect(given.has(name) || operator?.includes("-"), file, `${name} is missing`);
  for (const name of given) expect(!SECRET.test(name), file, `${name} is a secret and must not stand here`);
}

/** Every secret that is mounted is made by make-secrets.sh. */
function secretsMade(base) {
  const script = read("deploy/make-secrets.sh");
  for (const { file } of Object.values(parse(read(base)).secrets)) {
    const name = path.basename(file);
    const made = new RegExp(`\\b${name.replace(/\./g, "\\.")}\\b`).test(script) || /mysql(_replica)?_exporter\.cnf/.test(name);
    expect(made, "deploy/make-secrets.sh", `does not make ${name}`);
  }
}

const PROD = "docker-compose.prod.yml";
dockerfile("Dockerfile");
dockerfile("deploy/nginx/Dockerfile");
compose(PROD);
const files = [PROD];
for (const file of ["docker-compose.stable.yml", "deploy/staging/docker-compose.staging.yml"]) {
  if (!fs.existsSync(path.join(root, file))) continue;
  overlay(file, PROD);
  parsed([PROD, file]);
  files.push(file);
}
example(".env.production.example", PROD);
secretsMade(PROD);
stable("docker-compose.stable.yml", PROD);
for (const problem of problems) console.error(`deploy: ${problem}`);
console.error(`deploy: 2 Dockerfiles and ${files.length} compose file(s), ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
