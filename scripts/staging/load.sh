#!/usr/bin/env bash
# usage: load.sh
#
# STUDENTS (500) virtual users for SECONDS_OF_LOAD (120) seconds through Nginx with TLS, on the machine that serves them: throughput,
# times, errors, CPU and memory of every process. Writes load.json into $STAGING_DIR. 1 when the floor of operations is not held: 95 % of
# requests within 2 s, more than 100 requests per second, less than 1 % errors, nothing acknowledged lost.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
load_ports
STUDENTS=${STUDENTS:-500} SECONDS_OF_LOAD=${SECONDS_OF_LOAD:-120}
trap users_stop EXIT
samples=$STAGING_DIR/run/load-samples
: >"$samples"
# One line per process: when, name, hundredths of a second of CPU and pages of memory, both with its children; and the machine's. By the shell
# alone: a look must not cost what it looks for.
sample() {
  local file pid
  for file in "$STAGING_DIR"/pids/*; do
    read -r pid <"$file" && sample_one "$1" "${file##*/}" "$pid"
  done
  sample_one "$1" "(the users)" "$USERS_PID"
  awk -v at="$1" '$1 == "cpu" {print at, "(machine)", $2 + $3 + $4 + $7 + $8 + $9, 0}' /proc/stat
}
# sample_one WHEN NAME PID
sample_one() {
  local children='' process stat fields cpu=0 pages=0
  read -r children 2>/dev/null <"/proc/$3/task/$3/children" || true # it ends without a newline
  for process in $3 $children; do
    { read -r stat <"/proc/$process/stat"; } 2>/dev/null || continue
    # After the name in brackets: state, parent … user time, system time … pages.
    read -ra fields <<<"${stat##*) }"
    cpu=$((cpu + fields[11] + fields[12])) pages=$((pages + fields[21]))
  done
  [ "$cpu$pages" = 00 ] || echo "$1 $2 $cpu $pages"
}
say "load: $STUDENTS users for $SECONDS_OF_LOAD s; they sign in first"
# shellcheck disable=SC2086
users_start load "$STUDENTS" "$SECONDS_OF_LOAD" --tolerate ${LOAD_OPTIONS:-} || exit 1
# On a machine that does other work too, PRIORITY=-15 (root) lets the installation and its users go first, as on one of their own.
if [ -n "${PRIORITY:-}" ]; then
  for pid in "$USERS_PID" $(cat "$STAGING_DIR"/pids/*); do
    for process in $pid $(pgrep -P "$pid"); do
      for thread in /proc/"$process"/task/*; do renice -n "$PRIORITY" -p "${thread##*/}" >/dev/null 2>&1 || true; done
    done
  done
  say "load: everything of the installation at nice $PRIORITY"
fi
say "load: beside it, the machine was this busy: $(cut -d' ' -f1-3 /proc/loadavg)"
began=$(date +%s.%N)
sample first >>"$samples"
while users_type; do
  sample middle >"$samples.part" || true # they may just have left
  # The last full look while they still type.
  ! users_type || cat "$samples.part" >>"$samples"
  [ "$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN {print (b - a < '"$SECONDS_OF_LOAD"')}')" = 1 ] || break
  sleep 5
done
ended=$(date +%s.%N)
kept=yes
users_end || kept=no
head -n 40 "$LOGS/users-load.log"
node -e '
  const fs = require("fs");
  const [file, results, out, seconds, cores, students] = process.argv.slice(1);
  const r = JSON.parse(fs.readFileSync(results));
  const first = {}, last = {}, peak = {};
  for (const line of fs.readFileSync(file, "utf8").trim().split("\n")) {
    const [, at, name, cpu, pages] = /^(\S+) (.+) (\S+) (\S+)$/.exec(line);
    if (at === "first") first[name] = cpu / 100;
    last[name] = cpu / 100;
    peak[name] = Math.max(peak[name] ?? 0, (pages * 4096) / 1048576);
  }
  const rows = Object.keys(last).map((name) => ({ name, cpu_percent: (100 * (last[name] - (first[name] ?? 0))) / +seconds, memory_mb: peak[name] }));
  console.log("process             CPU %   memory MB   (100 % is one core)");
  for (const row of rows) console.log(`${row.name.padEnd(18)} ${row.cpu_percent.toFixed(0).padStart(6)} ${row.memory_mb ? row.memory_mb.toFixed(0).padStart(11) : ""}`);
  const machine = rows.find((row) => row.name === "(machine)").cpu_percent / +cores;
  const total = rows.filter((row) => !row.name.startsWith("(")).reduce((sum, row) => sum + row.memory_mb, 0);
  const errors = (100 * r.errors) / Math.max(r.all, 1), all = r.kinds.all;
  console.log(`${students} users: ${all.per_second.toFixed(0)} requests/s, p50 ${all.p50_ms.toFixed(0)} ms, p95 ${all.p95_ms.toFixed(0)} ms, p99 ${all.p99_ms.toFixed(0)} ms, max ${all.max_ms.toFixed(0)} ms, ${errors.toFixed(2)} % errors; machine at ${machine.toFixed(0)} % of ${cores} cores, ${total.toFixed(0)} MB in all services`);
  fs.writeFileSync(out, JSON.stringify({ students: +students, cores: +cores, machine_cpu_percent: machine, services_memory_mb: total, processes: rows, results: r }, null, 2));
  const floor = [["95 % within 2 s", all.p95_ms < 2000], ["more than 100 requests per second", all.per_second > 100], ["less than 1 % errors", errors < 1]];
  for (const [what, fine] of floor) console.log(`${fine ? "ok  " : "FAIL"}  ${what}`);
  console.log(`${all.p99_ms < 500 ? "ok  " : "none"}  our own aim, p99 below 500 ms`);
  process.exit(floor.every(([, fine]) => fine) ? 0 : 1);' \
  "$samples" "$STAGING_DIR/results/load.json" "$STAGING_DIR/load.json" "$(awk -v a="$began" -v b="$ended" 'BEGIN {print b - a}')" "$(nproc)" "$STUDENTS" || FAILED=1
[ "$kept" = yes ] || { tail -n 1 "$LOGS/users-load.log"; echo "FAIL  nothing acknowledged is lost"; FAILED=1; }
[ "$kept" = no ] || echo "ok    nothing acknowledged is lost"
[ "$FAILED" = 0 ]
