#!/usr/bin/env python3
"""Checks every dependency against deny.toml: licence, banned crates, source. Reads `cargo metadata`, needs no network.

The advisory database is NOT consulted: it cannot be had from the package registry. `cargo deny check advisories` does
that where GitHub can be reached.
"""
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


def allowed(expression: str, allow: set[str]) -> bool:
    """Whether an SPDX expression can be met with allowed licences alone. `/` is Cargo's old spelling of OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def either() -> bool:
        result = both()
        while tokens and tokens[0].upper() == "OR":
            tokens.pop(0)
            result = both() or result
        return result

    def both() -> bool:
        result = one()
        while tokens and tokens[0].upper() == "AND":
            tokens.pop(0)
            result = one() and result
        return result

    def one() -> bool:
        token = tokens.pop(0)
        if token == "(":
            result = either()
            tokens.pop(0)
            return result
        if tokens and tokens[0].upper() == "WITH":
            tokens.pop(0)
            return f"{token} WITH {tokens.pop(0)}" in allow
        return token in allow or token.removesuffix("+") in allow

    return either()


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    allow = set(rules["licenses"]["allow"])
    banned = {entry["name"] for entry in rules["bans"]["deny"]}
    command = ["cargo", "metadata", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    used = {node["id"] for node in metadata["resolve"]["nodes"]}
    problems, seen = [], 0
    for package in metadata["packages"]:
        if package["id"] not in used:
            continue
        seen += 1
        name = f'{package["name"]} {package["version"]}'
        if package["name"] in banned:
            problems.append(f"{name}: banned")
        if package["source"] not in (None, CRATES_IO):
            problems.append(f'{name}: comes from {package["source"]}')
        if package["source"] is None and not package["manifest_path"].startswith(str(ROOT)):
            problems.append(f"{name}: a path outside the repository")
        if package["source"] is None:
            wild = [d["name"] for d in package["dependencies"] if d["req"] == "*" and not d.get("path")]
            problems += [f"{name}: depends on any version of {dependency}" for dependency in wild]
        if not package["license"]:
            problems.append(f'{name}: no licence expression ({package["license_file"]})')
        elif not allowed(package["license"], allow):
            problems.append(f'{name}: licence {package["license"]}')
    for problem in sorted(problems):
        print(f"deny: {problem}", file=sys.stderr)
    print(f"deny: {seen} packages, {len(problems)} problems; security advisories are not checked here")
    return 1 if problems or seen < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
