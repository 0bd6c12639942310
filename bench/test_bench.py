"""The parts of the benchmark that could lie: its inputs and its arithmetic. Run: python3 -m unittest discover bench"""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measure import CommandError, Sample, measure
from report import compare, table
from streams import column_type, csv_lines, flights, synthetic


class Streams(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.data = Path(self.folder.name)

    def test_csv_keeps_digits_tells_null_from_empty_and_quotes_text(self):
        singer = self.data / "a.singer"
        singer.write_text(
            '{"type":"SCHEMA","stream":"a","schema":{"properties":{"n":{},"s":{},"b":{},"o":{}}},"key_properties":[]}\n'
            '{"type":"RECORD","stream":"a","record":{"n":1.50,"s":"","b":true,"o":{"x":"\\""}}}\n'
            '{"type":"STATE","value":1}\n'
            '{"type":"RECORD","stream":"a","record":{"s":"say \\"hi\\",\\nthen","n":12345678901234567890}}\n',
            encoding="utf-8",
        )
        self.assertEqual(
            ['1.50,"",t,"{""x"": ""\\""""}"', '12345678901234567890,"say ""hi"",\nthen",,'],
            list(csv_lines(singer)),
        )

    def test_made_up_flights_are_the_same_every_time(self):
        self.assertEqual(list(synthetic(50)), list(synthetic(50)))

    def test_made_up_flights_end_with_a_state_and_have_nulls(self):
        lines = [json.loads(line) for line in synthetic(500)]
        self.assertEqual("STATE", lines[-1]["type"])
        records = [line["record"] for line in lines if line["type"] == "RECORD"]
        self.assertEqual(list(range(500)), [r["id"] for r in records])
        self.assertEqual(set(lines[0]["schema"]["properties"]), set(records[0]))
        self.assertTrue(any(r["dep_time"] is None for r in records))

    def test_a_given_stream_can_be_cut_and_is_read_again_when_it_changes(self):
        given = self.data / "given.singer"
        given.write_text("\n".join(synthetic(20)) + "\n", encoding="utf-8")
        self.assertEqual(20, flights(self.data / "d", str(given), None).rows)
        self.assertEqual(5, flights(self.data / "d", str(given), 5).rows)
        given.write_text("\n".join(synthetic(30)) + "\n", encoding="utf-8")
        self.assertEqual(30, flights(self.data / "d", str(given), None).rows)

    def test_columns_get_the_types_that_the_program_gives_them(self):
        self.assertEqual("bigint", column_type({"type": ["null", "integer"]}))
        self.assertEqual("numeric", column_type({"type": "number"}))
        self.assertEqual("timestamptz", column_type({"type": ["string", "null"], "format": "date-time"}))


class Measuring(unittest.TestCase):
    def test_memory_is_the_commands_own_not_the_benchmarks(self):
        ballast = bytearray(b"x") * (96 << 20)
        sample = measure([sys.executable, "-I", "-S", "-c", "pass"])
        self.assertLess(sample.memory, len(ballast) // 2)
        self.assertGreater(sample.wall, 0)

    def test_a_failed_command_says_what_it_wrote(self):
        with self.assertRaisesRegex(CommandError, "out of order"):
            measure([sys.executable, "-c", "import sys; sys.exit('out of order')"])


class Reporting(unittest.TestCase):
    def test_ratios_are_of_medians_and_of_pairs(self):
        base = [Sample(1.0, 0, 0), Sample(2.0, 0, 0), Sample(4.0, 0, 0)]
        ours = [Sample(3.0, 0, 0), Sample(3.0, 0, 0), Sample(4.0, 0, 0)]
        self.assertEqual((1.5, 1.5), compare(ours, base))
        self.assertEqual((0.5, 1.0), compare([Sample(1.0, 0, 0)] * 2 + [Sample(4.0, 0, 0)], base))

    def test_table_shows_the_spread(self):
        samples = [Sample(2.0, 0.5, 10_000_000, 1.5), Sample(1.0, 0.5, 10_000_000, 1.5), Sample(4.0, 0.5, 10_000_000, 1.5)]
        line = table({"first load": {"it": samples}}, 1000).splitlines()[2]
        self.assertEqual("| first load | it | 1.00 / **2.00** / 4.00 | 500 | 0.50 | 1.50 | 10 |", line)


if __name__ == "__main__":
    unittest.main()
