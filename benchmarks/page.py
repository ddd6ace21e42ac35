"""Put the tables of a record of ``speed.py`` into docs/performance.md, between its markers.

python benchmarks/page.py benchmarks/results/NAME.json
"""

from __future__ import annotations

import argparse
import json
import os
import re
from pathlib import Path

from _tables import tables

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def filled(page: str, text: str) -> str:
    """Return the page with the text between its markers."""
    pattern = r"(<!-- speed: begin -->\n).*?(<!-- speed: end -->)"
    found, count = re.subn(pattern, lambda m: f"{m[1]}\n{text}\n{m[2]}", page, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{PAGE} has {count} pairs of speed markers; expected one.")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", type=Path)
    record = json.loads(parser.parse_args().record.read_text(encoding="utf-8"))
    page = filled(PAGE.read_text(encoding="utf-8"), tables(record))
    beside = PAGE.with_suffix(".tmp")
    beside.write_text(page, encoding="utf-8")
    os.replace(beside, PAGE)


if __name__ == "__main__":
    main()
