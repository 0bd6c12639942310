"""Fixtures: a schema of its own for each test that looks at tables."""

import uuid

import psycopg
import pytest
from external import DSN
from psycopg import sql


@pytest.fixture
def connection():
    """A connection that sees what the program has committed."""
    with psycopg.connect(DSN, autocommit=True) as open_connection:
        yield open_connection


@pytest.fixture
def schema(connection):
    """The name of a schema that the program is to make, removed afterwards."""
    name = f"conformance_{uuid.uuid4().hex[:12]}"
    yield name
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture
def rows(connection, schema):
    """rows(table, column, …): the columns' values, ordered by the first one."""

    def fetch(table, *columns):
        query = sql.SQL("SELECT {} FROM {} ORDER BY 1").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, table)
        )
        return connection.execute(query).fetchall()

    return fetch
