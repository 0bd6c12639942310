"""Samples to Markdown."""

import platform
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Sequence

from measure import Sample

# loads -> contestants -> one sample a run, in the order of the runs
Results = dict[str, dict[str, list[Sample]]]


def table(results: Results, rows: int) -> str:
    """A line for each load and contestant."""
    lines = [
        "| load | program | wall s, min / median / max | rows/s | CPU s | server CPU s | peak memory MB |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for load, by_name in results.items():
        for name, samples in by_name.items():
            walls = [s.wall for s in samples]
            lines.append(
                f"| {load} | {name} | {min(walls):.2f} / **{statistics.median(walls):.2f}** / {max(walls):.2f} "
                f"| {rows / statistics.median(walls):,.0f} | {median(samples, 'cpu'):.2f} "
                f"| {median(samples, 'server'):.2f} | {median(samples, 'memory') / 1e6:.0f} |"
            )
    return "\n".join(lines)


def ratios(results: Results) -> str:
    """How much longer everybody takes than the first contestant: pairs of one run cancel the machine's moods."""
    lines = []
    for load, by_name in results.items():
        (base_name, base), *others = by_name.items()
        for name, samples in others:
            of_medians, of_pairs = compare(samples, base)
            lines.append(
                f"- {load}: {name} takes {of_medians:.2f} × {base_name} by the medians, "
                f"{of_pairs:.2f} × by the median of {len(base)} pairs"
            )
    return "\n".join(lines)


def compare(samples: Sequence[Sample], base: Sequence[Sample]) -> tuple[float, float]:
    """The ratio of the median wall times, and the median of the ratios run by run."""
    of_medians = median(samples, "wall") / median(base, "wall")
    return of_medians, statistics.median(s.wall / b.wall for s, b in zip(samples, base))


def median(samples: Sequence[Sample], field: str) -> float:
    """The median of one field of the samples."""
    return statistics.median(getattr(s, field) for s in samples)


def machine(server: str) -> str:
    """Where and with what it was measured."""
    lines = [
        f"- {_processor()}, {_memory_gib()} GiB, {platform.system()} {platform.release()}",
        f"- PostgreSQL on the same machine: {server}",
        f"- {_first_line('go', 'version')}; revision {_first_line('git', 'describe', '--always', '--dirty')}",
    ]
    return "\n".join(lines)


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
