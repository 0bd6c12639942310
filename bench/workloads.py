"""What is measured. A workload is a function that returns its cases; WORKLOADS names them all."""

import json
from pathlib import Path
from typing import Callable, NamedTuple

import growth
import link
import peers
import rivals
import shapes
from contestants import Contestant, Instead, Psql, TargetPostgres
from database import Database
from measure import Sample, measure
from race import Load, Race, compete, each_run, said, timed
from results import OURS, Case
from streams import Input, changed, days, flights, made


class Bench(NamedTuple):
    """Everything that workloads need."""

    database: Database
    work: Path  # files of this run
    data: Path  # inputs, kept
    binary: Path  # the program
    tools: Path  # the directory of the helpers in Go
    runs: int
    warm: bool
    sizes: list[int]  # of the growing loads
    flights_file: str | None
    flights_rows: int | None
    share: float  # of the rows that made-up inputs have
    streams: int  # where there are many

    def flights(self) -> Input:
        return flights(self.data, self.flights_file, self.flights_rows)

    def made(self, shape: Callable[[int], shapes.Shape], rows: int) -> Input:
        return made(self.data, shape(max(20, int(rows * self.share))))

    def program(self, name: str = "", **settings: object) -> TargetPostgres:
        return TargetPostgres(self.database, self.work, self.binary, name, **settings)

    def psql(self, straight: bool = False, **merge: object) -> Psql:
        return Psql(self.database, self.work, self.tools, straight, **merge)

    def race(self, workload: str, mode: str, *loads: Load, **settings: object) -> list[Case]:
        """psql and the program, by turns."""
        return compete(Race(workload, mode, loads), [self.psql(mode == "append"), self.program(**settings)], self.database,
                       self.runs, self.warm)


def upsert(bench: Bench) -> list[Case]:
    data = bench.flights()
    return bench.race(
        "flights", "upsert",
        Load("first load", data, {"ratio": 0.5, "cpu": 1.2, "memory": 64}),
        Load("same again", data, {"ratio": 0.8, "memory": 64}),
        Load("a tenth changed", changed(data)),
    )


def validate(bench: Bench) -> list[Case]:
    """What validate_records costs: every record is checked against all keywords of its JSON Schema."""
    loads = [Load("first load", bench.flights())]
    contestants = [bench.program(), bench.program("validate_records", validate_records=True)]
    return compete(Race("validate", "upsert", loads), contestants, bench.database, bench.runs, bench.warm)


def append(bench: Bench) -> list[Case]:
    data = bench.flights()
    return bench.race("append", "append", Load("first load", data, {"ratio": 0.9}), Load("more of it", data, {"ratio": 0.9}))


def replace(bench: Bench) -> list[Case]:
    data = bench.flights()
    table = bench.race("replace", "replace", Load("of nothing", data, {"ratio": 0.8}),
                       Load("of a full table", data, {"ratio": 0.8}))
    rows = bench.race("replace", "replace", Load("first load", data, counted=False),
                      Load("of a full table, replace_by rows", data), replace_by="rows")
    return table + rows


def history(bench: Bench) -> list[Case]:
    data = bench.flights()
    return bench.race("history", "history", Load("first load", data, {"ratio": 0.8}), Load("a tenth changed", changed(data)))


def soft_delete(bench: Bench) -> list[Case]:
    data = bench.flights()
    return bench.race("soft_delete", "soft_delete", Load("first load", data, {"ratio": 0.8}),
                      Load("a tenth changed", changed(data)))


def insert_only(bench: Bench) -> list[Case]:
    """on_conflict: ignore, where all keys are there."""
    data = bench.flights()
    race = Race("insert_only", "upsert", [Load("first load", data, counted=False), Load("same again", data, {"ratio": 0.7})])
    return compete(race, [bench.psql(ignore_conflicts=True), bench.program(on_conflict="ignore")], bench.database, bench.runs, bench.warm)


def order_by(bench: Bench) -> list[Case]:
    """order_by beside psql that does the same, and beside the upsert without."""
    data = bench.flights()
    first = Load("first load", data, counted=False)
    again = Race("order_by", "upsert", [first, Load("same again", data, {"ratio": 0.8})])
    cases = compete(again, [bench.psql(order=["time_hour"]), bench.program(order_by="time_hour")], bench.database, bench.runs, bench.warm)
    without = Race("order_by", "upsert", [first, Load("same again, beside none", data, {"ratio": 1.1}),
                                          Load("a tenth changed, beside none", changed(data), {"ratio": 1.1})])
    return cases + _against(bench, without, bench.program(), bench.program("order_by", order_by="time_hour"))


def a_slice(bench: Bench) -> list[Case]:
    """A slice of a tenth beside psql that does the same, and beside the replace of all rows."""
    data = bench.flights()
    tenth, by = days(data, 3), ["day"]
    first = Load("of a full table", data, counted=False)
    sliced = Race("slice", "replace", [first, Load("a tenth", tenth, {"ratio": 0.8})])
    cases = compete(sliced, [bench.psql(slice=by), bench.program(slice=by)], bench.database, bench.runs, bench.warm)
    whole = Race("slice", "replace", [first, Load("a tenth, beside all rows", tenth, {"ratio": 0.25})])
    return cases + _against(bench, whole, Instead(bench.program(), tenth, data), bench.program("slice", slice=by))


def formats(bench: Bench) -> list[Case]:
    """copy_format: the program in each of them, beside psql that copies CSV."""
    data = bench.flights()
    cases = []
    for mode, loads in {"upsert": [Load("first load", data), Load("same again", data), Load("a tenth changed", changed(data))],
                        "append": [Load("first load", data), Load("more of it", data)],
                        "replace": [Load("of nothing", data), Load("of a full table", data)]}.items():
        named = [load._replace(title=f"{mode}, {load.title}") for load in loads]
        contestants = [bench.psql(mode == "append"), *(bench.program(form, copy_format=form) for form in ("csv", "text", "binary"))]
        cases += compete(Race("formats", mode, named), contestants, bench.database, bench.runs, bench.warm)
    for case in cases:
        case.subject = "binary"
    return cases


def _against(bench: Bench, race: Race, base: Contestant, subject: Contestant) -> list[Case]:
    """The program beside itself with other settings."""
    cases = compete(race, [base, subject], bench.database, bench.runs, bench.warm)
    for case in cases:
        case.subject = subject.name
    return cases


def wide(bench: Bench) -> list[Case]:
    return _shape(bench, "wide", bench.made(shapes.wide, 20_000))


def nested(bench: Bench) -> list[Case]:
    return _shape(bench, "nested", bench.made(shapes.nested, 200_000))


def tiny(bench: Bench) -> list[Case]:
    return _shape(bench, "tiny", bench.made(shapes.tiny, 1_000_000))


def _shape(bench: Bench, name: str, data: Input) -> list[Case]:
    return bench.race(name, "upsert", Load("first load", data, {"ratio": 1.1}), Load("same again", data, {"ratio": 1.1}))


def small(bench: Bench) -> list[Case]:
    """A hundred streams of ten new rows, into tables that are there and have ten others."""
    before, after = (made(bench.data, shapes.many(bench.streams, 10, first)) for first in (0, 10))
    cases = bench.race("small", "upsert", Load("first load", before, counted=False),
                       Load(f"{bench.streams} streams of 10 rows", after, {"seconds": 0.3}))
    measure(bench.program().command(before, "upsert"))
    cases[0].notes = link.counted(bench, after)
    bench.database.empty(bench.program().schema)
    return cases


def schemas(bench: Bench) -> list[Case]:
    """Nothing but SCHEMA messages, of tables that are there."""
    count = max(3, int(1000 * bench.share))
    file = bench.data / f"schemas-{count}.singer"
    lines = [
        json.dumps({"type": "SCHEMA", "stream": f"known_{n}", "key_properties": ["id"], "schema": {"properties": {
            "id": shapes.KEY, "n": shapes.INTEGER, "word": shapes.TEXT, "at": shapes.INSTANT}}})
        for n in range(count)
    ]
    file.write_text("\n".join([*lines, '{"type": "STATE", "value": 1}', ""]), encoding="utf-8")
    program = bench.program()
    command = program.command(Input(file, []), "upsert")
    bench.database.empty(program.schema)
    timed(command, bench.database)

    def load(run: int) -> Sample:
        sample = timed(command, bench.database)
        said(run, "schemas", "known tables", OURS, sample)
        return sample

    case = Case("schemas", f"{count:,} SCHEMA messages of known tables", 0, aims={"seconds": 1.0})
    case.samples = {OURS: each_run(bench.runs, load, bench.warm)}
    case.notes = {"round trips": link.counted(bench, Input(file, []))["round trips"]}
    bench.database.empty(program.schema)
    return [case]


def one_record(bench: Bench) -> Input:
    """An input of one record."""
    return made(bench.data, shapes.many(1, 1))


WORKLOADS: dict[str, Callable[[Bench], list[Case]]] = {
    "flights": upsert, "append": append, "replace": replace, "history": history, "soft_delete": soft_delete,
    "insert_only": insert_only, "order_by": order_by, "slice": a_slice, "formats": formats,
    "wide": wide, "nested": nested, "tiny": tiny, "validate": validate,
    "small": small, "schemas": schemas, "start": lambda bench: link.start(bench, one_record(bench)),
    "link": lambda bench: link.slow(bench, bench.flights()),
    "pace": lambda bench: link.paced(bench, bench.flights()),
    "growth": lambda bench: growth.grow(bench, bench.flights()),
    "peers": lambda bench: peers.race(bench, bench.flights()),
    "rivals": lambda bench: rivals.race(bench, bench.flights()),
}
