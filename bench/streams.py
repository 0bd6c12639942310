"""The measured input: one Singer stream, and the same rows as the CSV that psql is given ready-made."""

import gzip
import hashlib
import json
import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

FLIGHTS_ROWS = 336_776  # as many flights as left New York City in 2013
STATE_EVERY = 10_000


class Stream(NamedTuple):
    """A stream in a file, and what the baseline must know about it."""

    name: str
    singer: Path
    csv: Path
    rows: int
    columns: dict[str, str]  # name to PostgreSQL type
    keys: list[str]


def flights(data: Path, given: str | None, rows: int | None) -> Stream:
    """The flights in the given file, or else made up: the same bytes whenever they are made."""
    data.mkdir(parents=True, exist_ok=True)
    if given:
        source = Path(given)
        stamp = source.stat()
        key = hashlib.sha256(f"{source.resolve()} {stamp.st_size} {stamp.st_mtime_ns}".encode()).hexdigest()[:8]
        singer = data / f"given-{key}.singer"
        made = _once(singer, lambda out: _unpack(source, out))
    else:
        singer = data / f"flights-{rows or FLIGHTS_ROWS}.singer"
        made = _once(singer, lambda out: _write_lines(out, synthetic(rows or FLIGHTS_ROWS)))
    if given and rows:
        cut, whole = data / f"{singer.stem}-{rows}.singer", singer
        made = _once(cut, lambda out: _write_lines(out, _head(whole, rows))) or made
        singer = cut
    csv = singer.with_suffix(".csv")
    if made:
        csv.unlink(missing_ok=True)
    _once(csv, lambda out: _write_lines(out, csv_lines(singer)))
    with singer.open(encoding="utf-8") as lines:
        schema = json.loads(next(lines))
    with csv.open("rb") as lines:
        count = sum(1 for _ in lines)
    columns = {name: column_type(prop) for name, prop in schema["schema"]["properties"].items()}
    return Stream(schema["stream"], singer, csv, count, columns, schema["key_properties"])


def column_type(prop: dict) -> str:
    """The type of a property's column, for the few that these streams have."""
    if prop.get("format") == "date-time":
        return "timestamptz"
    kinds = {kind for kind in [prop["type"]] for kind in (kind if isinstance(kind, list) else [kind])} - {"null"}
    return {"integer": "bigint", "number": "numeric", "string": "text", "boolean": "boolean"}[kinds.pop()]


def csv_lines(singer: Path) -> Iterator[str]:
    """The stream's records as PostgreSQL's CSV: null is an empty field, text is quoted, numbers keep their digits."""
    names: list[str] = []
    with singer.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line, parse_float=Number, parse_int=Number)
            if message["type"] == "SCHEMA":
                names = list(message["schema"]["properties"])
            elif message["type"] == "RECORD":
                yield ",".join(_field(message["record"].get(name)) for name in names)


class Number(str):
    """A number's own digits."""


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Number):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else json.dumps(value)
    return '"' + text.replace('"', '""') + '"'


def synthetic(rows: int) -> Iterator[str]:
    """A stream shaped like the flights: same columns, types, widths and share of nulls."""
    integer, number = {"type": ["null", "integer"]}, {"type": ["null", "number"]}
    text = {"type": ["null", "string"]}
    properties = {
        "id": {"type": "integer"}, "year": integer, "month": integer, "day": integer,
        "dep_time": number, "sched_dep_time": integer, "dep_delay": number,
        "arr_time": number, "sched_arr_time": integer, "arr_delay": number,
        "carrier": text, "flight": integer, "tailnum": text, "origin": text, "dest": text,
        "air_time": number, "distance": integer, "hour": integer, "minute": integer,
        "time_hour": {**text, "format": "date-time"},
    }
    yield json.dumps({
        "type": "SCHEMA", "stream": "flights", "schema": {"type": "object", "properties": properties},
        "key_properties": ["id"],
    })
    chance = random.Random(2013)
    for n in range(rows):
        yield json.dumps({
            "type": "RECORD", "stream": "flights", "record": _flight(chance, n, n / rows),
            "time_extracted": "2026-11-23T00:00:00Z",
        })
        if (n + 1) % STATE_EVERY == 0 or n + 1 == rows:
            yield json.dumps({"type": "STATE", "value": {"bookmarks": {"flights": {"id": n}}}})


def _flight(chance: random.Random, n: int, part_of_year: float) -> dict:
    day = datetime(2013, 1, 1) + timedelta(days=int(365 * part_of_year))
    leaves = day + timedelta(minutes=chance.randrange(5 * 60, 24 * 60))
    minutes = chance.randrange(30, 400)
    delay, gained = int(chance.gauss(12, 30)), int(chance.gauss(5, 15))
    cancelled = chance.random() < 0.025
    left, planned = leaves + timedelta(minutes=delay), leaves + timedelta(minutes=minutes + 20)
    arrived = planned + timedelta(minutes=delay - gained)
    tail = f"N{chance.randrange(100, 999)}{chance.choice('ABCDEFGH')}{chance.choice('ABCDEFGH')}"

    def flown(value: int) -> float | None:
        return None if cancelled else float(value)

    return {
        "id": n, "year": leaves.year, "month": leaves.month, "day": leaves.day,
        "dep_time": flown(_clock(left)), "sched_dep_time": _clock(leaves), "dep_delay": flown(delay),
        "arr_time": flown(_clock(arrived)), "sched_arr_time": _clock(planned), "arr_delay": flown(delay - gained),
        "carrier": chance.choice(("UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX")),
        "flight": chance.randrange(1, 6182), "tailnum": tail,
        "origin": chance.choice(("EWR", "JFK", "LGA")),
        "dest": chance.choice(("ORD", "ATL", "LAX", "BOS", "MCO", "CLT", "SFO", "FLL", "MIA", "DCA")),
        "air_time": flown(minutes), "distance": minutes * 7, "hour": leaves.hour, "minute": leaves.minute,
        "time_hour": leaves.strftime("%Y-%m-%dT%H:00:00Z"),
    }


def _clock(moment: datetime) -> int:
    return moment.hour * 100 + moment.minute


def _head(singer: Path, rows: int) -> Iterator[str]:
    """The stream cut after so many records, with the STATE that then belongs at its end."""
    with singer.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")
            rows -= line.startswith('{"type": "RECORD"')
            if rows == 0:
                break
    yield json.dumps({"type": "STATE", "value": {"cut": True}})


def _unpack(source: Path, out: Path) -> None:
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rb") as packed, out.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)


def _write_lines(out: Path, lines: Iterator[str]) -> None:
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


def _once(path: Path, write: Callable[[Path], None]) -> bool:
    """Write the file unless it is there; an interrupted attempt leaves none. True when it was written."""
    if path.exists():
        return False
    partial = path.with_suffix(".partial")
    write(partial)
    partial.rename(path)
    return True
