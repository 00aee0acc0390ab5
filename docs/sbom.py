# ruff: noqa: INP001  docs is no package
"""Write the list of everything that is not ours, as CycloneDX 1.6: `make sbom`.

It is made from the hashed locks and the files named in docs/third-party.md, so a commit always gives the same
list. `required` is what the running service holds, `excluded` what only building and testing need.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
FILE = "docs/reference/sbom.cdx.json"
LOCKS = ("run", "dev", "tools", "uv")
"""In `requirements/`; what the first names is what runs."""
NPM = "tests/atnet/package-lock.json"
PINNED = re.compile(r"^([\w.-]+)==([^ \\;]+)", re.MULTILINE)
VENDORED = re.compile(r"^\| `([^`]+)` \| ([^|]+) \| \[([^\]]+)\]", re.MULTILINE)


def locked() -> Iterator[dict[str, Any]]:
    """Give the components of the Python locks, each once, with the lock that names it first."""
    seen: set[str] = set()
    for lock in LOCKS:
        file = f"requirements/{lock}.txt"
        for name, version in PINNED.findall((ROOT / file).read_text(encoding="utf-8")):
            purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
            if purl not in seen:
                seen.add(purl)
                yield _component(name, version, purl, file, runs=lock == "run")


def from_npm() -> Iterator[dict[str, Any]]:
    """Give the components of the tests' npm lock, each once."""
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / NPM).read_text(encoding="utf-8"))["packages"]
    found = {(path.rpartition("node_modules/")[2], one["version"]) for path, one in packages.items() if path}
    for name, version in sorted(found):
        yield _component(name, version, f"pkg:npm/{quote(name, safe='/')}@{version}", NPM, runs=False)


def vendored() -> Iterator[dict[str, Any]]:
    """Give the files of others that lie in this repository, with their hash."""
    page = (ROOT / "docs/third-party.md").read_text(encoding="utf-8")
    for path, work, licence in VENDORED.findall(page):
        yield {
            "type": "file",
            "bom-ref": path,
            "name": path,
            "description": work,
            "scope": "excluded" if path.startswith("tests/") else "required",
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256((ROOT / path).read_bytes()).hexdigest()}],
            "licenses": [{"license": {"name": licence}}],
        }


def _component(name: str, version: str, purl: str, lock: str, *, runs: bool) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "scope": "required" if runs else "excluded",
        "properties": [{"name": "languette:lock", "value": lock}],
    }


def sbom() -> str:
    """Give the list as JSON, a component a line."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = {"type": "application", "bom-ref": "languette", "name": "languette", "version": project["version"]}
    components = ",\n".join(json.dumps(one) for one in (*locked(), *from_npm(), *vendored()))
    return (
        '{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,\n'
        f'"metadata": {{"component": {json.dumps(ours)}}},\n"components": [\n{components}\n]}}\n'
    )


if __name__ == "__main__":
    (ROOT / FILE).write_text(sbom(), encoding="utf-8")
