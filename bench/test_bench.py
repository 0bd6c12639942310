"""The parts of the benchmark that could lie: its inputs and its arithmetic. Run: python3 -m unittest discover bench"""

import json
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import plots
import report
import shapes
from measure import Command, CommandError, Sample, measure
from results import OURS, Case, Results, read
from rows import column_type, csv_lines
from streams import changed, described, flights, made


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class Streams(InFolder):
    def test_csv_keeps_digits_tells_null_from_empty_and_quotes_text(self):
        lines = (
            '{"type":"SCHEMA","stream":"a","schema":{"properties":{"n":{},"s":{},"b":{},"o":{}}},"key_properties":[]}',
            '{"type":"RECORD","stream":"a","record":{"n":1.50,"s":"","b":true,"o":{"x":"\\"","y":[1.5]}}}',
            '{"type":"STATE","value":1}',
            '{"type":"RECORD","stream":"a","record":{"s":"say \\"hi\\",\\nthen","n":12345678901234567890}}',
        )
        self.assertEqual(
            [("a", '1.50,"",t,"{""x"": ""\\"""", ""y"": [1.5]}"'), ("a", '12345678901234567890,"say ""hi"",\nthen",,')],
            list(csv_lines(lines)),
        )

    def test_made_up_rows_are_the_same_every_time(self):
        for shape in (shapes.flights, shapes.wide, shapes.nested, shapes.tiny):
            self.assertEqual(list(shape(20).records()), list(shape(20).records()))

    def test_made_up_flights_end_with_a_state_and_have_nulls(self):
        text = made(self.folder, shapes.flights(500)).singer.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual("STATE", lines[-1]["type"])
        records = [line["record"] for line in lines if line["type"] == "RECORD"]
        self.assertEqual(list(range(500)), [r["id"] for r in records])
        self.assertEqual(set(lines[0]["schema"]["properties"]), set(records[0]))
        self.assertTrue(any(r["dep_time"] is None for r in records))

    def test_made_up_rows_have_what_their_schema_names(self):
        for shape in (shapes.flights(5), shapes.wide(5), shapes.nested(5), shapes.tiny(5), shapes.many(2, 5)):
            for record in shape.records():
                self.assertEqual(list(shape.properties), list(record))

    def test_two_fifths_of_a_nested_record_are_its_document(self):
        records = list(shapes.nested(500).records())
        share = sum(len(json.dumps(r["detail"])) for r in records) / sum(len(json.dumps(r)) for r in records)
        self.assertAlmostEqual(0.4, share, delta=0.03)

    def test_many_streams_share_a_file_and_have_their_own_csv(self):
        data = made(self.folder, shapes.many(3, 10, first=10))
        self.assertEqual((30, 3, 3), (data.rows, len(data.streams), len({stream.csv for stream in data.streams})))
        self.assertEqual("10,", data.streams[2].csv.read_text()[:3])

    def test_every_tenth_record_changes_and_no_key(self):
        data = made(self.folder, shapes.flights(200))
        old, new = data.streams[0].csv.read_text().splitlines(), changed(data).streams[0].csv.read_text().splitlines()
        self.assertEqual(20, sum(a != b for a, b in zip(old, new, strict=True)))
        self.assertEqual([line.split(",")[0] for line in old], [line.split(",")[0] for line in new])

    def test_a_given_stream_can_be_cut_and_is_read_again_when_it_changes(self):
        given, data = self.folder / "given.singer", self.folder / "data"
        given.write_text(made(self.folder, shapes.flights(20)).singer.read_text(), encoding="utf-8")
        self.assertEqual(20, flights(data, str(given), None).rows)
        self.assertEqual(5, flights(data, str(given), 5).rows)
        given.write_text(made(self.folder, shapes.flights(30)).singer.read_text(), encoding="utf-8")
        self.assertEqual(30, flights(data, str(given), None).rows)

    def test_csv_that_is_there_is_not_written_again(self):
        data = made(self.folder, shapes.flights(20))
        data.streams[0].csv.write_text("1\n2\n", encoding="utf-8")
        self.assertEqual(2, described(data.singer).rows)

    def test_columns_get_the_types_that_the_program_gives_them(self):
        self.assertEqual("bigint", column_type({"type": ["null", "integer"]}))
        self.assertEqual("numeric", column_type({"type": "number"}))
        self.assertEqual("jsonb", column_type({"type": ["null", "object"]}))
        self.assertEqual("timestamptz", column_type({"type": ["string", "null"], "format": "date-time"}))


class Measuring(unittest.TestCase):
    def test_memory_is_the_commands_own_not_the_benchmarks(self):
        ballast = bytearray(b"x") * (96 << 20)
        sample = measure(Command([sys.executable, "-I", "-S", "-c", "pass"]))
        self.assertLess(sample.memory, len(ballast) // 2)
        self.assertGreater(sample.wall, 0)

    def test_a_producer_is_read_and_costs_nothing(self):
        code = "import sys; sys.exit(len(sys.stdin.read()) != 3_000_000)"
        busy = "import sys\nfor _ in range(5_000_000): pass\nsys.stdout.write('x' * 3_000_000)"
        sample = measure(Command([sys.executable, "-I", "-S", "-c", code], producer=[sys.executable, "-c", busy]))
        alone = measure(Command([sys.executable, "-I", "-S", "-c", busy]))
        self.assertLess(sample.cpu, alone.cpu)

    def test_a_failed_command_says_what_it_wrote(self):
        with self.assertRaisesRegex(CommandError, "out of order"):
            measure(Command([sys.executable, "-c", "import sys; sys.exit('out of order')"]))

    def test_a_failed_producer_is_noticed(self):
        with self.assertRaisesRegex(CommandError, "exit status 3"):
            measure(Command(["cat"], producer=[sys.executable, "-c", "import sys; sys.exit(3)"]))


def case(workload: str = "flights", **aims: float) -> Case:
    walls = {"psql": (1.0, 2.0, 4.0), OURS: (0.5, 1.6, 2.0)}
    samples = {name: [Sample(wall, 0.5, 10_000_000, 1.5) for wall in each] for name, each in walls.items()}
    return Case(workload, "first load", 1000, samples, "psql", aims=aims)


class Reporting(InFolder):
    def test_the_ratio_is_the_median_of_pairs(self):
        self.assertEqual([0.5, 0.8, 0.5], case().pairs(OURS))
        self.assertEqual(0.5, case().ratio(OURS))

    def test_the_table_shows_the_spread_and_what_was_reached(self):
        line = report.loads(Results([case(ratio=0.4, memory=64)])).splitlines()[3]
        self.assertEqual(
            "|  | 1,000 | target-postgres | 0.50 / **1.60** / 2.00 | 0.50 | ≤ 0.40 ×: **0.50 × missed**; ≤ 64 MB: 10 MB "
            "| 0.50 | 1.50 | 10 |", line)

    def test_being_faster_is_about_the_fastest_of_the_others(self):
        peers = case("peers", faster=3)
        peers.base, peers.samples["slow"] = OURS, [Sample(20, 1, 1)] * 3
        peers.samples["quick"] = [Sample(8, 1, 1)] * 3
        self.assertEqual("≥ 3 × faster: 5 × faster", report.aim(peers))
        peers.aims["faster"] = 6
        self.assertEqual("≥ 6 × faster: **5 × faster missed**", report.aim(peers))

    def test_results_are_read_as_they_were_written_and_a_workload_takes_its_old_place(self):
        path = self.folder / "deep" / "results.json"
        results = Results([case("a"), case("b"), case("c")], ["a machine"])
        results.write(path)
        again = read(path)
        self.assertEqual(results, again)
        again.replace("b", [case("b", ratio=1), case("b")])
        again.replace("d", [case("d")])
        self.assertEqual("abbcd", "".join(c.workload for c in again.cases))

    def test_the_report_stands_between_the_marks_of_the_page(self):
        page = self.folder / "page.md"
        page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
        for _ in range(2):
            report.insert("new", page)
        self.assertEqual(f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n", page.read_text(encoding="utf-8"))

    def test_plots_are_drawings_of_all_there_is(self):
        growth = []
        for rows in (1000, 3000):
            samples = {name: [Sample(rows / 1e6, 1, 40_000_000)] for name in ("psql \\copy", OURS, f"{OURS}, 3 streams")}
            growth.append(Case("growth", f"{rows} rows", rows, samples, "psql \\copy"))
        rivals = case("rivals")
        rivals.samples["quick"] = [Sample(0.4, 1, 1)] * 3
        plots.draw(Results([case(ratio=0.5), case("peers"), rivals, *growth]), self.folder)
        self.assertLess((drawn := (self.folder / "peers.svg").read_text()).index("quick"), drawn.index("psql"))
        self.assertEqual({"ratios.svg", "peers.svg", "time.svg", "memory.svg"}, {p.name for p in self.folder.iterdir()})
        for path in self.folder.iterdir():
            xml.parse(path)


if __name__ == "__main__":
    unittest.main()
