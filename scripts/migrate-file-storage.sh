#!/usr/bin/env bash
# usage: migrate-file-storage.sh [--target staging|systemd|compose] --from PLACE --to PLACE [--dry-run] [--delete-source] [OPTION…]
#
# Moves all files from one place to another; a place is a folder, or s3://bucket with the configured keys. Broken off, the same command
# goes on where it stopped. Each file counts only when it was read back from the target and is the same; nothing is deleted at the source
# unless --delete-source is given, and then only when every file is verified.
# The source's own S3 service and keys: SOURCE_S3_ENDPOINT, SOURCE_AWS_ACCESS_KEY_ID, SOURCE_AWS_SECRET_ACCESS_KEY (staging only; elsewhere
# put them into the settings). With compose and systemd, folders are those that the program sees.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
if ! given --from || ! given --to; then die "say --from PLACE and --to PLACE; --help tells more"; fi
state=()
given --state || state=(--state "$(a_state)/files-migration.jsonl")
grader files migrate "${state[@]}" "${REST[@]}"
