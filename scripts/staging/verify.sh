#!/usr/bin/env bash
# usage: verify.sh [PART…]      (verify.sh --list names them)
#
# The launch runbook, from its first line to the signed report, against the running staging installation. Each check is one line, ok or
# FAIL with the reason; what each printed is in $STAGING_DIR/verify. Ends with "N passed, N failed".
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
# shellcheck source=scripts/deploy/staging.sh
. "$ROOT/scripts/deploy/staging.sh"
ALL=(files nginx backup launch migration storage restore deploy rollback maintenance mail monitoring logs report)
if [ "${1:-}" = --list ]; then printf '%s\n' "${ALL[@]}"; exit 0; fi
a_prepare
a_site
parts=("$@")
[ $# -gt 0 ] || parts=("${ALL[@]}")
STUDENTS=${STUDENTS:-40}
out=$STAGING_DIR/verify
mkdir -p "$out"
trap users_stop EXIT
cd "$ROOT"

# check NAME COMMAND…: one yes or no, with the last line as evidence.
check() {
  local name=$1 log began status=0 took
  log=$out/$(tr -c 'A-Za-z0-9\n' '-' <<<"$name").log
  shift
  began=$(date +%s%N)
  ("$@") >"$log" 2>&1 || status=$?
  took=$((($(date +%s%N) - began) / 1000000))
  if [ "$status" = 0 ]; then
    PASSED=$((PASSED + 1))
    printf 'ok    %-52s %6d ms  %s\n' "$name" "$took" "$(tail -n 1 "$log" | cut -c 1-300)"
  else
    FAILED=$((FAILED + 1))
    printf 'FAIL  %-52s %6d ms\n' "$name" "$took"
    tail -n 15 "$log" | cut -c 1-400 | sed 's/^/        /'
  fi
  node -e 'const [name, status, took, log] = process.argv.slice(1); console.log(JSON.stringify({ name, passed: status === "0", milliseconds: +took, evidence: require("fs").readFileSync(log, "utf8").slice(-4000) }))' \
    "$name" "$status" "$took" "$log" >>"$out/checks.jsonl"
}
# suite NAME COMMAND…: prints one line each and ends with "N passed, N failed".
suite() {
  local name=$1 log good bad status=0
  log=$out/$(tr -c 'A-Za-z0-9\n' '-' <<<"$name").log
  shift
  say "$name"
  "$@" 2>&1 | tee "$log" | sed 's/^/      /' || status=$?
  read -r good bad < <(awk '/^[0-9]+ passed, [0-9]+ failed/ {good += $1; bad += $3} END {print good + 0, bad + 0}' "$log")
  if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
  PASSED=$((PASSED + good))
  FAILED=$((FAILED + bad))
}
script() { "$ROOT/scripts/$1" --target staging "${@:2}"; }
says() { local words=$1; shift; "$@" | tee /dev/stderr | grep -F -- "$words" >/dev/null; }

# ---- what needs no running part --------------------------------------------------------------------------------------------------
part_files() {
  check "compose files and images hold what they must" node scripts/web-tools/lint-deploy.mjs
  check "Prometheus takes its configuration" promtool check config deploy/prometheus/prometheus.yml
  check "Prometheus takes its rules" promtool check rules deploy/prometheus/rules/auto-grader.yml
  check "every rule fires on its case and stays quiet beside it" promtool test rules deploy/prometheus/tests/*.yml
  check "Alertmanager takes its configuration" amtool check-config deploy/alertmanager/alertmanager.yml
  check "logrotate takes its file" logrotate_file
  check "the firewall's rules are well-formed" deploy/firewall/check.sh
  check "certificates are asked for all three names" certbot_words
  check "names would be looked up" deploy/certbot/check-dns.sh --dry-run "$DOMAIN" 127.0.0.1
  if have systemd-analyze; then check "systemd takes the units" units; fi
}
logrotate_file() {
  local said
  # Here the logs stand elsewhere; it is never run for real.
  sed "s|/var/log/auto-grader|$LOGS|" deploy/logrotate/auto-grader >"$STAGING_DIR/run/logrotate.conf"
  chmod 644 "$STAGING_DIR/run/logrotate.conf"
  said=$(logrotate -d -s "$STAGING_DIR/run/logrotate.state" "$STAGING_DIR/run/logrotate.conf" 2>&1) || { echo "$said"; return 1; }
  if grep -i '^error' <<<"$said"; then return 1; fi
  echo "$(grep -c '^considering log' <<<"$said") logs are considered"
}
certbot_words() {
  local words
  words=$(env CERTBOT=echo DOMAIN="$DOMAIN" CERTBOT_EMAIL="operations@$DOMAIN" deploy/certbot/issue.sh --dry-run)
  for name in "$DOMAIN" "www.$DOMAIN" "api.$DOMAIN"; do grep -qF -- "-d $name" <<<"$words" || return 1; done
  env CERTBOT=echo deploy/certbot/renew.sh --dry-run
  # What the authority asks for over plain HTTP is answered.
  mkdir -p "$STAGING_DIR/run/acme/.well-known/acme-challenge"
  echo "proof-$$" >"$STAGING_DIR/run/acme/.well-known/acme-challenge/probe"
  [ "$(curl -fsS -H "Host: $DOMAIN" "http://127.0.0.1:$PORT_HTTP/.well-known/acme-challenge/probe")" = "proof-$$" ] || return 1
  if have certbot; then certbot --version; fi
  echo "the bare name, www. and api.; challenges over plain HTTP are answered"
}
units() {
  local folder=$STAGING_DIR/run/units unit
  rm -rf "$folder"
  mkdir -p "$folder"
  for unit in deploy/systemd/*; do
    # The program stands elsewhere here; everything else is looked at as it is.
    sed 's|^ExecStart=\S*|ExecStart=/bin/true|' "$unit" >"$folder/$(basename "${unit/@./@a.}")"
  done
  systemd-analyze verify --man=no "$folder"/*
}

part_nginx() {
  check "every process runs" scripts/staging/status.sh
  suite "Nginx, as visitors, browsers and attackers see it" scripts/staging/check-nginx.sh
}

part_backup() {
  check "a backup is made, restored to a scratch place and compared" grader backup create --prove
  check "backups are listed" says "$DAY" grader backup list
  check "the newest is proven again, with every file" grader backup verify latest --all-files
  check "what is older than 30 days would go" grader backup prune --dry-run
}
DAY=$(date -u +%Y)
grader() { a_grader '' "$@"; }

part_launch() {
  suite "pre-launch verification" script pre-launch-verification.sh
  suite "smoke tests" script smoke-tests.sh
  suite "post-launch verification" script post-launch-verification.sh
}

# What was handed in a moment ago is still being learnt from and written about, and would differ for that.
at_rest() {
  [ "$(rows_in "$(leader)" "lessons WHERE done < wanted OR learnt_at IS NULL OR claimed_by IS NOT NULL")" = 0 ] &&
    [ "$(rows_in "$(leader)" "mail_outbox WHERE state IN ('claimed', 'sending') OR (state = 'waiting' AND not_before <= UNIX_TIMESTAMP() * 1000000)")" = 0 ]
}
part_migration() {
  wait_until 60 "the workers' rest" at_rest
  check "rows and sums are written down" script verify-migration.sh before
  check "the SQL of a migration is shown" script verify-migration.sh plan
  suite "the data after a migration" script verify-migration.sh after
  check "an unknown newer schema is refused by those who would migrate" newer_schema_refused
}
# What a newer program's migration leaves behind: it added a column, and says who can run on it.
newer() {
  DB_SOCKET=$(leader) sql auto_grader -e "ALTER TABLE courses ADD COLUMN of_a_newer_version VARCHAR(20) NULL;
    INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_newer', 0);
    INSERT INTO schema_versions (version, suits) SELECT 'm29990101_000001_newer', '$1'"
}
newer_again() {
  DB_SOCKET=$(leader) sql auto_grader -e "DELETE FROM seaql_migrations WHERE version LIKE 'm2999%'; DELETE FROM schema_versions WHERE version LIKE 'm2999%';
    ALTER TABLE courses DROP COLUMN IF EXISTS of_a_newer_version" 2>/dev/null || true
}
base_schema() { DB_SOCKET=$(leader) sql -N auto_grader -e 'SELECT MIN(suits) FROM schema_versions'; }
newer_schema_refused() {
  local status=0
  newer m29990101_000001_newer
  if grader migrate up; then echo "migrated on an unknown schema"; status=1; fi
  grader migrate status | tail -n 1 | grep 'cannot serve on it' || status=1
  newer_again
  return "$status"
}

part_storage() {
  check "moving the files is planned" script migrate-file-storage.sh --from s3://auto-grader --to "$STAGING_DIR/data/moved" --dry-run
  check "files move to a folder, verified" script migrate-file-storage.sh --from s3://auto-grader --to "$STAGING_DIR/data/moved"
  check "a second run finds all verified" says ' 0 to copy' script migrate-file-storage.sh --from s3://auto-grader --to "$STAGING_DIR/data/moved"
  check "files that nobody refers to are found" grader files sweep --dry-run
}

# ---- restores ------------------------------------------------------------------------------------------------------------------------
scratch_url() { echo "mysql://restore:$(secret restore)@127.0.0.1:$PORT_DB_SCRATCH/auto_grader?ssl-mode=VERIFY_CA&ssl-ca=$STAGING_DIR/tls/ca.crt"; }
scratch_empty() { DB_SOCKET=scratch sql -e 'DROP DATABASE IF EXISTS auto_grader; CREATE DATABASE auto_grader CHARACTER SET utf8mb4'; }
rows_in() { DB_SOCKET=$1 sql -N auto_grader -e "SELECT COUNT(*) FROM $2"; }
restored_whole() {
  scratch_empty
  grader restore --from latest --to-database "$(scratch_url)" || return 1
  [ "$(rows_in scratch submissions)" -ge 1 ] && [ "$(rows_in scratch users)" -ge 1 ]
}
# A course before the moment, one after it: the first must be there, the second must not.
admin_jar() {
  site -o /dev/null -c "$out/cookies" --data-urlencode "email=admin@$DOMAIN" --data-urlencode "password=$(secret admin_password)" "$BASE_URL/rpc/account/sign_in"
}
make_course() { site -f -o /dev/null -b "$out/cookies" -H 'Content-Type: application/json' -d "{\"code\":\"$1\",\"title\":\"Point in time\"}" "$BASE_URL/api/v1/courses"; }
next_second() { local now; now=$(date +%s); until [ "$(date +%s)" -gt "$now" ]; do sleep 0.05; done; }
restored_to_time() {
  local moment mark=$$
  admin_jar
  next_second
  make_course "PIT-BEFORE-$mark"
  next_second
  moment=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  next_second
  make_course "PIT-AFTER-$mark"
  DB_SOCKET=$(leader) sql -e 'FLUSH BINARY LOGS'
  scratch_empty
  grader restore --from latest --to-database "$(scratch_url)" --to-time "$moment" --no-files --binlog "$STAGING_DIR/data/$(leader)"/binlog.[0-9]* || return 1
  [ "$(DB_SOCKET=scratch sql -N auto_grader -e "SELECT GROUP_CONCAT(code) FROM courses WHERE code LIKE 'PIT-%-$mark'")" = "PIT-BEFORE-$mark" ] ||
    { DB_SOCKET=scratch sql auto_grader -e "SELECT code FROM courses WHERE code LIKE 'PIT-%'"; return 1; }
  echo "restored to $moment: what was made before it is there, what came after is not"
}
part_restore() {
  start_scratch
  check "a backup of what is there now" grader backup create
  check "the newest backup is restored into an empty server" restored_whole
  check "restored to a moment, with the binary log" restored_to_time
  halt scratch
}

# ---- versions ----------------------------------------------------------------------------------------------------------------------
# Another version to switch to: NEXT_BIN, or the same program with a byte after its end, which is another file to everything here.
next_program() {
  if [ -n "${NEXT_BIN:-}" ]; then
    # To and fro between the two.
    if cmp -s "$NEXT_BIN" "$(current_program)"; then echo "$AUTO_GRADER_BIN"; else echo "$NEXT_BIN"; fi
    return 0
  fi
  cp "$(current_program)" "$STAGING_DIR/run/next"
  printf 'x' >>"$STAGING_DIR/run/next"
  echo "$STAGING_DIR/run/next"
}
# shellcheck disable=SC2120 # check hands the options over
# deployed OPTIONS…: under load, and the version did change.
deployed() {
  local before
  before=$(a_current)
  LOAD_OPTIONS="--submit --uploaders 8" under_load "deploy" "$STUDENTS" "${SECONDS_OF_LOAD:-45}" scripts/deploy.sh "$@" "$(next_program)" || return 1
  [ "$(a_current)" != "$before" ]
}
part_deploy-rolling() { check "rolling deployment under load, no failed request" deployed; }
part_deploy() {
  part_deploy-rolling
  check "blue/green deployment under load, no failed request" deployed --blue-green
}
# vN+1 runs on a schema one step ahead; people hand in; vN comes back on that schema, and everything is there.
rolled_back() {
  local status=0 began=$SECONDS
  newer "$(base_schema)"
  LOAD_OPTIONS="--submit --uploaders 8" under_load rollback "$STUDENTS" "${SECONDS_OF_LOAD:-45}" scripts/rollback.sh --target staging >"$out/rollback.txt" 2>&1 || status=1
  cat "$out/rollback.txt"
  script verify-rollback.sh || status=1
  newer_again
  [ $((SECONDS - began)) -lt 300 ] || { echo "longer than 5 minutes"; status=1; }
  echo "$(grep -oE 'it took [0-9]+ ms' "$out/rollback.txt"); $(tail -n 1 "$out/rollback.txt")"
  return "$status"
}
told_once() {
  local once twice
  script send-rollback-notification.sh --key "verify-$$" || return 1
  once=$(rows_in "$(leader)" "mail_outbox WHERE kind = 'rollback'")
  script send-rollback-notification.sh --key "verify-$$" || return 1
  twice=$(rows_in "$(leader)" "mail_outbox WHERE kind = 'rollback'")
  [ "$once" -gt 0 ] && [ "$once" = "$twice" ] && echo "$once mails, and still $twice"
}
part_rollback() {
  # There must be a version to go back to.
  if [ -z "$(a_previous)" ]; then scripts/deploy.sh "$(next_program)" >"$out/before-rollback.log" 2>&1 || true; fi
  check "back to the version before, under load" rolled_back
  check "everybody is told, and told again under the same name nobody gets it twice" told_once
}

# ---- operations ---------------------------------------------------------------------------------------------------------------------
refused_read_only() {
  local got
  got=$(site -o /dev/null -w '%{http_code}' -b "$out/cookies" -H 'Content-Type: application/json' -d '{"code":"READ-ONLY","title":"Read only"}' "$BASE_URL/api/v1/courses")
  [ "$got" = 503 ]
}
banner_there() { site -f -b "$out/cookies" "$BASE_URL/courses" | grep 'larger machine' >/dev/null; }
maintenance_round() {
  local status=0 state=0
  admin_jar
  grader maintenance on --message "We move to a larger machine." --until +15m || return 1
  grader maintenance status || state=$?
  [ "$state" = 3 ] || { echo "status exits with $state instead of 3"; status=1; }
  wait_until 10 "read-only mode" refused_read_only
  wait_until 10 "the banner on a page" banner_there
  grader maintenance off || status=1
  wait_until 10 "the end of read-only mode" make_course "OPEN-$$-$RANDOM"
  [ "$status" != 0 ] || echo "changes were refused with 503, pages readable with a banner, and all was open again"
  return "$status"
}
part_maintenance() { check "maintenance: on, read-only, banner, off" maintenance_round; }

mail_round() {
  local to="verify-$$@$DOMAIN"
  grader mail test --to "$to" || return 1
  wait_until 10 "the mail" grep -rqs "$to" "$STAGING_DIR/data/mail/box"
  [ "$(grep -rls "$to" "$STAGING_DIR/data/mail/box" | wc -l)" = 1 ] || { echo "it arrived more than once"; return 1; }
  ! grep -rhsi '^message-id:' "$STAGING_DIR/data/mail/box" | sort | uniq -d | grep . || { echo "some mail was sent twice"; return 1; }
  echo "$(find "$STAGING_DIR/data/mail/box" -type f | wc -l) mails were taken by the mail server, none twice"
}
part_mail() { check "mail goes out, and none twice" mail_round; }

prometheus_has_seen_enough() { node scripts/staging/check-dashboards.mjs "http://127.0.0.1:$PORT_PROMETHEUS"; }
alert_arrives() {
  amtool alert add --alertmanager.url="http://127.0.0.1:$PORT_ALERTMANAGER" alertname="Drill$$" severity=page instance=drill --annotation=summary="A drill"
  wait_until 60 "the mail of the alert" grep -rqs "Drill$$" "$STAGING_DIR/data/mail/box"
  echo "an alert went through Alertmanager to the mailbox of those on call"
}
targets_up() {
  curl -fsS "http://127.0.0.1:$PORT_PROMETHEUS/api/v1/targets" | node -e '
    let t = ""; process.stdin.on("data", (d) => (t += d)).on("end", () => {
      const list = JSON.parse(t).data.activeTargets, down = list.filter((x) => x.health !== "up");
      for (const x of down) console.log(`${x.labels.job} ${x.labels.instance}: ${x.lastError}`);
      console.log(`${list.length - down.length} of ${list.length} targets are scraped`);
      process.exit(down.length || !list.length ? 1 : 0); });'
}
part_monitoring() {
  check "Prometheus reaches every target" targets_up
  # Rates need two looks.
  local tries=30
  until prometheus_has_seen_enough >/dev/null 2>&1 || [ "$tries" -le 0 ]; do tries=$((tries - 1)); sleep 2; done
  suite "dashboards and rules ask for what there is" prometheus_has_seen_enough
  check "an alert reaches a person" alert_arrives
}
part_logs() { suite "logs: JSON, fields, index, saved objects" node scripts/staging/check-logs.mjs "$LOGS"; }

part_report() {
  if ! grader launch report --help >/dev/null 2>&1; then
    echo "none  this program has no launch report"
    return 0
  fi
  rm -rf "$out/report"
  mapfile -t where < <(printf '%s\n' --base-url "$SITE_URL" "${SITE_TRUST[@]}")
  check "the launch report is made and signed" launch_report
  check "the report is verified offline" launch_verified
  check "a changed report is found out" launch_forged
}
launch_report() {
  local words=() name port said=$out/report.txt
  grader launch report --help | grep -q -- --base-url && words=("${where[@]}")
  # What these parts, the faults and the load have found so far stands in the report beside what it finds itself.
  if grader launch report --help | grep -q -- --evidence; then
    node scripts/staging/evidence.mjs "$STAGING_DIR" >"$out/evidence.jsonl" || return 1
    [ ! -s "$out/evidence.jsonl" ] || words+=(--evidence "$out/evidence.jsonl")
    name=$(a_web | head -n 1) port=PORT_API${name#web}
    words+=(--name "$DOMAIN" --name "www.$DOMAIN" --name "api.$DOMAIN" --metrics-url "http://127.0.0.1:${!port}/metrics" --prometheus-url "http://127.0.0.1:$PORT_PROMETHEUS")
    words+=(--walk --mail-to "operator@$DOMAIN")
  fi
  grader launch report --out "$out/report" "${words[@]}" >"$said" || true
  cat "$said"
  # This machine makes the load it is measured under: how busy its processor was is told, not judged.
  ! grep '^FAIL' "$said" | grep -v '^FAIL  CPU ' || return 1
  ls -l "$out/report"
}
report_json() { find "$out/report" -name '*.json' | head -n 1; }
launch_verified() { grader launch verify "$(report_json)"; }
launch_forged() {
  sed 's/"failed"/"passed"/; s/"evidence": *"[^"]/&x/' "$(report_json)" >"$out/forged.json"
  if cmp -s "$(report_json)" "$out/forged.json"; then sed -i '0,/"[a-z]/s//"x/' "$out/forged.json"; fi
  ! grader launch verify "$out/forged.json"
}

site -f -o /dev/null "$BASE_URL/health" || die "the installation does not answer: scripts/staging/up.sh starts what is missing, status.sh tells what runs"
: >"$out/checks.jsonl"
newer_again
for part in "${parts[@]}"; do
  declare -F "part_$part" >/dev/null || die "there is no part $part; --list names them"
  say "verify: $part"
  "part_$part"
done
totals
