// Lints what is deployed: Dockerfile, compose files, and that every setting in them is one the server knows.
// Where a compose client is installed, it parses the files as well. usage: node lint-deploy.mjs
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../..");
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");
const problems = [];
const expect = (fine, where, what) => fine || problems.push(`${where}: ${what}`);

/** Environment names the server understands, from the one list of them. */
const known = new Set([...read("server/src/config/layers.rs").matchAll(/(?:key|secret)\("[a-z_.]+", "([A-Z0-9_]+)"\)/g)].map((match) => match[1]));
expect(known.size > 10, "server/src/config/layers.rs", "no settings found in it");
const SECRET = /PASSWORD|SECRET|ACCESS_KEY|TOKEN|DATABASE_URL|REDIS_URL/;

function dockerfile(file) {
  const text = read(file).replace(/\\\n/g, " ");
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const of = (word, from = lines) => from.filter((line) => line.startsWith(`${word} `));
  const last = lines.slice(lines.lastIndexOf(of("FROM").at(-1)));
  for (const line of of("FROM")) expect(/^FROM \S+:[^\s:]+/.test(line) && !line.includes(":latest"), file, `base image without a version: ${line}`);
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

function compose(file) {
  const document = parse(read(file), { merge: true });
  const { services, secrets = {}, volumes = {}, networks = {} } = document;
  for (const [name, service] of Object.entries(services)) {
    const where = `${file}, ${name}`;
    const once = service.restart === "no";
    const own = service.image?.includes("auto-grader");
    expect(own || /:[^:/]+$/.test(service.image ?? "") && !/:latest$/.test(service.image), where, "image without a version");
    expect(once || service.healthcheck?.test, where, "no health check");
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
      expect(source.startsWith(".") ? fs.existsSync(path.join(root, source)) : source in volumes, where, `unknown volume ${source}`);
    }
    for (const [other, rule] of Object.entries(service.depends_on ?? {})) {
      expect(other in services, where, `depends on unknown ${other}`);
      expect(/service_(healthy|completed_successfully)/.test(rule?.condition), where, `does not wait until ${other} is ready`);
    }
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      const plain = variable.replace(/_FILE$/, "");
      if (own) expect(known.has(plain), where, `unknown setting ${variable}`);
      if (!SECRET.test(variable)) continue;
      expect(variable.endsWith("_FILE"), where, `${variable} must come from a file`);
      expect((service.secrets ?? []).includes(path.basename(value)), where, `${variable} names a secret that is not mounted`);
    }
  }
  for (const client of [["docker", "compose"], ["docker-compose"]]) {
    const [program, ...words] = client;
    if (spawnSync(program, [...words, "version"], { stdio: "ignore" }).status !== 0) continue;
    const result = spawnSync(program, [...words, "-f", file, "config", "-q"], { cwd: root, encoding: "utf8", env: { ...process.env, DOMAIN: "grader.example.org" } });
    expect(result.status === 0, file, `${client.join(" ")} config: ${result.stderr}`);
    break;
  }
}

dockerfile("Dockerfile");
const files = fs.readdirSync(root).filter((name) => /^docker-compose.*\.yml$/.test(name));
expect(files.length > 0, ".", "no compose file");
files.forEach(compose);
for (const problem of problems) console.error(`deploy: ${problem}`);
console.error(`deploy: Dockerfile and ${files.length} compose file(s), ${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
