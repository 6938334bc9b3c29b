#!/usr/bin/env bash
# usage: faults.sh [NAME…]      (faults.sh --list names them)
#
# One thing after another is broken while people type, hand in and upload (STUDENTS=25 of them, SECONDS_OF_LOAD=35, each fault lasts
# HOLD=10 seconds); then it is mended, the system must come back by itself, and everything that was acknowledged to anybody must be there.
# Prints what the people saw. Writes faults.json and faults.md into $STAGING_DIR. 1 when something was lost or stayed broken.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
# shellcheck source=scripts/deploy/staging.sh
. "$ROOT/scripts/deploy/staging.sh"

ALL=(database database-back web-killed worker-killed redis-node redis-all s3-down s3-slow smtp-down disk-full nginx-reload clock-jump)
if [ "${1:-}" = --list ]; then printf '%s\n' "${ALL[@]}"; exit 0; fi
a_prepare
STUDENTS=${STUDENTS:-25} SECONDS_OF_LOAD=${SECONDS_OF_LOAD:-35} HOLD=${HOLD:-10} GRADE_SECONDS=${GRADE_SECONDS:-90}
work=$STAGING_DIR/faults
mkdir -p "$work"
hold() { sleep "${1:-$HOLD}"; } # people feel it for so long

# ---- what is broken, and how it is mended. `strict` ones must not cost a single request. -----------------------------------------
told_database="the primary database is killed (-9), the replica promoted, the old one comes back as replica"
fault_database() {
  local before began
  before=$(leader) began=$(date +%s%N)
  halt "$before" KILL
  promote
  echo "promoted after $((($(date +%s%N) - began) / 1000000)) ms"
  hold
  rejoin
  echo "$before follows $(leader)"
}
told_database_back="planned change of the primary database"
fault_database_back() { switch_leader; echo "$(leader) leads again"; }

told_web_killed="a serving process is killed (-9) and started again"
fault_web_killed() {
  local name
  name=$(a_web | head -n 1)
  halt "$name" KILL
  hold 5
  a_start "$name" "$(a_current)"
  a_ready "$name"
}

told_worker_killed="the grading process is killed (-9) in mid-batch and started again"
fault_worker_killed() {
  local name before
  name=$(a_workers)
  # What is handed in meanwhile makes the batch; as soon as the first of it is graded, it is in the middle.
  a_stop "$name"
  hold
  before=$(graded)
  a_start "$name" "$(a_current)"
  wait_until 30 "the first grade of the batch" more_than "$before"
  halt "$name" KILL
  echo "killed after $(($(graded) - before)) grades"
  a_start "$name" "$(a_current)"
  a_ready "$name"
}
stored() { DB_SOCKET=$(leader) sql -N -e "SELECT COUNT(*) FROM auto_grader.files WHERE state = 'ready'"; }
graded() { DB_SOCKET=$(leader) sql -N -e 'SELECT COUNT(*) FROM auto_grader.grades'; }
more_than() { [ "$(graded)" -gt "$1" ]; }


told_redis_node="one node of the Redis cluster is killed (-9) and started again"
fault_redis_node() { halt redis1 KILL; hold; redis_node 1; healthy redis1 30 cluster_is_whole; }
told_redis_all="the whole Redis cluster is killed (-9) and started again"
fault_redis_all() {
  halt redis1 KILL; halt redis2 KILL; halt redis3 KILL
  hold
  redis_node 1; redis_node 2; redis_node 3
  healthy redis1 30 cluster_is_whole
}

told_s3_down="the object store is killed (-9) and started again"
fault_s3_down() { halt storage KILL; hold; start_storage; }
told_s3_slow="the object store answers two seconds late"
fault_s3_slow() {
  halt storage
  start_storage "$PORT_S3_SLOW"
  spawn slow_storage node "$ROOT/scripts/staging/slow-proxy.mjs" "$PORT_S3" "$PORT_S3_SLOW" 2000
  healthy slow_storage 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT_S3"
  hold
  halt slow_storage KILL
  halt storage
  start_storage
}

told_smtp_down="the mail server is stopped and started again"
fault_smtp_down() {
  halt mail
  # A mail that must wait.
  ours mail test --to "waiting-$$@$DOMAIN" --wait 1 >>"$LOGS/faults.log" 2>&1 || true
  hold
  start_mail
}
check_smtp_down() {
  wait_until 90 "the mail that waited" mail_arrived "waiting-$$@$DOMAIN"
  [ "$(mails_to "waiting-$$@$DOMAIN" | wc -l)" = 1 ] && echo "the mail that waited arrived once"
}
mails_to() { grep -rlsi "^X-RcptTo:.*$1\|^To:.*$1" "$STAGING_DIR/data/mail/box" || true; }
mail_arrived() { [ -n "$(mails_to "$1")" ]; }
twice_sent() { grep -rhsi '^message-id:' "$STAGING_DIR/data/mail/box" | sort | uniq -d | grep . ; }

told_disk_full="the disk with the data folder and the object store is full, then has room again"
fault_disk_full() {
  local place=$STAGING_DIR/data/full
  # A small disk of its own takes the place of both folders.
  cp -a "$STAGING_DIR/data/app" "$place/app"
  mv "$STAGING_DIR/data/app" "$STAGING_DIR/data/app.kept"
  ln -s "$place/app" "$STAGING_DIR/data/app"
  halt storage
  cp -a "$STAGING_DIR/data/s3" "$place/s3"
  mv "$STAGING_DIR/data/s3" "$STAGING_DIR/data/s3.kept"
  ln -s "$place/s3" "$STAGING_DIR/data/s3"
  start_storage
  dd if=/dev/zero of="$place/filler" bs=64k 2>/dev/null || true
  cat /dev/zero >>"$place/filler" 2>/dev/null || true
  df -k --output=avail "$place" | tail -n 1 | awk '{print $1 " kB free"}'
  hold
  rm "$place/filler"
  hold 5
}
before_disk_full() {
  local place=$STAGING_DIR/data/full
  mkdir -p "$place"
  mount -t tmpfs -o "size=$(($(du -sm "$STAGING_DIR/data/s3" | cut -f1) + $(du -sm "$STAGING_DIR/data/app" | cut -f1) + 24))m" tmpfs "$place" 2>/dev/null || { echo "needs root, for a small tmpfs"; return 1; }
}
after_disk_full() {
  local part
  halt storage
  for part in app s3; do
    [ -L "$STAGING_DIR/data/$part" ] || continue
    rm "$STAGING_DIR/data/$part"
    # What came meanwhile stays.
    cp -a "$STAGING_DIR/data/full/$part/." "$STAGING_DIR/data/$part.kept/"
    mv "$STAGING_DIR/data/$part.kept" "$STAGING_DIR/data/$part"
  done
  start_storage
  umount "$STAGING_DIR/data/full" 2>/dev/null || umount -l "$STAGING_DIR/data/full"
}
check_disk_full() { ours verify migration | grep -E '^(ok|FAIL)   *files'; }

strict_nginx_reload=yes
told_nginx_reload="Nginx takes its configuration up ten times"
fault_nginx_reload() { for _ in 1 2 3 4 5 6 7 8 9 10; do reload_nginx; hold 1; done; }

told_clock_jump="one serving process and the grader live 10 minutes ahead, then 10 minutes behind, then right again"
faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' | head -n 1; }
before_clock_jump() {
  local name port api program
  [ -n "$(faketime)" ] || { echo "libfaketime is not installed"; return 1; }
  echo '+0' >"$work/clock"
  program=$STAGING_DIR/versions/$(a_current)
  local fake=("LD_PRELOAD=$(faketime)" "FAKETIME_TIMESTAMP_FILE=$work/clock" FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1)
  name=$(a_web | tail -n 1) port=PORT_WEB${name#web} api=PORT_API${name#web}
  a_stop "$name"
  in_app_spawn "$name" "${fake[@]}" WORKER=false "ADDR=127.0.0.1:${!port}" "API_ADDR=127.0.0.1:${!api}" "$program" serve
  a_ready "$name"
  name=$(a_workers) api=PORT_WORK${name#work}
  a_stop "$name"
  in_app_spawn "$name" "${fake[@]}" "API_ADDR=127.0.0.1:${!api}" "$program" work
  a_ready "$name"
}
fault_clock_jump() {
  local at
  for at in +600 -600; do
    echo "$at" >"$work/clock"
    hold 8
    # Which times the newest changes got: some from the process that is right, some from the other.
    DB_SOCKET=$(leader) sql -N auto_grader -e "SELECT CONCAT('at $at s, changes are recorded between ', ROUND(MIN(recorded_at / 1e6 - UNIX_TIMESTAMP(NOW(6)))), ' and ',
      ROUND(MAX(recorded_at / 1e6 - UNIX_TIMESTAMP(NOW(6)))), ' s from now') FROM (SELECT recorded_at FROM answer_journal ORDER BY id DESC LIMIT 60) newest"
  done
  echo '+0' >"$work/clock"
}
after_clock_jump() {
  local name
  for name in $(a_web | tail -n 1) $(a_workers); do
    a_stop "$name"
    a_start "$name" "$(a_current)"
    a_ready "$name"
  done
}

# ---- one after another ------------------------------------------------------------------------------------------------------------
is_ready() { site -f -o /dev/null --max-time 3 "$BASE_URL/health/ready"; }
all_ready() {
  local name port
  for name in $(a_web); do port=PORT_WEB${name#web}; answers "http://127.0.0.1:${!port}/health/ready" || return 1; done
  is_ready
}
optional() { if declare -F "$1" >/dev/null; then "$@"; fi; }
run_fault() {
  local name=$1 word=${1//-/_} told="told_${1//-/_}" strict="strict_${1//-/_}" verdict=ok notes='' began recovered kept=yes summary before uploads
  say "fault: ${!told}"
  if ! notes=$(optional "before_$word" 2>&1 9>&-); then
    echo "none  $name: not tried: $notes"
    record "$name" "${!told}" "not tried" "$notes" null
    return 0
  fi
  before=$(stored)
  users_start "fault-$name" "$STUDENTS" "$SECONDS_OF_LOAD" --tolerate --submit --uploaders 5 --grade-seconds "$GRADE_SECONDS" || { verdict=FAIL; kept=no; }
  if [ "$kept" = yes ]; then
    if ("fault_$word") >"$work/$name.out" 2>&1; then notes=$(paste -sd';' "$work/$name.out"); else verdict=FAIL notes="could not be inflicted: $(tail -n 3 "$work/$name.out")"; fi
    users_end || { kept=no verdict=FAIL; }
    began=$(date +%s%N)
    if (wait_until 60 "readiness of all processes" all_ready) 2>>"$LOGS/faults.log"; then recovered=$((($(date +%s%N) - began) / 1000000)); else verdict=FAIL notes="$notes; not ready after 60 s"; fi
    summary=$(users_summary)
    # A form is answered by a redirect either way; what was refused says so on the page it leads to.
    uploads=$(of_users "r.statuses['303'] ?? 0")
    notes="$notes;$(($(stored) - before)) of $uploads uploads stored, the others were told"
    if [ "$kept" = no ]; then summary="$summary; $(tail -n 1 "$LOGS/users-fault-$name.log")"; fi
    if [ -n "${!strict:-}" ] && [ "$(of_users r.errors)" != 0 ]; then verdict=FAIL; fi
    if declare -F "check_$word" >/dev/null; then
      local checked
      if checked=$("check_$word" 2>&1); then notes="$notes;$checked"; else verdict=FAIL notes="$notes; check: $checked"; fi
    fi
  fi
  (optional "after_$word") >>"$LOGS/faults.log" 2>&1 || { verdict=FAIL notes="$notes; could not be mended"; }
  if [ "$verdict" = ok ]; then PASSED=$((PASSED + 1)); else FAILED=$((FAILED + 1)); fi
  printf '%-4s  %s: %s\n' "$verdict" "$name" "${summary:-no users}"
  [ -z "$notes" ] || printf '      %s\n' "${notes#;}"
  record "$name" "${!told}" "$verdict" "$notes" "${recovered:-null}"
}
record() {
  node -e '
    const fs = require("fs");
    const [file, results, name, what, verdict, notes, recovered] = process.argv.slice(1);
    const seen = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results)) : null;
    fs.appendFileSync(file, JSON.stringify({ name, what, verdict, notes, ready_after_ms: JSON.parse(recovered), seen }) + "\n");' \
    "$work/faults.jsonl" "$STAGING_DIR/results/fault-$1.json" "$@"
}
write_summary() {
  node -e '
    const fs = require("fs");
    const [lines, folder, students] = process.argv.slice(1);
    const list = fs.readFileSync(lines, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
    fs.writeFileSync(`${folder}/faults.json`, JSON.stringify(list, null, 2));
    const cell = (text) => String(text).replaceAll("|", "/").replaceAll("\n", " ");
    const rows = list.map(({ what, verdict, notes, seen: r }) => r
      ? `| ${cell(what)} | ${verdict} | ${r.errors} of ${r.all} | ${r.longest_gap_seconds.toFixed(1)} s | ${r.kept.changes_found} of ${r.kept.changes_acknowledged} | ${r.kept.submissions_found} of ${r.kept.submissions_acknowledged} | ${r.kept.graded}, ${r.kept.graded_twice} twice | ${cell(notes)} |`
      : `| ${cell(what)} | ${verdict} | | | | | | ${cell(notes)} |`);
    fs.writeFileSync(`${folder}/faults.md`, `Faults under load, ${students} people\n\n| fault | verdict | failed requests | longest stall | changes kept | submissions kept | graded | notes |\n|---|---|---|---|---|---|---|---|\n${rows.join("\n")}\n`);' \
    "$work/faults.jsonl" "$STAGING_DIR" "$STUDENTS"
}

lock_staging
trap users_stop EXIT
rm -f "$work/faults.jsonl"
names=("$@")
[ $# -gt 0 ] || names=("${ALL[@]}")
for name in "${names[@]}"; do declare -F "fault_${name//-/_}" >/dev/null || die "there is no fault $name; --list names them"; done
for name in "${names[@]}"; do run_fault "$name"; done
write_summary
say "faults: what was seen is in $STAGING_DIR/faults.md"
totals
