"""A drawing, as text. Colours are picked to be read on light and on dark pages; the page itself shows through."""

from html import escape
from pathlib import Path

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #424a53; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #6e7781; font-size: 12px; }
  .grid { stroke: #8c959f; stroke-opacity: .25; }
  .axis { stroke: #8c959f; }
  .aim { stroke: #bf8700; stroke-dasharray: 5 4; }
  .mark { stroke: #bf8700; stroke-width: 3; }
  .aimed { fill: #9a6700; font-size: 12px; }
  .c0 { fill: #2f81f7; stroke: #2f81f7; } .c1 { fill: #8c959f; stroke: #8c959f; }
  .c2 { fill: #a475f9; stroke: #a475f9; } .c3 { fill: #6e7781; stroke: #6e7781; }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .bar { stroke: none; }
  @media (prefers-color-scheme: dark) {
    text { fill: #c9d1d9; } .quiet { fill: #8b949e; } .aimed { fill: #d29922; }
  }
"""


class Drawing:
    """Elements in the order in which they were added."""

    def __init__(self, width: int, height: int, title: str, subtitle: str = "") -> None:
        self.width, self.height, self.title = width, height, title
        self._parts = [f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>"]
        self.text(0, 18, title, "title")
        if subtitle:
            self.text(0, 38, subtitle, "quiet")

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>')

    def path(self, points: list[tuple[float, float]], kind: str) -> None:
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(f'<polyline points="{places}" class="{kind} line"/>')

    def dot(self, x: float, y: float, kind: str, radius: float = 3.5) -> None:
        self._parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind} bar"/>')

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        width = max(width, 1)
        self._parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="{kind} bar"/>')

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                f'width="{self.width}" height="{self.height}" role="img">')
        path.write_text("\n".join([head, *self._parts, "</svg>", ""]), encoding="utf-8")
