"""``python -m flake8_pitfalls``."""

from __future__ import annotations

import sys

from flake8_pitfalls.cli import main

if __name__ == "__main__":
    sys.exit(main())
