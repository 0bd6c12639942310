"""What the suite's own streams must leave in the tables: the suite itself only asks that nothing fails."""

import json
from importlib.resources import files

import pytest
from external import config, load

STREAMS = files("singer_sdk.testing") / "target_test_streams"


@pytest.fixture
def loaded(schema):
    """loaded(stream file): loads it, expects success, and returns what was written to stdout."""

    def run(name, **settings):
        done = load(config(schema, **settings), (STREAMS / f"{name}.singer").read_text(encoding="utf-8"))
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_last_record_of_a_key_wins(loaded, rows):
    loaded("duplicate_records")
    assert rows("test_duplicate_records", "id", "metric") == [(1, 100), (2, 20)]


def test_append_keeps_every_record(loaded, rows):
    loaded("duplicate_records", load_mode="append")
    assert sorted(rows("test_duplicate_records", "id", "metric")) == [(1, 1), (1, 10), (1, 100), (2, 2), (2, 20)]


def test_state_leaves_bare_and_once(loaded):
    assert list(map(json.loads, loaded("duplicate_records").splitlines())) == [{"test_duplicate_records": 2}]


def test_last_state_is_never_lost(loaded):
    last = loaded("multiple_state_messages").splitlines()[-1]
    assert json.loads(last) == {"test_multiple_state_messages_a": 5, "test_multiple_state_messages_b": 6}


def test_second_load_updates_and_adds(loaded, rows):
    loaded("user_location_data")
    loaded("user_location_upsert_data")
    assert rows("test_users", "id", "name") == [
        (1, "Johny"), (2, "George"), (3, "Jacob"), (4, "Josh"), (5, "Jim"), (8, "Thomas"), (12, "Paul"), (13, "Mary"),
    ]
    assert rows("test_user_in_location", "id", "info")[0] == (1, {"weather": "rainy", "mood": "sad"})


def test_names_keep_their_case(loaded, rows):
    loaded("camelcase")
    assert rows("TestCamelcase", "Id", "clientName") == [
        ("1", "Gitter Windows Desktop App"), ("2", "Gitter iOS App"),
    ]


def test_any_name_is_a_table(loaded, rows):
    loaded("special_chars_in_attributes")
    assert rows("test:SpecialChars!in?attributes", "d") == [
        ({"env": "prod", "agent:type": "desktop", "agent:os:version": "10.13.1"},),
    ]


def test_absent_fields_are_null(loaded, rows):
    loaded("optional_attributes")
    assert rows("test_optional_attributes", "id", "optional") == [
        (1, "This is optional"), (2, None), (3, "Also optional"), (4, None),
    ]


def test_fields_are_added_within_a_run(loaded, rows):
    loaded("schema_updates")
    got = rows("test_schema_updates", "id", "a1", "a3", "a4", "a5", "a6")
    assert got[0] == (1, 101, None, None, None, None)
    assert got[2] == (3, 103, False, {"id": 1, "value": 1}, ["banana", "apple"], None)
    assert got[5] == (6, 106, True, {"id": 4, "value": 444}, ["banana", "orange"], 341)


def test_text_arrives_unharmed_but_for_what_postgresql_cannot_store(loaded, rows):
    loaded("encoded_string_data")
    text = dict(rows("test_strings", "id", "info"))
    assert text[2] == "απλή συμβολοσειρά"
    assert text[6] == 'various " \\ / \n escape sequences'
    assert text[10] == "Double quoting: \\u0000 \\u0041 \\u0001"
    assert text[11] == "Control Characters in string: \ufffd A \x01"
    objects = dict(rows("test_strings_in_objects", "id", "info"))
    assert objects[11]["value"] == "\ufffd A \x01"
    arrays = dict(rows("test_strings_in_arrays", "id", "strings"))
    assert arrays[4] == ["m", "ā", "ƙ"]
