"""A field between two axes, into which lines are drawn."""

import math
from typing import Callable, NamedTuple

from svg import Drawing


class Scale(NamedTuple):
    """Values of one axis: from where to where, and where labels stand."""

    low: float
    high: float
    ticks: list[float]
    label: Callable[[float], str]
    log: bool = True

    def part(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


class Field:
    """Where lines are drawn. Each is labelled at its end, where there is room for it."""

    LEFT, RIGHT, TOP, BOTTOM = 56, 210, 56, 44

    def __init__(self, drawing: Drawing, x: Scale, y: Scale, x_title: str) -> None:
        self._drawing, self._x, self._y = drawing, x, y
        self._ends: list[tuple[float, str, str]] = []
        right, bottom = drawing.width - self.RIGHT, drawing.height - self.BOTTOM
        for tick in y.ticks:
            drawing.line(self.LEFT, self.at_y(tick), right, self.at_y(tick), "grid")
            drawing.text(self.LEFT - 8, self.at_y(tick) + 4, y.label(tick), "quiet", "end")
        for tick in x.ticks:
            drawing.line(self.at_x(tick), bottom, self.at_x(tick), bottom + 5, "axis")
            drawing.text(self.at_x(tick), bottom + 20, x.label(tick), "quiet", "middle")
        drawing.line(self.LEFT, bottom, right, bottom, "axis")
        drawing.text((self.LEFT + right) / 2, drawing.height - 6, x_title, "quiet", "middle")

    def at_x(self, value: float) -> float:
        return self.LEFT + self._x.part(value) * (self._drawing.width - self.LEFT - self.RIGHT)

    def at_y(self, value: float) -> float:
        bottom = self._drawing.height - self.BOTTOM
        return bottom - self._y.part(value) * (bottom - self.TOP)

    def aim(self, value: float, label: str) -> None:
        right = self._drawing.width - self.RIGHT
        self._drawing.line(self.LEFT, self.at_y(value), right, self.at_y(value), "aim")
        self._drawing.text(right + 8, self.at_y(value) + 4, label, "aimed")

    def series(self, name: str, kind: str, points: list[tuple[float, float]]) -> None:
        places = [(self.at_x(x), self.at_y(y)) for x, y in points]
        self._drawing.path(places, kind)
        for x, y in places:
            self._drawing.dot(x, y, kind)
        self._ends.append((places[-1][1], name, kind))

    def labels(self) -> None:
        """Name the lines, each name at least a line of text below the one above it."""
        x, lowest = self._drawing.width - self.RIGHT + 8, 0.0
        for y, name, kind in sorted(self._ends):
            lowest = max(y, lowest + 18)
            self._drawing.dot(x + 4, lowest, kind, 4)
            self._drawing.text(x + 14, lowest + 4, name)


def decades(values: list[float]) -> list[float]:
    """1, 10, 100 … that lie within the values, and thirds of them between."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    ticks = [step * 10.0**power for power in range(low, high + 1) for step in (1, 3)]
    return [tick for tick in ticks if min(values) * 0.99 <= tick <= max(values) * 1.01]
