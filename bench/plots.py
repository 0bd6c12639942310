"""Results to plots, each a file."""

from pathlib import Path

from axes import Field, Scale, decades
from results import OURS, Case, Results
from svg import Drawing

KINDS = {OURS: "c0", "psql \\copy": "c1", "psql \\copy + merge": "c3"}


def draw(results: Results, folder: Path) -> dict[str, str]:
    """All plots for which there is something to show: the names of their files, and what they show."""
    drawn = {}
    sizes = sorted(results.of("growth"), key=lambda case: case.rows)
    compared = [case for case in results.cases if "ratio" in case.aims and case.subject == OURS]
    if compared:
        drawn["ratios"] = ratios(compared)
    if len(sizes) > 1:
        drawn["time"], drawn["memory"] = time(sizes), memory(sizes)
    others = [*results.of("peers"), *(case for case in results.of("rivals") if case.load.startswith("first load"))]
    if others:
        drawn["peers"] = peers(others)
    for name, drawing in drawn.items():
        drawing.write(folder / f"{name}.svg")
    return {f"{name}.svg": drawing.title for name, drawing in drawn.items()}


def time(sizes: list[Case]) -> Drawing:
    """Seconds against rows, both by powers."""
    drawing = Drawing(760, 400, "First load of flights: time by number of rows", "seconds, median")
    walls = [case.median(name) for case in sizes for name in KINDS if name in case.samples]
    y = Scale(min(walls) / 1.4, max(walls) * 1.4, decades([min(walls) / 1.4, max(walls) * 1.4]), "{:g}".format)
    field = Field(drawing, _rows(sizes), y, "rows")
    for name in (name for name in KINDS if name in sizes[0].samples):
        field.series(name, KINDS[name], [(case.rows, case.median(name)) for case in sizes])
    field.labels()
    return drawing


def memory(sizes: list[Case]) -> Drawing:
    """Megabytes against rows."""
    drawing = Drawing(760, 320, "Peak memory by number of rows", "largest resident set of the program, MB")
    names = [name for name in sizes[0].samples if name.startswith(OURS)]
    most = max([80, *(case.most(name, "memory") / 1e6 * 1.1 for case in sizes for name in names)])
    step = 20 if most <= 120 else 50
    y = Scale(0, most, [float(n) for n in range(0, int(most) + 1, step)], "{:g}".format, log=False)
    field = Field(drawing, _rows(sizes), y, "rows")
    field.aim(64, "aim: 64 MB")
    for name, kind in zip(names, ("c0", "c2")):
        label = name.partition(", ")[2] or "1 stream"
        field.series(label, kind, [(case.rows, case.most(name, "memory") / 1e6) for case in sizes])
    field.labels()
    return drawing


def peers(cases: list[Case]) -> Drawing:
    """Seconds of everybody by powers of ten, the quickest first. Each is taken from the last case that has it."""
    of = {name: case for case in cases for name in case.samples}
    order = sorted(of, key=lambda name: of[name].median(name))
    drawing = Drawing(760, 96 + 26 * len(order), f"Loading {cases[-1].rows:,} flights into PostgreSQL, by key",
                      "seconds (median, logarithmic scale; shorter is better) and peak memory")
    left, room, bottom = 290, 760 - 290 - 130, 60 + 26 * len(order)
    walls = [of[name].median(name) for name in order]
    scale = Scale(min(walls) / 1.6, max(walls) * 1.2, decades([min(walls) / 1.6, max(walls) * 1.2]), "{:g}".format)
    for tick in scale.ticks:
        drawing.line(left + scale.part(tick) * room, 50, left + scale.part(tick) * room, bottom, "grid")
        drawing.text(left + scale.part(tick) * room, bottom + 18, f"{scale.label(tick)} s", "quiet", "middle")
    for n, (name, wall) in enumerate(zip(order, walls)):
        y, end, kind = 68 + 26 * n, left + scale.part(wall) * room, "c0" if name.startswith(OURS) else "c1"
        drawing.text(left - 10, y + 4, name, anchor="end")
        drawing.path([(left, y), (end, y)], kind)
        drawing.dot(end, y, kind, 5)
        drawing.text(end + 12, y + 4, f"{wall:.3g} s · {of[name].most(name, 'memory') / 1e6:.0f} MB")
    return drawing


def ratios(cases: list[Case]) -> Drawing:
    """How long the program takes beside psql, load by load: the median of the runs' ratios, their range, the aim."""
    drawing = Drawing(760, 98 + 24 * len(cases), "Time beside psql doing the same from ready-made CSV",
                      "1 is as long as psql; dot: median of the runs, line: their range, upright mark: the aim")
    left, room, top = 200, 760 - 200 - 80, 56
    high = max([1.2, *(max(case.pairs(OURS)) for case in cases), *(case.aims["ratio"] for case in cases)]) * 1.02
    bottom = top + 24 * len(cases)

    def at(ratio: float) -> float:
        return left + ratio / high * room

    for tick in _quarters(high):
        drawing.line(at(tick), top - 6, at(tick), bottom, "axis" if tick == 1 else "grid")
        drawing.text(at(tick), bottom + 18, f"{tick:g}", "quiet", "middle")
    drawing.text((left + left + room) / 2, bottom + 34, "times psql", "quiet", "middle")
    for n, case in enumerate(cases):
        y, pairs = top + 8 + 24 * n, case.pairs(OURS)
        drawing.text(left - 12, y + 4, f"{case.workload}, {case.load}", anchor="end")
        drawing.line(at(case.aims["ratio"]), y - 9, at(case.aims["ratio"]), y + 9, "mark")
        drawing.path([(at(min(pairs)), y), (at(max(pairs)), y)], "c0")
        drawing.dot(at(case.ratio(OURS)), y, "c0", 5)
        drawing.text(760, y + 4, f"{case.ratio(OURS):.2f}", anchor="end")
    return drawing


def _quarters(high: float) -> list[float]:
    step = 0.25 if high <= 2.5 else 0.5 if high <= 5 else 1
    return [n * step for n in range(int(high / step) + 1)]


def _rows(sizes: list[Case]) -> Scale:
    low, high = sizes[0].rows, sizes[-1].rows
    return Scale(low, high, [float(case.rows) for case in sizes], _short)


def _short(rows: float) -> str:
    return f"{rows / 1e6:g} M" if rows >= 1e6 else f"{rows / 1e3:g} k"
