"""The command ``python -m tests.benchmarks``."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks import corpus, growth, paired, peers, sidebyside, startup
from tests.benchmarks.measure import Trouble

PARTS = ("paired", "compare", "clean", "startup", "stages", "growth")
LIMIT = 100
STARTS = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 2 is returned when it can't be run, and 1 when ``--screen`` finds a difference."""
    options = _parser().parse_args(arguments)
    try:
        with ExitStack() as stack:
            folder = options.screen or options.folder
            if folder is None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
            folder.mkdir(parents=True, exist_ok=True)
            folder = folder.resolve()
            return _screen(folder, options) if options.screen else _measure(folder, options)
    except (Trouble, OSError) as error:
        print(f"tests.benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure what flake8-pitfalls costs, next to other tools, on packages that are downloaded. The "
        "tables go to standard output. What is measured is CPU time, so the machine need not be quiet, but it helps.",
    )
    parser.add_argument(
        "--parts",
        type=_choice(PARTS),
        default=tuple(PARTS),
        help=f"what to measure: some of {','.join(PARTS)} (default: all)",
    )
    parser.add_argument(
        "--stages-only",
        dest="parts",
        action="store_const",
        const=["stages"],
        help="the same as --parts=stages",
    )
    parser.add_argument("--rounds", type=_positive, default=3, help="how often everything is run (default: 3)")
    parser.add_argument(
        "--packages",
        type=_choice(corpus.PACKAGES),
        default=tuple(corpus.PACKAGES),
        help=f"the code to measure: some of {','.join(corpus.PACKAGES)} (default: all)",
    )
    parser.add_argument(
        "--peers",
        type=_choice(tuple(peers.PEERS)),
        default=tuple(peers.PEERS),
        help=f"the tools to run: some of {','.join(peers.PEERS)} (default: all)",
    )
    parser.add_argument(
        "--limit",
        type=_count,
        default=None,
        metavar="N",
        help=f"take N files of each package, spread evenly; 0 for all (default: {LIMIT}, with --screen all)",
    )
    parser.add_argument(
        "--folder", type=Path, help="where downloads and environments are kept (default: a temporary folder)"
    )
    parser.add_argument("--large", action="store_true", help=f"let files grow to {growth.LARGE} lines")
    parser.add_argument(
        "--screen",
        type=Path,
        metavar="FOLDER",
        help="measure nothing; compare what is found with and without the screen over all files of the packages, "
        "which are kept in FOLDER",
    )
    return parser


def _measure(folder: Path, options: argparse.Namespace) -> int:
    parts = options.parts
    limit = LIMIT if options.limit is None else options.limit
    wanted = list(options.peers) if "compare" in parts else []
    if "paired" in parts:
        wanted += [name for name in (peers.BARE, *paired.chosen(options.peers)) if name not in wanted]
    elif not wanted and {"clean", "startup"}.intersection(parts):
        wanted = [peers.BARE, peers.OURS]
    needs_code = {"paired", "compare", "clean", "stages"}.intersection(parts)
    if {"clean", "stages", "growth"}.intersection(parts):
        _require_plugin()
    files = {name: corpus.files(name, folder, limit) for name in options.packages} if needs_code else {}
    commands = sidebyside.installed(wanted, folder)
    if wanted and not commands:
        raise Trouble("no tool could be installed")
    if "paired" in parts:
        _print(paired.show(files, commands, options.peers, folder, options.rounds))
    if "compare" in parts:
        runs = sidebyside.measure(
            {name: commands[name] for name in options.peers if name in commands}, files, folder, options.rounds
        )
        _print(sidebyside.show(runs, files))
    if "clean" in parts:
        from tests.benchmarks import clean

        _print(clean.show(files, commands, folder, options.rounds))
    if "startup" in parts and {peers.BARE, peers.OURS}.issubset(commands):
        _print(startup.measure(commands, folder, STARTS))
    if "stages" in parts:
        from tests.benchmarks import stages

        _print(stages.show(files, options.rounds))
    if "growth" in parts:
        _print(growth.show(large=options.large))
    return 0


def _screen(folder: Path, options: argparse.Namespace) -> int:
    _require_plugin()
    from tests.benchmarks import screen

    different = 0
    for package in options.packages:
        tally = screen.compare(corpus.files(package, folder, options.limit or 0))
        different += tally.different
        print(
            f"{package}: {tally.files} files compared, {tally.findings} findings without the screen, "
            f"{tally.different} files differ, {tally.unreadable} left out as no valid Python",
            flush=True,
        )
    return 1 if different else 0


def _require_plugin() -> None:
    for name in ("flake8", "libcst"):
        if importlib.util.find_spec(name) is None:
            raise Trouble(f"{name} is missing in this Python; install the project first: python -m pip install -e .")


def _choice(names: Sequence[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        chosen = [name.strip() for name in text.split(",") if name.strip()]
        unknown = [name for name in chosen if name not in names]
        if unknown or not chosen:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'} is none of {', '.join(names)}")
        return list(dict.fromkeys(chosen))

    return parse


def _count(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of files")
    return value


def _positive(text: str) -> int:
    value = _count(text)
    if not value:
        raise argparse.ArgumentTypeError("there has to be one round")
    return value


def _print(text: str) -> None:
    print(f"{text}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
