"""Results to Markdown."""

from pathlib import Path

from results import Case, Results

# What aims can be about: how the figure is got from a case, and how it and its limit are written.
AIMS = {
    "ratio": (lambda case: case.ratio(case.subject), "{:.2f} ×"),
    "seconds": (lambda case: case.median(case.subject), "{:.3f} s"),
    "memory": (lambda case: max(case.most(name, "memory") for name in case.samples if name.startswith(case.subject)) / 1e6,
               "{:.0f} MB"),
    "cpu": (lambda case: case.median(case.subject, "cpu") / case.rows * 1e6, "{:.2f} µs CPU a row"),
    "faster": (lambda case: -min((case.ratio(name) for name in case.samples if name != case.subject and "psql" not in name),
                                 default=0), "{:.0f} × faster"),
}


def markdown(results: Results) -> str:
    """All of it."""
    parts = [loads(results), growth(results), notes(results), "\n".join(f"- {line}" for line in results.machine)]
    return "\n\n".join(part for part in parts if part)


def loads(results: Results) -> str:
    """A line for each load and contestant; the ratio is the median of those of single runs."""
    lines = [
        "| load | rows | program | wall s, min / **median** / max | ratio | aim | client CPU s | server CPU s | memory MB |",
        "| --- | ---: | --- | --- | ---: | --- | ---: | ---: | ---: |",
    ]
    for case in results.cases:
        if case.workload == "growth":
            continue
        title = f"{case.workload}: {case.load}"
        for name in case.samples:
            ratio = f"{case.ratio(name):.2f}" if case.base and name != case.base else ""
            aims = aim(case) if name == case.subject else ""
            server = f"{case.median(name, 'server'):.2f}" if case.median(name, "server") else ""
            lines.append(
                f"| {title} | {case.rows:,} | {name} | {spread(case, name)} | {ratio} | {aims} "
                f"| {case.median(name, 'cpu'):.2f} | {server} | {case.median(name, 'memory') / 1e6:.0f} |"
            )
            title = ""
    return "\n".join(lines) if len(lines) > 2 else ""


def aim(case: Case) -> str:
    """The aims of a case, each with what was reached and whether that is enough."""
    written = []
    for what, limit in case.aims.items():
        reach, form = AIMS[what]
        reached = reach(case)
        # What is to be large is kept with its sign turned.
        met = reached <= (-limit if what == "faster" else limit)
        sign = "≥" if what == "faster" else "≤"
        figure = form.format(abs(reached)) if met else f"**{form.format(abs(reached))} missed**"
        written.append(f"{sign} {form.format(limit)}: {figure}")
    return "; ".join(written)


def spread(case: Case, name: str) -> str:
    """Minimum, median and maximum, with the digits that matter."""
    walls = [sample.wall for sample in case.samples[name]]
    digits = 2 if case.median(name) >= 0.5 else 3
    return f"{min(walls):.{digits}f} / **{case.median(name):.{digits}f}** / {max(walls):.{digits}f}"


def growth(results: Results) -> str:
    """Time a row and memory by the number of rows."""
    cases = sorted(results.of("growth"), key=lambda case: case.rows)
    if not cases:
        return ""
    # The aim speaks of 0.3 million rows; below that the start of a process is what is seen.
    start = next((case for case in cases if case.rows >= 300_000), cases[0])
    lines = [
        "| rows | program | wall s, min / **median** / max | µs a row | growth | client CPU s | server CPU s | memory MB |",
        "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for case in cases:
        title = f"{case.rows:,}"
        for name in case.samples:
            grown = f"{cost(case, name) / cost(start, name):.2f}" if case.rows > start.rows else ""
            lines.append(
                f"| {title} | {name} | {spread(case, name)} | {cost(case, name):.2f} | {grown} | {case.median(name, 'cpu'):.2f} "
                f"| {case.median(name, 'server'):.2f} | {case.most(name, 'memory') / 1e6:.0f} |"
            )
            title = ""
    last = cases[-1]
    lines += ["", f"Peak memory of the program over all of these: {max(AIMS['memory'][0](case) for case in cases):.0f} MB "
                  "(aim: ≤ 64 MB)."]
    if last.rows > start.rows:
        ours, base = (cost(last, name) / cost(start, name) for name in (last.subject, last.base))
        lines.append(f"A row of {last.rows:,} costs {ours:.2f} × what a row of {start.rows:,} does, for {last.base} "
                     f"{base:.2f} ×; the ratio of the two is {ours / base:.2f} (aim: ≤ 1.30).")
    return "\n".join(lines)


def cost(case: Case, name: str) -> float:
    """Microseconds a row."""
    return case.median(name) / case.rows * 1e6


def notes(results: Results) -> str:
    """What else was counted."""
    lines = []
    for case in results.cases:
        if case.notes:
            counted = ", ".join(f"{what} {value:.3g}" for what, value in case.notes.items())
            lines.append(f"- {case.workload}, {case.load}: {counted}")
        lines += [f"- {case.workload}: {remark}" for remark in case.remarks]
    return "\n".join(lines)


BEGIN, END = "<!-- what make bench measured -->", "<!-- end of what make bench measured -->"


def insert(text: str, page: Path) -> None:
    """Put the tables between the page's two marks."""
    old = page.read_text(encoding="utf-8")
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
