# Shared by every script here: where things are, and how progress is told. Source it, do not run it.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/auto-grader"
TOOLS="$CACHE/tools"
STARTED=${STARTED:-$(date +%s)}
export ROOT CACHE TOOLS STARTED
export PATH="$TOOLS/bin:$HOME/.cargo/bin:$PATH"

# Progress with the time since the first script started: "[ 3:07] text".
say() {
  local t=$(($(date +%s) - STARTED))
  printf '[%2d:%02d] %s\n' $((t / 60)) $((t % 60)) "$*" >&2
}

die() {
  say "error: $*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo. Fails with a message otherwise.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root, and sudo is not installed: $*"
  fi
}

# True where version $1 is at least $2.
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# The version that Cargo.lock pins for a crate.
locked_version() {
  awk -v name="$1" '$1 == "name" && $3 == "\"" name "\"" { getline; gsub(/"/, "", $3); print $3; exit }' "$ROOT/Cargo.lock"
}

# The browser build needs a toolchain with the standard library for wasm32. Sets WEB_CARGO and the environment
# for it: rustup's own where it has the target, otherwise Debian's with the library that setup.sh built beside it.
WASM=wasm32-unknown-unknown
wasm_sysroot() { printf '%s/wasm-sysroot-%s' "$TOOLS" "$(/usr/bin/rustc -V 2>/dev/null | awk '{print $2}')"; }
native_wasm() { have rustc && compgen -G "$(rustc --print sysroot)/lib/rustlib/$WASM/lib/libstd-*.rlib" >/dev/null; }
built_wasm() { [ -x /usr/bin/rustc ] && [ -f "$(wasm_sysroot)/complete" ]; }
use_web_toolchain() {
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS # they would replace the flags of .cargo/config.toml
  if native_wasm; then
    WEB_CARGO=cargo
  elif built_wasm; then
    WEB_CARGO=/usr/bin/cargo
    export RUSTC=/usr/bin/rustc
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(compgen -G '/usr/bin/wasm-ld*' | sort -V | tail -n 1)
    # shellcheck disable=SC2089,SC2090 # cargo splits it, no shell does
    # The first two stand in .cargo/config.toml too; repeated, so that no way of merging loses them: without type erasure the program
    # is nearly twice as large.
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--cfg erase_components --cfg getrandom_backend=\"wasm_js\" -C linker-flavor=wasm-ld --sysroot $(wasm_sysroot)"
    # shellcheck disable=SC2090
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS
  else
    die "no toolchain for $WASM: run scripts/setup.sh"
  fi
  export WEB_CARGO
}

# target/ stays a valid path when CARGO_TARGET_DIR points elsewhere: it becomes a link to it.
link_target_dir() {
  [ -n "${CARGO_TARGET_DIR:-}" ] || return 0
  mkdir -p "$CARGO_TARGET_DIR"
  local there
  there=$(cd "$CARGO_TARGET_DIR" && pwd -P)
  [ -e "$ROOT/target" ] && [ "$(cd "$ROOT/target" && pwd -P)" = "$there" ] && return 0
  if [ -L "$ROOT/target" ] || [ ! -e "$ROOT/target" ]; then
    ln -sfn "$there" "$ROOT/target"
  else
    # A real folder is somebody's earlier build: keep it, link only the pieces that others look for.
    local piece
    for piece in release debug site front; do
      mkdir -p "$there/$piece"
      if [ -d "$ROOT/target/$piece" ] && [ ! -L "$ROOT/target/$piece" ]; then
        mv "$ROOT/target/$piece" "$ROOT/target/$piece.before-link"
      fi
      ln -sfn "$there/$piece" "$ROOT/target/$piece"
    done
  fi
}

# A port on loopback that nothing listens on.
free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'; }

# wait_until SECONDS WHAT COMMAND…: until the command succeeds, or ends the script with a message.
wait_until() {
  local seconds=$1 what=$2 tries
  shift 2
  tries=$((seconds * 5))
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die "$what did not come up within $seconds s"
    sleep 0.2
  done
}
