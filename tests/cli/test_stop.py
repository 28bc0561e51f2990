"""Long work can be stopped, cleans up undisturbed, and restores the signal handlers."""

import os
import signal

import pytest

from cpsim.cli._stop import Stopped, raise_on_signal

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def send_signal(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    signal.getsignal(number)  # Python runs the handler before the next line


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_the_work_with_the_exit_code_of_shells(number: signal.Signals) -> None:
    with pytest.raises(Stopped) as stopped, raise_on_signal():
        send_signal(number)
    assert stopped.value.exit_code == 128 + number


def test_a_second_signal_does_not_disturb_the_clean_up() -> None:
    cleaned_up = []

    def work() -> None:
        try:
            send_signal(signal.SIGINT)
        finally:
            send_signal(signal.SIGINT)
            send_signal(signal.SIGTERM)
            cleaned_up.append(True)

    with pytest.raises(Stopped), raise_on_signal():
        work()
    assert cleaned_up


def test_a_lost_signal_is_raised_again_at_the_next_check() -> None:
    with raise_on_signal() as check:
        check()
        with pytest.raises(Stopped):
            send_signal(signal.SIGINT)
        with pytest.raises(Stopped):
            check()


def test_the_signal_handlers_are_restored() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with raise_on_signal():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
