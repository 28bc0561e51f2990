"""Long work can be stopped, tidies up undisturbed, and gives the signals back."""

import os
import signal

import pytest

from cpsim.cli._stop import Stopped, stoppable

SIGNALS = [signal.SIGINT, signal.SIGTERM]


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    signal.getsignal(number)  # the handler has run by the time that Python reaches the next line


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_ends_the_work_with_the_code_that_a_shell_expects(number: signal.Signals) -> None:
    with pytest.raises(Stopped) as stopped, stoppable():
        send(number)
    assert stopped.value.exit_code == 128 + number


def test_an_impatient_second_signal_does_not_disturb_the_tidying_up() -> None:
    tidied = []

    def work() -> None:
        try:
            send(signal.SIGINT)
        finally:
            send(signal.SIGINT)
            send(signal.SIGTERM)
            tidied.append(True)

    with pytest.raises(Stopped), stoppable():
        work()
    assert tidied


def test_a_signal_that_got_lost_is_raised_at_the_next_check() -> None:
    with stoppable() as check:
        check()
        with pytest.raises(Stopped):
            send(signal.SIGINT)
        with pytest.raises(Stopped):
            check()


def test_the_signals_mean_afterwards_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stoppable():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
