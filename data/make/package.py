"""Write the size and SHA-256 of every data file into data/datapackage.json, and look for gaps.

    python data/make/package.py

Run it after any change of a file under data/. It ends with a list, and fails, if a file is not
described, or a described file does not exist. Descriptions themselves are written by hand.
"""

from __future__ import annotations

import json
import sys
from hashlib import file_digest
from pathlib import Path

DATA = Path(__file__).resolve().parents[1]
DESCRIBED_FOLDERS = ("tables", "layers", "checks")


def refresh(resource: dict) -> None:
    """Set ``bytes`` and ``hash`` of one resource from its file."""
    file = DATA / resource["path"]
    with file.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    resource["bytes"], resource["hash"] = file.stat().st_size, f"sha256:{digest}"


def gaps(resources: list[dict]) -> list[str]:
    """One sentence for each file without a description and each description without a file."""
    described = {resource["path"]: resource["name"] for resource in resources}
    present = {
        path.relative_to(DATA).as_posix()
        for folder in DESCRIBED_FOLDERS
        for path in (DATA / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    return [
        f"data/{path} is not described: add a resource for it to data/datapackage.json."
        for path in sorted(present - described.keys())
    ] + [
        f"data/{path} does not exist: put the file back, or take the resource {name!r} out of data/datapackage.json."
        for path, name in described.items()
        if not (DATA / path).is_file()
    ]


def main() -> None:
    description = DATA / "datapackage.json"
    package = json.loads(description.read_text(encoding="utf-8"))
    found = [resource for resource in package["resources"] if (DATA / resource["path"]).is_file()]
    for resource in found:
        refresh(resource)
    description.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} files: size and SHA-256 written to data/datapackage.json")
    if problems := gaps(package["resources"]):
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
