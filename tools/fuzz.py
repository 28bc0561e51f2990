"""Try cpsim with inputs of every kind, drawn at random, until the time is up.

python tools/fuzz.py --minutes 20 [--target NAME] [--seed S]

Each target is an entry point: scenario files, timelines, experiment files, folders of results, settings and seeds. The
targets are run in turn, in rounds, each with a seed of its own. An input may be accepted, or refused with a documented
error. Anything else is a failure, which is shown with the smallest input that was found: another exception, a message
that cannot be printed, no end within the time limit, or a file or a process that is left behind. The exit code is then
1. A round is repeated with its seed: --target NAME --seed S --minutes 0.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.fuzz.target import Failure, Round, Target, run_rounds  # noqa: E402
from tests.fuzz.targets import TARGETS  # noqa: E402

_LONGEST_INPUT = 2_000  # characters of an input that are shown; it can be repeated by its seed


@dataclass
class Tally:
    """Counts the inputs of each target, and keeps one failure of each kind.

    Attributes:
        counts: numbers of inputs by target: tried, accepted, refused.
        slowest: seconds that the slowest input took, by target.
        failures: the first failure of each kind, by target and place.
    """

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=dict)
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def add(self, ended: Round, target: Target) -> None:
        """Add a round, and show a failure of a new kind at once."""
        counts = self.counts.setdefault(target.name, Counter())
        counts.update(tried=ended.tried, accepted=ended.accepted, refused=ended.refused)
        self.slowest[target.name] = max(self.slowest.get(target.name, 0), ended.slowest)
        failure = ended.failure
        if failure is not None and (key := (target.name, failure.place)) not in self.failures:
            self.failures[key] = failure
            print(f"{format_failure(failure)}\n", flush=True)

    def format_table(self) -> str:
        """Format the counts, with a row for each target."""
        rows = [("target", "inputs", "accepted", "refused", "failed", "failures", "slowest (s)")]
        for name, counts in self.counts.items():
            tried, accepted, refused = counts["tried"], counts["accepted"], counts["refused"]
            kinds = sum(target == name for target, _ in self.failures)
            numbers = [
                f"{number:,}" for number in (tried, accepted, refused, tried - accepted - refused, kinds)
            ]
            rows.append((name, *numbers, f"{self.slowest[name]:.1f}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join(_format_row(row, widths) for row in rows)


def _format_row(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers = row
    cells = (number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
    return "  ".join([name.ljust(widths[0]), *cells])


def format_failure(failure: Failure) -> str:
    """Format a failure: what went wrong, for which input, and how to repeat it."""
    name = failure.target.name
    return (
        f"failure of {name}: {failure.report}\n"
        f"input: {failure.given[:_LONGEST_INPUT]}\n"
        f"repeat: python tools/fuzz.py --target {name} --seed {failure.seed} --minutes 0"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the targets as the arguments of the command line say, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--minutes", type=float, default=20, help="how long to try; at least one round of each target"
    )
    parser.add_argument(
        "--target", choices=sorted(TARGETS), action="append", help="only this target; may be repeated"
    )
    parser.add_argument(
        "--seed", type=int, help="seed of the first round; a new one each time if it is left out"
    )
    options = parser.parse_args(arguments)
    first = options.seed if options.seed is not None else SystemRandom().randrange(10**6)
    targets = [TARGETS[name] for name in options.target or TARGETS]
    tally = Tally()
    run_rounds(targets, first, 60 * options.minutes, tally.add)
    print(f"{tally.format_table()}\nfirst seed: {first}")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
