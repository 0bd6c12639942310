"""What a rival's script is asked to do, and the SQL that its users write around it."""

import json
import sys
from typing import NamedTuple

ARROW = {"bigint": "int64", "numeric": "float64", "text": "string", "boolean": "bool", "timestamptz": "timestamp"}
DUCKDB = {"bigint": "BIGINT", "numeric": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "timestamptz": "TIMESTAMPTZ"}


class Task(NamedTuple):
    """One load of one stream into a table that is made if it is not there."""

    url: str
    schema: str
    table: str
    mode: str  # append, or upsert by keys
    keys: list[str]
    columns: dict[str, str]  # name to PostgreSQL type
    singer: str
    parquet: str

    @property
    def names(self) -> str:
        return ", ".join(f'"{name}"' for name in self.columns)

    @property
    def into(self) -> str:
        return f'"{self.schema}"."{self.table}"'

    def create(self, floats: bool = False) -> list[str]:
        """The schema and the table. A library that writes binary rows wants its own type for numbers."""
        kinds = {name: "double precision" if floats and kind == "numeric" else kind for name, kind in self.columns.items()}
        columns = [f'"{name}" {kind}' for name, kind in kinds.items()]
        if self.mode == "upsert":
            columns.append(f"PRIMARY KEY ({self.by})")
        return [f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"', f"CREATE TABLE IF NOT EXISTS {self.into} ({', '.join(columns)})"]

    @property
    def by(self) -> str:
        return ", ".join(f'"{key}"' for key in self.keys)

    def merge(self, staged: str) -> str:
        """Rows whose values are the same are written again, as the statement that everybody writes does."""
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in self.columns if name not in self.keys)
        return (f"INSERT INTO {self.into} ({self.names}) SELECT {self.names} FROM {staged} "
                f"ON CONFLICT ({self.by}) DO UPDATE SET {changes}")


def asked() -> Task:
    """The task in the file that the command line names."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return Task(**json.load(file))
