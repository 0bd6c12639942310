"""The built program, in the shape that the Singer SDK's test suite expects of a target written in Python."""

import json
import os
import subprocess
import sys
import tempfile
from urllib.parse import unquote, urlsplit

from singer_sdk.exceptions import MissingKeyPropertiesError, RecordsWithoutSchemaException

BINARY = os.environ["TARGET_BIN"]
DSN = os.environ["TEST_POSTGRES_DSN"]
TIMEOUT = 120


def config(schema, **settings):
    """The program's configuration for the server under test."""
    url = urlsplit(DSN)
    return {
        "host": url.hostname, "port": url.port or 5432, "database": url.path.lstrip("/"),
        "username": unquote(url.username or ""), "password": unquote(url.password or ""),
        "schema": schema, **settings,
    }


def run(arguments, stdin=""):
    """The program's exit status and output."""
    return subprocess.run(
        [BINARY, *arguments], input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT, check=False
    )


def load(settings, stdin):
    """A run with this configuration and input."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(settings, file)
        file.flush()
        return run(["--config", file.name], stdin)


class ExternalTarget:
    """What the SDK's runner calls, each call answered by running the program."""

    name = "target-postgres"

    def __init__(self, *, config=None, **_):
        self._settings = config or {}
        self._lines = []

    def process_lines(self, lines):
        self._lines = list(lines)

    def process_endofpipe(self):
        done = load(self._settings, "".join(self._lines))
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        if done.returncode == 0:
            return
        # The suite tells errors apart by their Python class, the program by its words.
        if "before a corresponding schema" in done.stderr:
            raise RecordsWithoutSchemaException(done.stderr[-500:])
        if "missing one or more key_properties" in done.stderr:
            raise MissingKeyPropertiesError(done.stderr[-500:])
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[-800:]}")

    def print_version(self, print_fn=print):
        done = run(["--version"])
        assert done.returncode == 0 and done.stdout.strip(), done.stderr
        print_fn(done.stdout)

    def print_about(self, output_format=None):
        done = run(["--about", *([f"--format={output_format}"] if output_format else [])])
        assert done.returncode == 0, done.stderr
        if output_format == "json":
            assert {"name", "version", "capabilities", "settings"} <= json.loads(done.stdout).keys()
        print(done.stdout)
