"""Starting and ending a show: bad input is told in a line, only this machine is served, and Ctrl-C ends it."""

import signal
import socket
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Browser
from tests.visualiser.shows import SMALLEST, look_at, play, reach, serving

from cpsim.cli import main
from cpsim.visualiser.server import PortTaken, is_loopback, listening


def refused(*arguments: str) -> Result:
    """A show that cannot begin."""
    result = CliRunner().invoke(main, ["show", *arguments, *SMALLEST, "--no-open"])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_told_in_a_line_with_one_that_is_free(taken: int) -> None:
    said = refused("small", "--port", str(taken)).output.strip()
    assert said.startswith(f"Error: port {taken} is taken by another program; --port ")
    with pytest.raises(PortTaken) as fault:
        listening("127.0.0.1", taken)
    with listening("127.0.0.1", fault.value.free) as free:
        assert is_loopback(free)


def test_an_address_of_another_machine_is_told_in_a_line() -> None:
    assert (
        "cannot listen at 203.0.113.7, port 0"
        in refused("small", "--host", "203.0.113.7", "--port", "0").output
    )


def test_an_unknown_scenario_is_told_with_the_nearest_name() -> None:
    assert "did you mean 'small'?" in refused("smal").output


def test_a_fault_in_a_setting_is_told_with_its_path() -> None:
    assert "sharing.share_noise" in refused("small", "--set", "sharing.share_noise=much").output


def test_scenarios_with_other_children_are_refused() -> None:
    assert "they differ in clock.start" in refused("small", "tracking_pilot").output


def test_a_day_outside_the_run_is_refused_with_those_that_are_inside() -> None:
    assert "which can begin from 2003-04-11 to 2007-03-30" in refused("small", "--from", "1990-01-01").output


def test_without_its_libraries_the_demo_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("cpsim.cli.show.distribution", nothing)
    said = refused("small").output.strip()
    assert said.endswith("pip install 'cpsim[viz]'")
    assert "\n" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a polite kill"])
def test_a_show_that_plays_ends_when_it_is_told_to(browser: Browser, number: signal.Signals) -> None:
    with serving("small") as server:
        page = browser.new_page()
        look_at(page, server)
        play(page)
        reach(page, -48)
        code = server.stop(number)
        page.context.close()
        assert code in (0, -signal.SIGTERM)
        assert "Traceback" not in server.said


def test_who_opens_the_show_to_the_network_is_warned() -> None:
    with serving("small", "--host", "0.0.0.0") as server:
        assert server.address.startswith("http://127.0.0.1:")
        assert "Anybody on the network can open this page" in server.before
