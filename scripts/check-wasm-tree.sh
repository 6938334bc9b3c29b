#!/usr/bin/env bash
# The browser's program must not carry the server: fails where frontend's dependencies for wasm32 hold any of these.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
forbidden='tokio|axum|axum-.*|sea-orm.*|sea-query.*|sqlx.*|fred|hyper|hyper-.*|aws-.*|s3s.*|rustls|argon2|burn.*|tokenizers|grading|migration|server'
names=$(cargo tree -p frontend --target "$WASM" -e normal,no-proc-macro --prefix none | awk '{print $1}' | sort -u)
[ "$(wc -l <<<"$names")" -gt 20 ] || die "cargo tree gave no sensible answer"
if found=$(grep -xE "$forbidden" <<<"$names"); then
  while read -r name; do
    say "the browser's program depends on $name:"
    cargo tree -p frontend --target "$WASM" -e normal,no-proc-macro -i "$name" --depth 3 >&2
  done <<<"$found"
  exit 1
fi
say "wasm tree: $(wc -l <<<"$names") crates, none of the server's"
