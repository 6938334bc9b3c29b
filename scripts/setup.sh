#!/usr/bin/env bash
# usage: setup.sh [run|test|staging]
# Makes this machine able to build Auto-Grader; with `test` also to test it, with `staging` to run the whole production shape on it. Safe
# to run again: what is there stays. Works on a bare Debian 12 as root or with sudo, with rustup or without any Rust. Everything that is
# not a Debian package goes to ${XDG_CACHE_HOME:-~/.cache}/auto-grader or node_modules. No service that comes with a package is started.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
purpose=${1:-run}
[[ $purpose =~ ^(run|test|staging)$ ]] || die "unknown purpose $purpose: run, test or staging"
mkdir -p "$TOOLS"

# ---- Debian packages ------------------------------------------------------------------------------------------
packages=()
need() { have "$1" || packages+=("$2"); }
need cc build-essential
need pkg-config pkg-config
need curl curl
need git git
need unzip unzip
need python3 python3
need node nodejs
need npm npm
[ -d /etc/ssl/certs ] || packages+=(ca-certificates)
[ "$purpose" != test ] || need chromium chromium
if [ "$purpose" != run ]; then
  need redis-server redis-server
  [ -x /usr/sbin/mariadbd ] || packages+=(mariadb-server-core)
  have mariadb || packages+=(mariadb-client)
  need openssl openssl
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || packages+=(python3-aiosmtpd)
  # The production shape, of which `make test` runs a short form.
  need_file() { [ -e "$1" ] || packages+=("$2"); }
  need_file /usr/sbin/nginx nginx
  need_file /usr/lib/nginx/modules/ngx_stream_module.so libnginx-mod-stream
  need_file /usr/lib/nginx/modules/ngx_http_brotli_static_module.so libnginx-mod-http-brotli-static
  need prometheus prometheus
  need prometheus-alertmanager prometheus-alertmanager
  for exporter in node mysqld redis nginx; do need "prometheus-$exporter-exporter" "prometheus-$exporter-exporter"; done
  need_file /usr/sbin/logrotate logrotate
  need ss iproute2
  need ps procps
  need shellcheck shellcheck
  # Names of the installation lead to this machine without a change of /etc/hosts.
  compgen -G '/usr/lib/*/libnss_wrapper.so' >/dev/null || packages+=(libnss-wrapper)
fi
if [ "$purpose" = staging ]; then
  need_file /usr/sbin/nft nftables
  need certbot certbot
  compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
fi

# Cargo.toml's rust-version decides whether the Rust at hand will do; Debian's rustc-web is current enough.
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
rust_ok() { have cargo && have rustc && version_at_least "$(rustc -V | awk '{print $2}')" "$wanted"; }
debian_rust=(rustc-web cargo-web)
if ! rust_ok; then
  if have rustup && timeout 300 rustup toolchain install stable --profile minimal -c clippy -c rustfmt && RUSTUP_TOOLCHAIN=stable rust_ok; then
    die "the default Rust is older than $wanted: run 'rustup default stable' and start again"
  fi
  packages+=("${debian_rust[@]}")
  [ "$purpose" != test ] || packages+=(rustfmt-web rust-web-clippy)
fi

install_packages() {
  [ $# -gt 0 ] || return 0
  have apt-get || die "please install these with your package manager: $*"
  say "setup: installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update || say "setup: apt-get update failed, trying with the lists at hand"
  local policy=/usr/sbin/policy-rc.d placed='' unit
  # Only the programs are wanted: nothing is started, now or at the next boot.
  if [ ! -e "$policy" ]; then
    placed=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@" >/dev/null || {
    [ -z "$placed" ] || as_root rm -f "$policy"
    die "apt-get could not install: $*"
  }
  [ -z "$placed" ] || as_root rm -f "$policy"
  [ -d /run/systemd/system ] || return 0
  for unit in nginx redis-server prometheus{,-alertmanager,-{node,mysqld,redis,nginx}-exporter}; do
    [[ " $* " != *" $unit "* ]] || as_root systemctl disable -q --now "$unit" || true
  done
}
install_packages "${packages[@]}"
rust_ok || die "Rust $wanted or newer is needed"

# ---- the standard library for the browser ------------------------------------------------------------------------
build_wasm_sysroot() {
  local work sysroot
  sysroot=$(wasm_sysroot)
  work=$(mktemp -d)
  say "setup: building the standard library for $WASM (about a minute, once)"
  mkdir -p "$work/src"
  echo '#![no_std]' >"$work/src/lib.rs"
  printf '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n[profile.release]\npanic = "abort"\n[workspace]\n' >"$work/Cargo.toml"
  (cd "$work" && env -u RUSTFLAGS RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc /usr/bin/cargo build -q --release \
    -Z build-std=std,panic_abort,proc_macro --target "$WASM" --target-dir "$work/target")
  rm -rf "$sysroot"
  mkdir -p "$sysroot/lib/rustlib/$WASM/lib"
  find "$work/target/$WASM/release/deps" -name '*.rlib' ! -name 'libstd_for_wasm-*' -exec cp -t "$sysroot/lib/rustlib/$WASM/lib" {} +
  touch "$sysroot/complete"
  rm -rf "$work"
}
if ! native_wasm && ! built_wasm; then
  if have rustup; then
    say "setup: rustup target add $WASM"
    timeout 120 rustup target add "$WASM" >/dev/null 2>&1 || say "setup: rustup cannot download it here, using Debian's toolchain"
  fi
  if ! native_wasm; then
    missing=()
    [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ] && version_at_least "$(/usr/bin/rustc -V | awk '{print $2}')" "$wanted" || missing+=("${debian_rust[@]}")
    [ -e /usr/lib/rustlib/src/rust/library/std ] || missing+=(rust-web-src)
    compgen -G '/usr/bin/wasm-ld*' >/dev/null || missing+=("$(apt-cache search --names-only '^lld-[0-9]+$' | awk '{print $1}' | sort -V | tail -n 1)")
    install_packages "${missing[@]}"
    built_wasm || build_wasm_sysroot
  fi
fi

# ---- wasm-bindgen, of exactly the version in Cargo.lock --------------------------------------------------------------
bindgen=$(locked_version wasm-bindgen)
if [ "$(wasm-bindgen --version 2>/dev/null | awk '{print $2}')" != "$bindgen" ]; then
  say "setup: building wasm-bindgen-cli $bindgen (three CPU-minutes, once)"
  quick=(--config 'profile.release.lto=false' --config 'profile.release.opt-level=1' --config 'profile.release.codegen-units=16')
  log=$TOOLS/wasm-bindgen-install.log
  for locked in --locked ''; do
    # shellcheck disable=SC2086
    if (cd "$TOOLS" && env -u CARGO_TARGET_DIR cargo install -q wasm-bindgen-cli --version "=$bindgen" $locked --root "$TOOLS" "${quick[@]}") 2>"$log"; then break; fi
  done
  [ "$(wasm-bindgen --version 2>/dev/null | awk '{print $2}')" = "$bindgen" ] || { cat "$log" >&2; die "could not build wasm-bindgen-cli $bindgen"; }
fi

# ---- npm packages ------------------------------------------------------------------------------------------------------
npm_packages() {
  local folder=$1
  [ -f "$folder/node_modules/.package-lock.json" ] && [ "$(cat "$folder/node_modules/.from" 2>/dev/null)" = "$(sha256sum <"$folder/package-lock.json")" ] && return 0
  say "setup: npm packages of $folder"
  (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-fund --no-audit --loglevel=error)
  sha256sum <"$folder/package-lock.json" >"$folder/node_modules/.from"
}
npm_packages scripts/web-tools
[ "$purpose" != test ] || npm_packages end2end

say "setup: ready"
