"""Prints the bill of materials of a built program, as CycloneDX: what Go itself wrote into the binary.

    python3 release/sbom.py BINARY VERSION
"""

import hashlib
import json
import pathlib
import subprocess
import sys


def component(path, version, **more):
    return {
        "type": "library", "name": path, "version": version, "purl": f"pkg:golang/{path}@{version}",
        "bom-ref": f"pkg:golang/{path}@{version}", **more,
    }


def bill(binary, version):
    """The modules that are linked into the binary, and the Go release that is."""
    said = subprocess.run(["go", "version", "-m", "-json", binary], capture_output=True, check=True, text=True).stdout
    build = json.loads(said)
    modules = [
        # Go's own checksum is of the module's files, in a form of its own, so it is no "hash" of CycloneDX's kinds.
        component(m["Path"], m["Version"], properties=[{"name": "go:sum", "value": m.get("Sum", "")}], scope="required")
        for m in build.get("Deps", [])
    ]
    modules.append(component("std", build["GoVersion"].removeprefix("go"), scope="required"))
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "component": component(
                build["Main"]["Path"], version, type="application",
                hashes=[{"alg": "SHA-256", "content": hashlib.sha256(pathlib.Path(binary).read_bytes()).hexdigest()}],
            ),
        },
        "components": modules,
        "dependencies": [{"ref": f"pkg:golang/{build['Main']['Path']}@{version}", "dependsOn": [m["bom-ref"] for m in modules]}],
    }


if __name__ == "__main__":
    json.dump(bill(*sys.argv[1:3]), sys.stdout, indent=2)
