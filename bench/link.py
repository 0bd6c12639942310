"""The line between the program and the server: how long until the first COPY, what distance costs, and what more
connections gain where COPY is slow."""

import json
import subprocess
from pathlib import Path

from measure import Command, Sample, measure
from race import DifferenceError, each_run, said
from results import OURS, Case
from streams import Input

DELAY = 0.010  # one way, in seconds
PAUSE = 0.040  # after each 64 KiB of rows
PACED = 300_000  # rows for each connection


class Link:
    """A proxy before the server; report is what it saw, once it has ended."""

    def __init__(self, tools: Path, server: str, delay: float, pause: float = 0) -> None:
        self._process = subprocess.Popen(
            [str(tools / "slowlink"), "-to", server, "-delay", f"{delay}s", "-pause", f"{pause}s"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        host, _, port = self._process.stdout.readline().strip().rpartition(":")
        self.settings = {"host": host, "port": int(port), "ssl_mode": "disable"}
        self.report: dict[str, float] = {}

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_: object) -> None:
        said_last, _ = self._process.communicate()
        self.report = json.loads(said_last)


def start(bench, data: Input) -> list[Case]:
    """From the start of the process to the first COPY, without the time in which the server lets it in."""
    program = bench.program()
    bench.database.empty(program.schema)
    measure(program.command(data, "upsert"))
    seen: list[dict[str, float]] = []

    def load(run: int) -> Sample:
        with Link(bench.tools, bench.database.address, 0) as line:
            sample = measure(bench.program(**line.settings).command(data, "upsert"))
        seen.append(line.report)
        waited = line.report["ready"] - line.report["accepted"]
        sample = sample._replace(wall=line.report["first_copy"] - sample.started - waited)
        said(run, "start", "to the first COPY", OURS, sample)
        return sample

    case = Case("start", "to the first COPY, less the server's time to connect", 1, aims={"seconds": 0.06})
    select = Command(["psql", "-X", "-q", bench.database.url, "-c", "SELECT 1"])
    case.samples = {
        OURS: each_run(bench.runs, load, bench.warm),
        f"{OURS}, the whole run of one record": each_run(bench.runs, lambda _: measure(program.command(data, "upsert"))),
        "psql -c 'SELECT 1', the whole run": each_run(bench.runs, lambda _: measure(select)),
    }
    case.notes = {"round trips before the first COPY": seen[-1]["before_copy"]}
    bench.database.empty(program.schema)
    return [case]


def slow(bench, data: Input) -> list[Case]:
    """The same loads over a line of 0 and of 20 ms there and back."""
    names = {0.0: "0 ms", DELAY: f"{2000 * DELAY:.0f} ms"}
    cases = {
        title: Case("link", title, data.rows, {name: [] for name in names.values()}, names[0.0], names[DELAY], {"ratio": 1.3})
        for title in ("first load", "same again")
    }
    for run in range(0 if bench.warm else 1, bench.runs + 1):
        contents = set()
        for delay in names if run % 2 == 0 else list(names)[::-1]:
            schema = f"link_{delay * 1000:.0f}"
            bench.database.empty(schema)
            for title, case in cases.items():
                with Link(bench.tools, bench.database.address, delay) as line:
                    program = bench.program(schema=schema, **line.settings)
                    bench.database.settle()
                    sample = measure(program.command(data, "upsert"))
                said(run, "link", title, names[delay], sample)
                if run:
                    case.samples[names[delay]].append(sample)
                    case.notes = _noted(line.report)
            contents.add(bench.database.content(schema, data.streams))
            bench.database.empty(schema)
        if len(contents) > 1:
            raise DifferenceError(f"link: the tables differ: {contents}")
    return list(cases.values())


def paced(bench, data: Input) -> list[Case]:
    """Loads into a server whose COPY is slow, over more and more connections. Each has the same number of rows to copy,
    so that the time stays the same where nothing but the server limits the load."""
    cases = []
    for mode in ("append", "upsert"):
        for connections in (1, 2, 4, 8):
            rows = max(1, int(PACED * bench.share)) * connections
            case = Case("pace", f"{mode} over {connections}", rows)
            for _ in range(min(3, bench.runs)):
                bench.database.empty("pace")
                with Link(bench.tools, bench.database.address, 0, PAUSE) as line:
                    program = bench.program(schema="pace", parallelism=connections, **line.settings)
                    sample = measure(program.command(data, mode, [str(bench.tools / "pour"), "-rows", str(rows), str(data.singer)]))
                case.samples.setdefault(OURS, []).append(sample)
                case.notes = {"connections busy at once": line.report["most_busy"], "on average": line.report["busy"]}
            cases.append(case)
            bench.database.empty("pace")
        least = [min(sample.wall for sample in case.samples[OURS]) for case in cases[-4:]]
        for case, wall in zip(cases[-4:], least):
            case.notes["part of the throughput of so many alone"] = least[0] / wall
    return cases


def counted(bench, data: Input) -> dict[str, float]:
    """The round trips of one more load."""
    with Link(bench.tools, bench.database.address, 0) as line:
        measure(bench.program(**line.settings).command(data, "upsert"))
    return _noted(line.report)


def _noted(report: dict[str, float]) -> dict[str, float]:
    return {
        "connections": report["connections"], "round trips": report["round_trips"],
        "round trips before the first COPY": report["before_copy"], "checkpoints": report["checkpoints"],
        "round trips per checkpoint": report["after_copy"] / max(1, report["checkpoints"]),
    }
