#!/usr/bin/env bash
# Asks the running Nginx what a visitor, a browser and an attacker would: TLS, headers, variants, limits, pages, streams.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
load_ports
work=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-nginx.XXXXXX")
flag=$STAGING_DIR/run/nginx/maintenance
trap 'rm -rf "$work" "$flag"' EXIT

status_of() { site -o /dev/null -w '%{http_code}' "$@"; }
status_is() { local want=$1 got; shift; got=$(status_of "$@"); [ "$got" = "$want" ] || { echo "answered $got instead of $want"; return 1; }; }
# header NAME URL…: its values, one a line.
header() { local name=$1; shift; site -o /dev/null -D - "$@" | tr -d '\r' | sed -n "s/^$name: //Ip"; }
header_has() { local got; got=$(header "$1" "${@:3}"); grep -qF -- "$2" <<<"$got" || { echo "$1: $got"; return 1; }; }
tls() { openssl s_client -connect "127.0.0.1:$PORT_HTTPS" -CAfile "$CA" -verify_return_error "$@" </dev/null 2>&1; }

# ---- TLS -------------------------------------------------------------------------------------------------------
tls_is_13() { tls -servername "$DOMAIN" -verify_hostname "$DOMAIN" | grep 'TLSv1.3, Cipher'; }
tls_refused() { ! tls "$@" | grep -E 'Cipher is (ECDHE|TLS_|[A-Z0-9]+-)'; }
expect "TLS 1.3 is spoken, with a certificate for the name" tls_is_13
for name in www api; do expect "the certificate holds for $name." tls -servername "$name.$DOMAIN" -verify_hostname "$name.$DOMAIN"; done
expect "TLS 1.2 is refused" tls_refused -servername "$DOMAIN" -tls1_2
expect "an unknown name gets no certificate" tls_refused -servername stranger.example
takes_tls12() {
  render_nginx env ALLOW_TLS12=1 TLS_CHAIN="$CA" RESOLVER=127.0.0.1 >/dev/null
  local status=0
  { nginx -t -q -c "$STAGING_DIR/nginx/nginx.conf" && grep -q TLSv1.2 "$STAGING_DIR/nginx/tls-versions.conf" && grep -q 'ssl_stapling on' "$STAGING_DIR/nginx/tls.conf"; } || status=1
  render_nginx env >/dev/null
  return "$status"
}
expect "the variant for old devices, with stapling, is accepted" takes_tls12
expect "the configuration is accepted" nginx -t -q -c "$STAGING_DIR/nginx/nginx.conf"

# ---- names and headers ----------------------------------------------------------------------------------------------
plain_redirects() { [ "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' -H "Host: $DOMAIN" "http://127.0.0.1:$PORT_HTTP/courses?x=1")" = "301 $BASE_URL/courses?x=1" ]; }
expect "plain HTTP leads to HTTPS" plain_redirects
expect "www leads to the bare name" header_has location "$BASE_URL/courses" "https://www.$DOMAIN:$PORT_HTTPS/courses"
expect "api. answers for programs" status_is 200 "https://api.$DOMAIN:$PORT_HTTPS/api/health"
expect "api. leads people to the documentation" header_has location "/api/docs" "https://api.$DOMAIN:$PORT_HTTPS/"
for path in /metrics /api/metrics; do expect "$path is not for the world" status_is 404 "$BASE_URL$path"; done
once() {
  local count
  count=$(header "$1" "$BASE_URL/sign-in" | wc -l)
  [ "$count" = 1 ] || { echo "$1 stands there $count times"; return 1; }
}
for name in strict-transport-security content-security-policy x-frame-options referrer-policy permissions-policy x-content-type-options; do
  expect "$name is sent once" once "$name"
done
expect "HSTS lasts a year" header_has strict-transport-security "max-age=31536000; includeSubDomains" "$BASE_URL/sign-in"
expect "no framing" header_has x-frame-options DENY "$BASE_URL/sign-in"
nonce_fits() {
  local nonce
  site -D "$work/head" -o "$work/page" "$BASE_URL/sign-in"
  nonce=$(grep -i '^content-security-policy:' "$work/head" | sed -n "s/.*'nonce-\([^']*\)'.*/\1/p")
  [ -n "$nonce" ] && grep -qF "nonce=\"$nonce\"" "$work/page"
}
expect "the policy's nonce is the page's" nonce_fits
no_version() { [ "$(header server "$BASE_URL/sign-in")" = nginx ]; }
expect "the server's version is not told" no_version
incident_in_log() {
  local id
  id=$(header x-incident-id "$BASE_URL/courses/none") && [ -n "$id" ] && grep -q "\"incident\":\"$id\"" "$LOGS/nginx-access.log"
}
expect "the incident id on the answer stands in Nginx's log" incident_in_log
log_is_json() { tail -n 200 "$LOGS/nginx-access.log" | node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{for(const l of t.trim().split("\n")){const o=JSON.parse(l);if(typeof o.status!=="number"||o.path.includes("?"))throw Error(l)}})'; }
expect "every line of the log is JSON, without queries" log_is_json

# ---- files of the site ----------------------------------------------------------------------------------------------
css=$(cd "$SITE" && find pkg -name '*.css' | head -n 1)
variant() {
  site -D "$work/head" -o "$work/body" -H "Accept-Encoding: $1" "$BASE_URL/$css"
  cmp "$work/body" "$SITE/$css$2" && { [ "$1" = identity ] || grep -qi "^content-encoding: $1" "$work/head"; } && grep -qi '^vary: accept-encoding' "$work/head"
}
expect "Brotli's variant as it was built" variant br .br
expect "gzip's variant as it was built" variant gzip .gz
expect "the plain file" variant identity ''
expect "hashed files are kept for ever" header_has cache-control "max-age=31536000, immutable" "$BASE_URL/$css"
expect "pages are not kept" header_has cache-control no-store "$BASE_URL/sign-in"

# ---- limits and pages ------------------------------------------------------------------------------------------------
head -c 6000000 /dev/zero >"$work/six"
page_is() {
  local want=$1 words=$2 got
  shift 2
  got=$(site -D "$work/head" -o "$work/body" -w '%{http_code}' "$@")
  [ "$got" = "$want" ] && grep -qF "$words" "$work/body" && [ "$(grep -ci '^strict-transport-security' "$work/head")" = 1 ] && grep -qi '^content-security-policy' "$work/head" && return 0
  echo "answered $got"
  head -n 12 "$work/body"
  return 1
}
hash_fits() {
  local hash
  hash=$(sed -n '/<style>/,/<\/style>/p' "$work/body" | sed 's/.*<style>//; s/<\/style>.*//' | openssl dgst -sha256 -binary | base64)
  grep -qF "sha256-" "$work/head" && node -e '
    const fs=require("fs"),c=require("crypto");const [head,body]=process.argv.slice(1).map(f=>fs.readFileSync(f,"utf8"));
    const css=/<style>([\s\S]*?)<\/style>/.exec(body)[1];const hash="sha256-"+c.createHash("sha256").update(css).digest("base64");
    process.exit(head.includes(hash)?0:1)' "$work/head" "$work/body" || { echo "$hash"; return 1; }
}
expect "what is too large gets our page" page_is 413 "That is too large" -X POST --data-binary @"$work/six" "$BASE_URL/courses/new"
expect "its style is the one its policy allows" hash_fits
not_413() { local got; got=$(status_of -F "file=@$work/six" "$BASE_URL/files/upload"); [ "$got" != 413 ] && [ "$got" -lt 500 ] || { echo "answered $got"; return 1; }; }
expect "files may be larger than forms" not_413
touch "$flag"
expect "maintenance gets our page" page_is 503 "We are looking after Auto-Grader" "$BASE_URL/courses"
retry_after() { grep -qi '^retry-after: 300' "$work/head"; }
expect "maintenance says when to come back" retry_after
expect "programs are told in their words" page_is 503 '"status":503' "$BASE_URL/api/v1/me"
rm "$flag"
expect "and it ends at once" status_is 200 "$BASE_URL/sign-in"

# Many at once: counts of statuses.
many() { site -Z --parallel-immediate --parallel-max 150 -o /dev/null -w '%{http_code}\n' "$@" 2>/dev/null | sort | uniq -c | tr -s ' \n' ' '; }
hall() {
  local got
  got=$(many "$BASE_URL/{health,sign-in}?person=[1-300]")
  [ "$got" = " 600 200 " ] || { echo "$got"; return 1; }
}
expect "a hall of 300 people behind one address opens the sign-in page" hall
greedy() {
  local got other
  got=$(many -H 'Cookie: session=greedy' "$BASE_URL/health?n=[1-900]")
  other=$(status_of -H 'Cookie: session=neighbour' "$BASE_URL/health")
  [[ $got == *" 429 "* ]] && [ "$other" = 200 ] || { echo "greedy: $got, neighbour: $other"; return 1; }
}
expect "one greedy session is held back, its neighbour is not" greedy

# ---- streams ---------------------------------------------------------------------------------------------------------
jar=$work/cookies
stream_at_once() {
  local password course assignment
  password=$(cat "$STAGING_DIR/secrets/admin_password")
  site -o /dev/null -c "$jar" --data-urlencode "email=admin@$DOMAIN" --data-urlencode "password=$password" "$BASE_URL/rpc/account/sign_in"
  json() { site -f -b "$jar" -H 'Content-Type: application/json' -d "$2" "$BASE_URL/api/v1$1" | node -p 'JSON.parse(require("fs").readFileSync(0)).id'; }
  course=$(json /courses "{\"code\":\"NGINX-$RANDOM\",\"title\":\"Stream\"}") || return 1
  assignment=$(json "/courses/$course/assignments" '{"title":"Stream","due_at":null,"closes_at":null}') || return 1
  # The stream stays open, so curl ends by its time limit; what matters is that the first event was there long before.
  { site -N --max-time 3 -b "$jar" -D "$work/head" "$BASE_URL/assignments/$assignment/progress" 2>/dev/null || true; } | node -e '
    const began=Date.now();process.stdin.on("data",d=>{if(/event: ?progress/.test(d)){console.log(`first event after ${Date.now()-began} ms`);process.exit(Date.now()-began<2500?0:1)}}).on("end",()=>process.exit(1))' || { cat "$work/head"; return 1; }
  grep -qi '^content-type: text/event-stream' "$work/head"
}
expect "live progress is sent on at once" stream_at_once
totals
