"""Puts a binary into a Python wheel, so that pip, and with it Meltano's pip_url, installs it as target-postgres.

    python3 release/wheel.py BINARY VERSION SYSTEM/ARCH FOLDER
"""

import base64
import hashlib
import pathlib
import re
import sys
import zipfile

NAME = "singular-target-postgres"
SUMMARY = "Loads streams of records into PostgreSQL: a Singer target in one static binary."

# The binary is static: it runs with either C library. The oldest macOS is that of Go itself.
TAGS = {
    "linux/amd64": "manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
    "windows/amd64": "win_amd64",
    "windows/arm64": "win_arm64",
}


def python_version(version):
    """The version as Python has it: of `git describe`, which counts commits since a tag, a later build of that tag."""
    match = re.fullmatch(r"v?(\d+\.\d+\.\d+)(?:-(\d+)-g([0-9a-f]+))?(-dirty)?", version)
    if match:
        number, commits, revision, dirty = match.groups()
        local = ".".join(filter(None, [revision and f"g{revision}", dirty and "dirty"]))
        return number + (f".post{commits}" if commits else "") + (f"+{local}" if local else "")
    return "0.0.0+" + (re.sub(r"[^a-z0-9]+", ".", version.lower()).strip(".") or "dev")


def record_line(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


def build(binary, version, platform, folder):
    """Writes the wheel and returns its path."""
    version = python_version(version)
    stem = f"{NAME.replace('-', '_')}-{version}"
    script = "target-postgres.exe" if platform.startswith("windows/") else "target-postgres"
    tags = "".join(f"Tag: py3-none-{tag}\n" for tag in TAGS[platform].split("."))
    readme = (pathlib.Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    files = {
        f"{stem}.data/scripts/{script}": pathlib.Path(binary).read_bytes(),
        f"{stem}.dist-info/METADATA": (
            f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\nSummary: {SUMMARY}\nLicense: MIT\n"
            f"Keywords: singer,meltano,postgres,etl\nRequires-Python: >=3.8\n"
            f"Description-Content-Type: text/markdown\n\n{readme}"
        ).encode(),
        f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: wheel.py\nRoot-Is-Purelib: false\n{tags}".encode(),
    }
    record = f"{stem}.dist-info/RECORD"
    files[record] = ("".join(record_line(*item) for item in files.items()) + f"{record},,\n").encode()
    path = pathlib.Path(folder) / f"{stem}-py3-none-{TAGS[platform]}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            # A fixed time, so that the same binary makes the same wheel.
            info = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(info, content)
    return path


if __name__ == "__main__":
    print(build(*sys.argv[1:5]))
