"""What the benchmark asks the server itself, through psql."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from measure import CommandError
from streams import Stream

END = "end of the answer"


class Database:
    """The server under a URL, with a schema for each contestant. One psql answers all questions: starting one for each
    takes longer than a small load, and what a session that goes on costs the server is not counted (see cpu)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self.query("SET timezone = 'UTC'; SET client_min_messages = warning")
        self._main_process = self._find_main_process()
        self._there_before = _children(self._main_process) if self._main_process else set()

    def query(self, sql: str) -> str:
        """The result as psql prints it, unaligned. What psql has to complain about is on standard error."""
        self._psql.stdin.write(f"{sql};\n\\echo {END}\n")
        self._psql.stdin.flush()
        lines = []
        for line in self._psql.stdout:
            if line == f"{END}\n":
                return "".join(lines).strip()
            lines.append(line)
        raise CommandError(f"psql ended with status {self._psql.wait()}")

    def close(self) -> None:
        self._psql.communicate()

    @property
    def address(self) -> str:
        """Host and port."""
        url = urlsplit(self.url)
        return f"{url.hostname}:{url.port or 5432}"

    def settings(self) -> dict[str, str]:
        """The connection in the words of the program's configuration."""
        url = urlsplit(self.url)
        return {
            "host": url.hostname, "port": url.port or 5432, "database": url.path.lstrip("/"),
            "username": unquote(url.username or ""), "password": unquote(url.password or ""),
        }

    def empty(self, schema: str) -> None:
        """Start the next load from nothing."""
        self.query(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')

    def settle(self) -> None:
        """Let what the last load left behind be written now, not during the next one."""
        self.query("CHECKPOINT")

    def content(self, schema: str, streams: list[Stream], extra: tuple[str, ...] = ()) -> str:
        """For each stream the number of rows and a sum over their contents, whatever the rows' order.

        Equal tables give equal texts. Values are compared, not column types: other programs choose others.
        """
        selects = []
        for stream in streams:
            names = [_canonical(name, kind) for name, kind in stream.columns.items()] + [f'"{name}"' for name in extra]
            selects.append(
                f"SELECT '{stream.name}', count(*), sum(hashtextextended(ROW({', '.join(names)})::text, 0)::numeric)"
                f' FROM "{schema}"."{stream.name}"'
            )
        return self.query(" UNION ALL ".join(selects) + " ORDER BY 1")

    def described(self) -> str:
        """Version and the settings that matter for a load."""
        names = ("server_version", "shared_buffers", "fsync", "synchronous_commit", "full_page_writes", "wal_level",
                 "max_wal_size", "autovacuum")
        values = self.query("SELECT " + ", ".join(f"current_setting('{name}')" for name in names)).split("|")
        return ", ".join(f"{name} {value}" for name, value in zip(names, values))

    def cpu(self) -> float | None:
        """CPU seconds of all backends that have ended, or None where the server's process is out of sight."""
        if self._main_process is None:
            return None
        deadline = time.monotonic() + 5
        while any(_is_backend(pid) for pid in _children(self._main_process) - self._there_before):
            if time.monotonic() > deadline:
                return None
            time.sleep(0.001)
        fields = _stat(self._main_process)
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def _find_main_process(self) -> int | None:
        pid = self.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        if urlsplit(self.url).hostname not in {"127.0.0.1", "::1", "localhost"} or not pid:
            return None
        if not Path(f"/proc/{pid}/stat").exists():
            return None
        return int(_stat(int(pid))[1])


def _canonical(name: str, kind: str) -> str:
    """One text for equal values: numeric 517 and 517.0 are, and so are the instants of both kinds of timestamp."""
    return f'trim_scale("{name}"::numeric)' if kind == "numeric" else f'"{name}"::{kind}'


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()}


def _is_backend(pid: int) -> bool:
    """Whether the server's process serves a client, or did until it ended a moment ago and was not yet buried."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return False
    return "autovacuum" not in title


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat that follow the command's name, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
