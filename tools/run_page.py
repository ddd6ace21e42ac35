"""Run the Python of a page and paste what it prints below it: ``python tools/run_page.py docs/healthy.md``.

A page is run from top to bottom in one namespace. What a ```python block prints stands in the ```text block after
it, and what a program in a comment, ``<!-- python … -->``, prints is Markdown up to ``<!-- end -->``.
"""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

PROGRAM = re.compile(
    r"(?P<before>```python\n(?P<shown>.*?)```\n)(?P<output>\n```text\n.*?```\n)?"
    r"|(?P<head><!-- python\n(?P<hidden>.*?)-->\n)(?P<markdown>.*?)<!-- end -->",
    re.DOTALL,
)
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def written(page: str) -> str:
    """The page with the output of its programs."""
    names: dict[str, object] = {}

    def run(found: re.Match[str]) -> str:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(found["shown"] or found["hidden"], names)
        text = printed.getvalue()
        if found["hidden"]:
            return f"{found['head']}{text}<!-- end -->"
        return found["before"] + (f"\n```text\n{text}```\n" if text else "")

    return PROGRAM.sub(run, page)


def differences(old: str, new: str) -> list[tuple[str, str]]:
    """The lines in which words differ, or numbers by more than another processor's rounding makes."""
    lines = [[" ".join(line.split()) for line in text.splitlines()] for text in (old, new)]
    longest = max(map(len, lines))
    pairs = zip(*(part + [""] * (longest - len(part)) for part in lines), strict=True)
    return [(a, b) for a, b in pairs if not _agree(a, b)]


def _agree(a: str, b: str) -> bool:
    numbers = zip(NUMBER.findall(a), NUMBER.findall(b), strict=False)
    return NUMBER.sub("#", a) == NUMBER.sub("#", b) and all(_near(x, y) for x, y in numbers)


def _near(a: str, b: str) -> bool:
    """Whether two printed numbers are 5 %, or one in the last digit, apart."""
    mantissa, _, exponent = a.partition("e")
    last = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(float(a) - float(b)) <= max(0.05 * abs(float(a)), 1.001 * last)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")
