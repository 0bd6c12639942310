"""Writes a vulnerability database for govulncheck: empty, or with one entry about all of a module.

    vulndb.py FOLDER [MODULE]
"""

import json
import pathlib
import sys

TIME = "2026-01-01T00:00:00Z"
ID = "GO-2026-0001"


def write(folder, modules):
    entries = [{"path": path, "vulns": [{"id": ID, "modified": TIME}]} for path in modules]
    files = {"index/db.json": {"modified": TIME}, "index/modules.json": entries, "index/vulns.json": [{"id": ID, "modified": TIME} for _ in modules]}
    for path in modules:
        files[f"ID/{ID}.json"] = {
            "schema_version": "1.3.1", "id": ID, "modified": TIME, "published": TIME, "summary": "An entry of a test", "details": "None.",
            "database_specific": {"url": f"about:{ID}"},
            "affected": [{
                "package": {"name": path, "ecosystem": "Go"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
                "ecosystem_specific": {"imports": [{"path": path}]},
            }],
        }
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), sys.argv[2:])
