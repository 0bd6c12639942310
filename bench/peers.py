"""Other programs that load the same stream, each installed from the package registry into an environment of its own."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import shapes
from database import Database
from measure import Command, CommandError, measure
from race import Load, Race, compete
from results import Case
from streams import Input

HERE = Path(__file__).parent
RUNS = 3  # they take minutes


class Kind(NamedTuple):
    """A peer, at the version that was measured."""

    name: str
    requirements: list[str]


SDK = Kind("meltanolabs-target-postgres, use_copy", ["meltanolabs-target-postgres==0.8.1"])
PIPELINEWISE = Kind("pipelinewise-target-postgres", ["pipelinewise-target-postgres==2.1.2"])
DLT = Kind("dlt, CSV", ["dlt[postgres]==1.31.0"])


class Peer:
    """A contestant that runs in its environment."""

    def __init__(self, kind: Kind, database: Database, work: Path) -> None:
        self.name, self._kind, self._database, self._work = kind.name, kind, database, work
        self.schema = "peer_" + "".join(c if c.isalnum() else "_" for c in kind.name.split(",")[0])
        self._programs = environment(kind.requirements)

    def command(self, data: Input, mode: str) -> Command:
        if self._kind is DLT:
            argv = [str(self._programs / "python"), str(HERE / "peer_dlt.py"), self.schema, str(self._work / "dlt")]
            return Command(argv, data.singer, env={"BENCH_URL": self._database.url})
        config = self._work / f"{self.schema}.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps(self._config()), encoding="utf-8")
        return Command([str(self._programs / "target-postgres"), "--config", str(config)], data.singer)

    def _config(self) -> dict[str, object]:
        s = self._database.settings()
        shared = {"host": s["host"], "port": s["port"], "user": s["username"], "password": s["password"],
                  "default_target_schema": self.schema}
        if self._kind is SDK:
            return {**shared, "database": s["database"], "use_copy": True, "add_record_metadata": False,
                    "activate_version": False}
        return {**shared, "dbname": s["database"], "add_metadata_columns": False}


def environment(requirements: list[str]) -> Path:
    """The directory of the programs of a virtual environment that is made once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "target-postgres-bench"
    key = hashlib.sha256(f"{sys.version} {requirements}".encode()).hexdigest()[:16]
    home = cache / key
    if not (home / "complete").exists():
        print(f"installing {' '.join(requirements)}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(home / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                        *requirements], check=True)
        (home / "complete").touch()
    return home / "bin"


def race(bench, data: Input) -> list[Case]:
    """All peers that run here, beside the program and psql. Whoever does not install or run is named."""
    few = bench.made(shapes.flights, 1000)
    contestants, remarks = [bench.program(), bench.psql()], []
    for kind in (SDK, PIPELINEWISE, DLT):
        try:
            peer = Peer(kind, bench.database, bench.work)
            bench.database.empty(peer.schema)
            measure(peer.command(few, "upsert"))  # its modules are compiled once
            contestants.append(peer)
        except (subprocess.CalledProcessError, CommandError) as failure:
            remarks.append(f"{kind.name} does not install or run with Python {sys.version.split()[0]}")
            print(f"{remarks[-1]}: {failure}", file=sys.stderr)
    cases = compete(Race("peers", "upsert", [Load("first load", data)]), contestants, bench.database,
                    min(RUNS, bench.runs), warm=False)
    for case in cases:
        case.aims, case.remarks = {"faster": 20}, remarks
    return cases
