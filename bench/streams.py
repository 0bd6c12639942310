"""The measured input: Singer streams in a file, and the same rows as CSV beside it (see rows.py)."""

import gzip
import hashlib
import json
import shutil
from pathlib import Path
from typing import Callable, Iterable, Iterator, NamedTuple

import shapes
from rows import column_type, write_csv

EXTRACTED = "2026-11-23T00:00:00Z"
STATE_EVERY = 10_000


class Stream(NamedTuple):
    """One stream, and what the baseline must know about it."""

    name: str
    csv: Path
    rows: int
    columns: dict[str, str]  # name to PostgreSQL type
    keys: list[str]


class Input(NamedTuple):
    """A file of Singer messages and the streams in it."""

    singer: Path
    streams: list[Stream]

    @property
    def rows(self) -> int:
        return sum(stream.rows for stream in self.streams)


def flights(data: Path, given: str | None, rows: int | None) -> Input:
    """The flights in the given file, or else made up: the same bytes whenever they are made."""
    data.mkdir(parents=True, exist_ok=True)
    if not given:
        return made(data, shapes.flights(rows or shapes.FLIGHTS_ROWS))
    source = Path(given)
    stamp = source.stat()
    key = hashlib.sha256(f"{source.resolve()} {stamp.st_size} {stamp.st_mtime_ns}".encode()).hexdigest()[:8]
    singer = data / f"given-{key}.singer"
    _once(singer, lambda out: _unpack(source, out))
    if rows:
        whole, singer = singer, data / f"given-{key}-{rows}.singer"
        _once(singer, lambda out: _write_lines(out, _head(whole, rows)))
    return described(singer)


def made(data: Path, shape: shapes.Shape) -> Input:
    """A made-up stream, or several."""
    data.mkdir(parents=True, exist_ok=True)
    name = f"{shape.name}-{shape.streams}x{shape.rows}-from-{shape.first}-v{shapes.VERSION}"
    singer = data / f"{name}.singer"
    _once(singer, lambda out: _write_lines(out, _messages(shape)))
    return described(singer)


def changed(original: Input) -> Input:
    """The same stream, every tenth record changed in one field that is a number."""
    singer = original.singer.with_name(f"{original.singer.stem}-changed.singer")
    _once(singer, lambda out: _write_lines(out, _changed_lines(original.singer)))
    return described(singer)


def days(original: Input, most: int) -> Input:
    """The records of the first days of every month: three of them are about a tenth."""
    singer = original.singer.with_name(f"{original.singer.stem}-days-{most}.singer")

    def lines() -> Iterator[str]:
        with original.singer.open(encoding="utf-8") as all_lines:
            for line in all_lines:
                if not line.startswith('{"type": "RECORD"') or json.loads(line)["record"]["day"] <= most:
                    yield line.rstrip("\n")

    _once(singer, lambda out: _write_lines(out, lines()))
    return described(singer)


def described(singer: Path) -> Input:
    """The streams of a file; their CSV is written beside it."""
    schemas = {}
    with singer.open(encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith('{"type": "SCHEMA"'):
                break
            message = json.loads(line)
            schemas[message["stream"]] = message
    paths = {name: singer.with_name(f"{singer.stem}.{name}.csv") for name in schemas}
    if not all(path.exists() for path in paths.values()):
        write_csv(singer, paths)
    return Input(singer, [_stream(message, paths[name]) for name, message in schemas.items()])


def _stream(message: dict, csv: Path) -> Stream:
    columns = {name: column_type(prop) for name, prop in message["schema"]["properties"].items()}
    with csv.open("rb") as lines:
        return Stream(message["stream"], csv, sum(1 for _ in lines), columns, message["key_properties"])


def _messages(shape: shapes.Shape) -> Iterator[str]:
    names = [shape.name] if shape.streams == 1 else [f"{shape.name}_{i}" for i in range(shape.streams)]
    for name in names:
        yield json.dumps({
            "type": "SCHEMA", "stream": name, "schema": {"type": "object", "properties": shape.properties},
            "key_properties": ["id"],
        })
    written = 0
    for record in shape.records():
        for name in names:
            yield json.dumps({"type": "RECORD", "stream": name, "record": record, "time_extracted": EXTRACTED})
        written += 1
        if written % STATE_EVERY == 0:
            yield _state(written)
    yield _state(written)


def _state(position: int) -> str:
    return json.dumps({"type": "STATE", "value": {"bookmarks": {"position": position}}})


def _changed_lines(singer: Path) -> Iterator[str]:
    field, records = "", 0
    with singer.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"type": "SCHEMA"'):
                message = json.loads(line)
                field = next(name for name, prop in message["schema"]["properties"].items()
                             if name not in message["key_properties"] and column_type(prop) == "bigint")
            if line.startswith('{"type": "RECORD"'):
                records += 1
                if records % 10 == 3:
                    message = json.loads(line)
                    message["record"][field] = (message["record"][field] or 0) + 1
                    line = json.dumps(message)
            yield line.rstrip("\n")


def _head(singer: Path, rows: int) -> Iterator[str]:
    """The stream cut after so many records, with the STATE that then belongs at its end."""
    with singer.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")
            rows -= line.startswith('{"type": "RECORD"')
            if rows == 0:
                break
    yield _state(rows)


def _unpack(source: Path, out: Path) -> None:
    opener = gzip.open if source.suffix == ".gz" else open
    with opener(source, "rb") as packed, out.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)


def _write_lines(out: Path, lines: Iterable[str]) -> None:
    with out.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


def _once(path: Path, write: Callable[[Path], None]) -> None:
    """Write the file unless it is there; an interrupted attempt leaves none."""
    if path.exists():
        return
    partial = path.with_suffix(".partial")
    write(partial)
    partial.rename(path)
