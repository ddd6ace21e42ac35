"""Size of a report and the time in which a browser shows it: 20 functions, 30 seeds, 30 epochs.

``python benchmarks/report.py`` makes up results of that size, of two and of eight hidden layers, and opens
their pages in Chromium (``--chromium`` says where it is).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from playwright.sync_api import sync_playwright
from sample_result import large_result

from rheobase import report

OPENINGS = 5  # of each page; the median is printed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    print("| hidden layers | made in | size | opens in |\n|---|---|---|---|")
    with sync_playwright() as running, tempfile.TemporaryDirectory() as directory:
        browser = running.chromium.launch(
            executable_path=chosen.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for layers in (2, 8):
            path = Path(directory) / f"{layers}.html"
            started = time.perf_counter()
            path.write_text(report.render(large_result(layers)), encoding="utf-8")
            made = time.perf_counter() - started
            times = sorted(_opened(browser.new_page(), path) for _ in range(OPENINGS))
            size = path.stat().st_size / 1e6
            print(f"| {layers} | {made:.1f} s | {size:.2f} MB | {times[OPENINGS // 2]:.0f} ms |")
        browser.close()


def _opened(page, path: Path) -> float:
    """Return the milliseconds until the page is laid out, its script has run and it was painted."""
    page.goto(path.as_uri())
    # Two frames after loading everything has been painted.
    shown = page.evaluate(
        "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
    )
    page.close()
    return shown


if __name__ == "__main__":
    main()
