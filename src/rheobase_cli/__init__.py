"""The entry point of the command ``rheobase``, outside the package.

What keeps the package from being imported (an unknown ``RHEOBASE_ISA``, a missing extra) is answered
in one line here.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command and return its exit code."""
    try:
        from rheobase.cli import run

        return run()
    except ImportError as error:
        print(f"rheobase: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("rheobase: interrupted.", file=sys.stderr)
        return 130
