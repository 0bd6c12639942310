"""The Singer SDK's standard target suite, unchanged, in each load mode that any stream can be loaded in."""

import uuid

import psycopg
import pytest
from external import DSN, ExternalTarget, config
from psycopg import sql
from singer_sdk.testing import get_target_test_class

RUN = uuid.uuid4().hex[:8]
SCHEMAS = {mode: f"conformance_{mode}_{RUN}" for mode in ("default", "append", "replace")}


@pytest.fixture(scope="module", autouse=True)
def clean():
    """The suite's streams share a schema within a mode, as they do in the SDK's own use; it goes at the end."""
    yield
    with psycopg.connect(DSN, autocommit=True) as connection:
        for schema in SCHEMAS.values():
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def suite(mode, **settings):
    return get_target_test_class(
        target_class=ExternalTarget, config=config(SCHEMAS[mode], **settings), parse_env_config=False
    )


class TestDefault(suite("default")):
    """Upsert where the stream has a key, else append."""


class TestAppend(suite("append", load_mode="append")):
    """Every record is a row."""


class TestReplace(suite("replace", load_mode="replace")):
    """Each run leaves its own records."""
