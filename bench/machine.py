"""Where and with what it was measured."""

import platform
import shutil
import subprocess
from pathlib import Path


def described(server: str) -> list[str]:
    return [
        f"{_processor()}, {_memory_gib()} GiB, {platform.system()} {platform.release()}",
        f"PostgreSQL on the same machine: {server}",
        f"{_first_line('go', 'version')}, Python {platform.python_version()}",
    ]


def revision() -> str:
    """That of the program."""
    return _first_line("git", "describe", "--always", "--dirty")


def _processor() -> str:
    names, cores = set(), 0
    info = Path("/proc/cpuinfo")
    for line in info.read_text(encoding="utf-8").splitlines() if info.exists() else []:
        cores += line.startswith("processor")
        if line.startswith("model name"):
            names.add(line.partition(":")[2].strip())
    return f"{cores or '?'} cores of {' and '.join(names) or platform.machine()}"


def _memory_gib() -> str:
    info = Path("/proc/meminfo")
    if not info.exists():
        return "?"
    return f"{int(info.read_text(encoding='utf-8').split()[1]) / 2**20:.0f}"


def _first_line(*argv: str) -> str:
    if not shutil.which(argv[0]):
        return f"no {argv[0]}"
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0] if done.returncode == 0 and done.stdout else "unknown"
