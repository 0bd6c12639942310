"""The records of a Singer stream as the CSV that psql is given ready-made, and the types of its columns."""

import json
from pathlib import Path
from typing import Iterable, Iterator


def column_type(prop: dict) -> str:
    """The type of a property's column, for the few that these streams have."""
    if prop.get("format") == "date-time":
        return "timestamptz"
    kinds = {kind for kind in [prop["type"]] for kind in (kind if isinstance(kind, list) else [kind])} - {"null"}
    return {"integer": "bigint", "number": "numeric", "string": "text", "boolean": "boolean",
            "object": "jsonb"}[kinds.pop()]


def csv_lines(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The records as PostgreSQL's CSV, each with its stream's name. Null is an empty field, numbers keep their digits."""
    names: dict[str, list[str]] = {}
    for line in lines:
        message = json.loads(line, parse_float=Number, parse_int=Number)
        if message["type"] == "SCHEMA":
            names[message["stream"]] = list(message["schema"]["properties"])
        elif message["type"] == "RECORD":
            stream, record = message["stream"], message["record"]
            yield stream, ",".join(_field(record.get(name)) for name in names[stream])


class Number(str):
    """A number's own digits."""


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Number):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else json.dumps(_plain(value))
    return '"' + text.replace('"', '""') + '"'


def _plain(value: object) -> object:
    if isinstance(value, Number):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def write_csv(singer: Path, paths: dict[str, Path]) -> None:
    """Write a file for each stream; an interrupted attempt leaves none that is not whole."""
    partial = {name: path.with_suffix(".partial") for name, path in paths.items()}
    files = {name: path.open("w", encoding="utf-8", newline="\n") for name, path in partial.items()}
    with singer.open(encoding="utf-8") as lines:
        for name, line in csv_lines(lines):
            files[name].write(line + "\n")
    for name, file in files.items():
        file.close()
        partial[name].rename(paths[name])
