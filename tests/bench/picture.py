"""The results as a picture: an SVG that is legible on a light and on a dark page."""

import textwrap
from html import escape

WIDTH, LEFT, RIGHT, BAR, GAP = 760, 150, 190, 15, 8
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-weight: 600; font-size: 14px }
    .small { font-size: 11px; fill: #57606a }
    .step { fill: #2563a8 }
    .peer { fill: #9aa4af }
    .spread { stroke: #24292f; stroke-width: 1.2 }
    .mark { stroke: #b35900; stroke-width: 1; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #9da7b1 }
      .step { fill: #58a6ff }
      .peer { fill: #6e7681 }
      .spread { stroke: #e6edf3 }
      .mark { stroke: #f0a35e }
    }"""


class Drawing:
    """Panels of horizontal bars, one below the other."""

    def __init__(self):
        self.parts = []
        self.y = 8

    def text(self, x, y, words, kind="", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def line(self, kind, x1, y1, x2, y2):
        self.parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" '
                          f'x2="{x2:.1f}" y2="{y2:.1f}"/>')

    def panel(self, title, bars, limit, mark=None):
        """Bars are (name, value, least, greatest, words); `limit` is the value of the full width,
        beyond which a bar is cut off; `mark` a value with a line; words are two columns."""
        self.y += 20
        self.text(8, self.y, title, "title")
        self.y += 10
        scale = (WIDTH - LEFT - RIGHT) / limit
        top = self.y
        for bar in bars:
            self.bar(scale, limit, *bar)
        if mark:
            x = LEFT + mark * scale
            self.line("mark", x, top, x, self.y - GAP / 2)

    def bar(self, scale, limit, name, value, least, greatest, words):
        middle = self.y + BAR / 2
        kind = "step" if name.startswith("step") else "peer"
        self.text(LEFT - 8, middle + 4.5, name, anchor="end")
        end = LEFT + min(value, limit) * scale
        tip = 8 if value > limit else 0  # an arrow: it goes on
        self.parts.append(f'<path class="{kind}" d="M{LEFT} {self.y:.1f}H{end - tip:.1f}'
                          f'L{end:.1f} {middle:.1f}L{end - tip:.1f} {self.y + BAR:.1f}H{LEFT}z"/>'
                          if tip else
                          f'<rect class="{kind}" x="{LEFT}" y="{self.y:.1f}" '
                          f'width="{end - LEFT:.1f}" height="{BAR}"/>')
        if greatest > least and greatest < limit:
            self.line("spread", LEFT + least * scale, middle, LEFT + greatest * scale, middle)
        for x, word in zip((WIDTH - RIGHT + 80, WIDTH - 8), words):
            self.text(x, middle + 4.5, word, "small", "end")
        self.y += BAR + GAP

    def svg(self, footer):
        self.y += 14
        for line in footer:
            self.text(8, self.y, line, "small")
            self.y += 16
        body = "\n  ".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y:.0f}" '
                f'role="img" aria-label="Cost of each step and each peer">\n'
                f"  <style>{STYLE}\n  </style>\n  {body}\n</svg>\n")


def draw(found):
    """Returns the SVG of report.results()."""
    drawing = Drawing()
    for kind, title in (
        ("http plain", "CPU time for a request, GET /"),
        ("http pipelined", "The same, 16 requests at once on each connection"),
        ("websocket plain", "CPU time for a WebSocket message"),
        ("python hello", "CPU time for a request, GET /, answered by hello.py"),
        ("python starlette", "The same, answered by Starlette"),
    ):
        load_panel(drawing, title, [row for row in found["rows"] if row["kind"] == kind])
    idle_panel(drawing, [row for row in found["rows"] if row["kind"] == "http idle"])
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return drawing.svg([f"{found['date']}, {found['machine']}", *textwrap.wrap(versions, 120)])


def load_panel(drawing, title, rows):
    """Bars beyond twice the reference are cut off: their figures tell."""
    if not rows:
        return
    reference = next((row["cpu_us"] for row in rows if row["server"] == row.get("ratio_to")), None)
    longest = max(row["cpu_us_high"] for row in rows)
    limit = min(longest, 2 * reference) if reference else longest
    bars = []
    for row in rows:
        words = [f"{row['cpu_us']:.2f} µs"]
        if row.get("ratio_to", row["server"]) != row["server"]:
            words.append(f"{row['ratio']:.2f} of {row['ratio_to']}")
        bars.append((row["server"], row["cpu_us"], row["cpu_us_low"], row["cpu_us_high"], words))
    drawing.panel(title, bars, limit, reference)


def idle_panel(drawing, rows):
    if not rows:
        return
    bars = [(row["server"], row["octets"], 0, 0, [f"{row['octets'] / 1024:.1f} KiB"])
            for row in rows]
    drawing.panel(f"Memory for each of {rows[0]['connections']:,} idle connections", bars,
                  max(row["octets"] for row in rows))
