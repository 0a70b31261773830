"""What AddressSanitizer reports, as far as a student needs it."""

import re

FRAME = re.compile(r"\s*#\d+ 0x[0-9a-f]+ in (?P<name>.+?)(?:\(.*\).*)? "
                   r"(?:\S*/)?src/(?P<file>(?:\w+/)*\w+\.[ch]pp):(?P<line>\d+)")
HEADINGS = ("READ of", "WRITE of", "freed by", "previously allocated")
MOST_FRAMES = 2  # below a heading


def explain(text, sources):
    """The lines of a report that tell what has happened, and where in these sources."""
    lines, frames = [], 0
    for line in text.splitlines():
        error = re.search(r"ERROR: AddressSanitizer: (\S+)", line)
        frame = FRAME.match(line)
        if error:
            lines.append("AddressSanitizer: " + error[1])
        elif lines and line.startswith(HEADINGS):
            lines.append("  " + re.sub(r" at 0x.*| by thread.*", "", line))
            frames = 0
        elif lines and frame and frames < MOST_FRAMES and (sources / "src" / frame["file"]).exists():
            lines.append(f"    in {frame['name']}, {frame['file']}:{frame['line']}")
            frames += 1
    return lines
