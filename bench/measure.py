"""Run one command and measure it: wall time, CPU time and peak memory.

The measuring happens in a small interpreter of its own (this file run as a script), because on Linux a child's peak
memory starts at that of the process that forked it. What remains of that floor is about 9 MB.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Sample(NamedTuple):
    """What one run cost. Times are in seconds, memory in bytes."""

    wall: float
    cpu: float  # user and system time of the command and of the children it waited for
    memory: int  # the largest resident set of any one process
    server: float = 0.0  # CPU time of the server's backends; 0 where it cannot be read
    started: float = 0.0  # when, in seconds since 1970


class Command(NamedTuple):
    """What is measured: a command, and where its standard input comes from."""

    argv: list[str]
    stdin: Path | None = None
    producer: list[str] | None = None  # a command that writes the standard input; it is not measured
    env: dict[str, str] = {}  # what is added to the environment


class CommandError(Exception):
    """A measured command did not exit with status 0; its text ends with what it wrote to stderr."""


def measure(command: Command) -> Sample:
    """Run the command to its end, its output thrown away, and return what it cost."""
    with open(command.stdin or os.devnull, "rb") as source:
        producer = subprocess.Popen(command.producer, stdout=subprocess.PIPE) if command.producer else None
        if producer:
            _widen(producer.stdout.fileno())
        done = subprocess.run(
            [sys.executable, "-I", "-S", __file__, *command.argv], env={**os.environ, **command.env},
            stdin=producer.stdout if producer else source, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        )
        if producer:
            producer.stdout.close()
            producer.wait()
    if done.returncode:
        raise CommandError(f"{command.argv[0]}: {done.stderr.decode(errors='replace')[-2000:]}")
    if producer and producer.returncode:
        raise CommandError(f"{command.producer[0]}: exit status {producer.returncode}")
    return Sample(**json.loads(done.stdout))


def _widen(pipe: int) -> None:
    """A larger pipe lets the producer run ahead. What the system does not allow stays as it is."""
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    except (AttributeError, OSError):
        pass


def main(argv: list[str]) -> int:
    sink = os.open(os.devnull, os.O_WRONLY)
    began, started = time.time(), time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, sink, 1)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    unit = 1 if sys.platform == "darwin" else 1024
    cost = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss * unit, "started": began}
    print(json.dumps(cost))
    return os.waitstatus_to_exitcode(status) and 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
