#!/usr/bin/env bash
# usage: check-dns.sh [--dry-run] DOMAIN [EXPECTED-ADDRESS…]
# Whether the bare name, www. and api. lead here: each must have an address, and one of the expected ones where they are given. With
# --dry-run it only prints what it would ask.
set -euo pipefail
dry=''
[ "${1:-}" != --dry-run ] || { dry=yes; shift; }
domain=${1:?usage: check-dns.sh [--dry-run] DOMAIN [EXPECTED-ADDRESS…]}
shift
addresses() {
  if command -v dig >/dev/null 2>&1; then { dig +short +time=3 +tries=1 A "$1"; dig +short +time=3 +tries=1 AAAA "$1"; } | grep -E '^[0-9a-fA-F.:]+$' || true
  else getent ahosts "$1" | awk '{print $1}' | sort -u; fi
}
bad=0
for name in "$domain" "www.$domain" "api.$domain"; do
  if [ -n "$dry" ]; then echo "would ask for the addresses of $name${*:+ and expect one of: $*}"; continue; fi
  found=$(addresses "$name" | tr '\n' ' ')
  verdict=ok
  [ -n "$found" ] || verdict='has no address'
  if [ -n "$found" ] && [ $# -gt 0 ]; then
    verdict="leads elsewhere ($found)"
    for wanted in "$@"; do [[ " $found " != *" $wanted "* ]] || verdict=ok; done
  fi
  echo "$name: $verdict"
  [ "$verdict" = ok ] || bad=1
done
if [ -z "$dry" ] && command -v dig >/dev/null 2>&1; then
  issuers=$(dig +short +time=3 +tries=1 CAA "$domain" || true)
  [ -z "$issuers" ] || grep -q letsencrypt.org <<<"$issuers" || { echo "$domain: its CAA records do not allow letsencrypt.org"; bad=1; }
fi
exit "$bad"
