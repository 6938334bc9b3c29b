#!/usr/bin/env bash
# The browser's side: frontend crate → wasm-bindgen → target/site with hashed, minified, precompressed files.
# WEB_PROFILE=dev builds quickly and unoptimised, for work on a page. Unchanged steps are skipped.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
link_target_dir

profile=${WEB_PROFILE:-wasm-release}
folder=$profile
[ "$profile" = dev ] && folder=debug
front=$ROOT/target/front
stage=$ROOT/target/web/$profile
mkdir -p "$stage"

use_web_toolchain
say "web: compiling the frontend ($profile, $($WEB_CARGO -V))"
"$WEB_CARGO" build -p frontend --profile "$profile" --target "$WASM" --target-dir "$front"
compiled=$front/$WASM/$folder/frontend.wasm

bindgen=$(locked_version wasm-bindgen)
tool=$TOOLS/bin/wasm-bindgen
[ -x "$tool" ] || tool=wasm-bindgen
[ "$("$tool" --version 2>/dev/null | awk '{print $2}')" = "$bindgen" ] || die "wasm-bindgen $bindgen is missing: run scripts/setup.sh"

stamp="$(sha256sum <"$compiled") $(sha256sum <scripts/build-web.sh) $bindgen"
if [ "$(cat "$stage/stamp" 2>/dev/null)" != "$stamp" ]; then
  rm -rf "$stage/glue"
  if [ "$profile" = dev ]; then
    "$tool" "$compiled" --target web --no-typescript --debug --out-dir "$stage/glue" --out-name auto-grader
  else
    say "web: wasm-bindgen"
    "$tool" "$compiled" --target web --no-typescript --remove-name-section --remove-producers-section --out-dir "$stage/glue" --out-name auto-grader
    # No wasm-opt: its output is smaller raw but larger after Brotli (measured: 799 kB against 717 kB), and Debian's 108 breaks the
    # two tables of a module with reference types.
  fi
  printf '%s' "$stamp" >"$stage/stamp"
else
  say "web: wasm unchanged"
fi

say "web: site"
node scripts/web-tools/site.mjs "$stage/glue" "$ROOT/target" "$profile"
