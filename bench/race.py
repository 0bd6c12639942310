"""Run contestants by turns and see that they leave the same tables."""

import sys
from typing import Callable, NamedTuple, Sequence

from contestants import MARKS, Contestant
from database import Database
from measure import Command, Sample, measure
from results import Case
from streams import Input


class DifferenceError(Exception):
    """Two contestants did not leave the same tables."""


class Load(NamedTuple):
    """One of the loads that follow each other into the same tables."""

    title: str
    data: Input
    aims: dict[str, float] = {}
    counted: bool = True


class Race(NamedTuple):
    """What all contestants do."""

    workload: str
    mode: str
    loads: Sequence[Load]


def compete(race: Race, contestants: Sequence[Contestant], database: Database, runs: int, warm: bool = True) -> list[Case]:
    """All runs. Each starts from nothing; a warm-up run, in which the server makes its log files and the system fills its
    caches, is not counted. The order is reversed from run to run, and after each run the tables must be equal."""
    cases = {
        load.title: Case(race.workload, load.title, load.data.rows, {c.name: [] for c in contestants},
                         contestants[0].name, aims=load.aims)
        for load in race.loads if load.counted
    }
    for run in range(0 if warm else 1, runs + 1):
        for contestant in contestants if run % 2 == 0 else list(contestants)[::-1]:
            database.empty(contestant.schema)
            for load in race.loads:
                sample = timed(contestant.command(load.data, race.mode), database)
                if run > 0 and load.counted:
                    cases[load.title].samples[contestant.name].append(sample)
                said(run, race.workload, load.title, contestant.name, sample)
        equal(race, contestants, database)
    for contestant in contestants:
        database.empty(contestant.schema)
    return list(cases.values())


def equal(race: Race, contestants: Sequence[Contestant], database: Database) -> None:
    """Complain unless all tables have the same rows."""
    streams, extra = race.loads[-1].data.streams, tuple(MARKS.get(race.mode, {}))
    contents = {c.name: database.content(c.schema, streams, () if c.schema.startswith("peer_") else extra)
                for c in contestants}
    if len(set(contents.values())) > 1:
        raise DifferenceError(f"{race.workload}: the tables differ (rows | sum of hashes): {contents}")


def timed(command: Command, database: Database, settle: bool = True) -> Sample:
    """One load, with what it cost the server."""
    if settle:
        database.settle()
    before = database.cpu()
    sample = measure(command)
    after = database.cpu()
    if before is None or after is None:
        return sample
    return sample._replace(server=after - before)


def said(run: int, workload: str, load: str, name: str, sample: Sample) -> None:
    """Progress, for whoever waits."""
    label = f"run {run}" if run else "warm-up"
    print(f"{label}: {workload}, {load}, {name}: {sample.wall:.3f} s", file=sys.stderr)


def each_run(runs: int, load: Callable[[int], Sample], warm: bool = True) -> list[Sample]:
    """The samples of one who competes with nobody."""
    samples = [load(run) for run in range(0 if warm else 1, runs + 1)]
    return samples[1:] if warm else samples
