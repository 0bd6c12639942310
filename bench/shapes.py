"""Made-up rows, from fixed seeds: the same bytes on every machine."""

import random
from datetime import datetime, timedelta
from typing import Callable, Iterator, NamedTuple

FLIGHTS_ROWS = 336_776  # as many flights as left New York City in 2013
VERSION = 1  # to be raised when rows change, so that old files are not taken for new ones

INTEGER, NUMBER = {"type": ["null", "integer"]}, {"type": ["null", "number"]}
TEXT, BOOLEAN = {"type": ["null", "string"]}, {"type": ["null", "boolean"]}
INSTANT, DOCUMENT = {**TEXT, "format": "date-time"}, {"type": ["null", "object"]}
KEY = {"type": "integer"}


class Shape(NamedTuple):
    """What a stream looks like. Several streams have the same records."""

    name: str
    rows: int
    properties: dict[str, dict]
    row: Callable[[random.Random, int], dict]
    streams: int = 1
    first: int = 0  # the id of the first record

    def records(self) -> Iterator[dict]:
        chance = random.Random(2013)
        for n in range(self.first, self.first + self.rows):
            yield {"id": n, **self.row(chance, n)}


def flights(rows: int) -> Shape:
    """Columns, types, widths and share of nulls of the real ones."""
    properties = {
        "id": KEY, "year": INTEGER, "month": INTEGER, "day": INTEGER,
        "dep_time": NUMBER, "sched_dep_time": INTEGER, "dep_delay": NUMBER,
        "arr_time": NUMBER, "sched_arr_time": INTEGER, "arr_delay": NUMBER,
        "carrier": TEXT, "flight": INTEGER, "tailnum": TEXT, "origin": TEXT, "dest": TEXT,
        "air_time": NUMBER, "distance": INTEGER, "hour": INTEGER, "minute": INTEGER, "time_hour": INSTANT,
    }
    return Shape("flights", rows, properties, lambda chance, n: _flight(chance, n / rows))


def wide(rows: int) -> Shape:
    """200 columns of five types in turn, a tenth of the values null."""
    kinds = (INTEGER, NUMBER, TEXT, BOOLEAN, INSTANT)
    properties = {"id": KEY, **{f"field_{i:03}": kinds[i % 5] for i in range(199)}}

    def row(chance: random.Random, n: int) -> dict:
        values = (
            lambda: chance.randrange(1_000_000), lambda: chance.randrange(10_000_000) / 100, lambda: _word(chance),
            lambda: chance.random() < 0.5, lambda: _instant(chance),
        )
        return {f"field_{i:03}": None if chance.random() < 0.1 else values[i % 5]() for i in range(199)}

    return Shape("wide", rows, properties, row)


def nested(rows: int) -> Shape:
    """40 % of a record's bytes are one document."""
    properties = {
        "id": KEY, "customer": INTEGER, "status": TEXT, "comment": TEXT, "amount": NUMBER, "paid": BOOLEAN,
        "created_at": INSTANT, "updated_at": INSTANT, "detail": DOCUMENT,
    }

    def row(chance: random.Random, n: int) -> dict:
        return {
            "customer": chance.randrange(100_000), "status": chance.choice(("new", "paid", "sent", "back")),
            "comment": " ".join(_word(chance) for _ in range(6)), "amount": chance.randrange(1_000_000) / 100,
            "paid": chance.random() < 0.5, "created_at": _instant(chance), "updated_at": _instant(chance),
            "detail": {
                "address": {"street": _word(chance), "city": _word(chance)},
                "items": [{"sku": _word(chance), "n": chance.randrange(9)} for _ in range(2)],
                "tags": [_word(chance)], "gift": chance.random() < 0.1, "note": None,
            },
        }

    return Shape("nested", rows, properties, row)


def tiny(rows: int) -> Shape:
    """Three columns: what a record costs before its values."""
    properties = {"id": KEY, "n": INTEGER, "word": TEXT}
    return Shape("tiny", rows, properties, lambda chance, n: {"n": chance.randrange(1000), "word": _word(chance)})


def many(streams: int, rows: int, first: int = 0) -> Shape:
    """Many streams of few rows. Another first id makes other rows."""
    properties = {"id": KEY, "n": INTEGER, "word": TEXT, "at": INSTANT}

    def row(chance: random.Random, n: int) -> dict:
        return {"n": chance.randrange(1000), "word": _word(chance), "at": _instant(chance)}

    return Shape("many", rows, properties, row, streams, first)


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(4, 12)))


def _instant(chance: random.Random) -> str:
    return (datetime(2020, 1, 1) + timedelta(seconds=chance.randrange(150_000_000))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _flight(chance: random.Random, part_of_year: float) -> dict:
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
        "year": leaves.year, "month": leaves.month, "day": leaves.day,
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
