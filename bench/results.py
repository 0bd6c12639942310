"""What was measured, in a form that can be written down, read again and added to."""

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path

from measure import Sample

OURS = "target-postgres"


@dataclass
class Case:
    """One kind of load, by all who were measured at it: a sample for every run, in the order of the runs."""

    workload: str
    load: str
    rows: int
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    base: str = ""  # whom the others are compared with
    subject: str = OURS  # whose figures the aims speak of
    aims: dict[str, float] = field(default_factory=dict)  # see AIMS in report.py
    notes: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    revision: str = ""  # of the program

    def median(self, name: str, of: str = "wall") -> float:
        """The median of one figure of one contestant."""
        return statistics.median(getattr(sample, of) for sample in self.samples[name])

    def most(self, name: str, of: str) -> float:
        return max(getattr(sample, of) for sample in self.samples[name])

    def pairs(self, name: str) -> list[float]:
        """The ratios to the base, run by run: that cancels the moods of a shared machine."""
        return [ours.wall / base.wall for ours, base in zip(self.samples[name], self.samples[self.base])]

    def ratio(self, name: str) -> float:
        return statistics.median(self.pairs(name))


@dataclass
class Results:
    """The cases, and where they were measured."""

    cases: list[Case] = field(default_factory=list)
    machine: list[str] = field(default_factory=list)

    def replace(self, workload: str, cases: list[Case]) -> None:
        """Put a workload's new cases where its old ones were."""
        at = next((i for i, c in enumerate(self.cases) if c.workload == workload), len(self.cases))
        self.cases = [c for c in self.cases[:at]] + cases + [c for c in self.cases[at:] if c.workload != workload]

    def of(self, workload: str) -> list[Case]:
        return [case for case in self.cases if case.workload == workload]

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        cases = [
            {**asdict(c), "samples": {name: [s._asdict() for s in samples] for name, samples in c.samples.items()}}
            for c in self.cases
        ]
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps({"machine": self.machine, "cases": cases}, indent=1), encoding="utf-8")
        partial.rename(path)


def read(path: Path) -> Results:
    """The results in a file, none if there is no file."""
    if not path.exists():
        return Results()
    raw = json.loads(path.read_text(encoding="utf-8"))
    cases = []
    for case in raw["cases"]:
        samples = {name: [Sample(**s) for s in group] for name, group in case.pop("samples").items()}
        cases.append(Case(**case, samples=samples))
    return Results(cases, raw["machine"])
