"""Starting and stopping a show: errors in one line, access only from this machine, and Ctrl-C."""

import signal
import socket
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Browser
from tests.long.demo.shows import SMALLEST, open_page, play, run_server, wait_for_week

from cpsim.browser.server import PortTaken, bind_socket, is_loopback
from cpsim.cli import main


def run_refused(*arguments: str) -> Result:
    """Run a show that cannot start, and return the result of the command."""
    result = CliRunner().invoke(main, ["show", *arguments, *SMALLEST, "--no-open"])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_used_port_is_reported_in_one_line_with_a_free_port(taken: int) -> None:
    output = run_refused("small", "--port", str(taken)).output.strip()
    assert output.startswith(f"Error: port {taken} is used by another program; --port ")
    with pytest.raises(PortTaken) as error:
        bind_socket("127.0.0.1", taken)
    with bind_socket("127.0.0.1", error.value.free) as free:
        assert is_loopback(free)


def test_an_address_of_another_machine_is_reported_in_one_line() -> None:
    assert (
        "cannot listen on 203.0.113.7, port 0"
        in run_refused("small", "--host", "203.0.113.7", "--port", "0").output
    )


def test_an_unknown_scenario_is_reported_with_the_nearest_name() -> None:
    assert "did you mean 'small'?" in run_refused("smal").output


def test_an_error_in_a_setting_is_reported_with_its_path() -> None:
    assert "sharing.share_noise" in run_refused("small", "--set", "sharing.share_noise=much").output


def test_scenarios_with_other_children_are_run_refused() -> None:
    assert "they differ in clock.start" in run_refused("small", "tracking_pilot").output


def test_a_day_outside_the_run_is_refused_with_the_allowed_days() -> None:
    assert (
        "the show can start on any day from 2003-04-11 to 2007-03-30"
        in run_refused("small", "--from", "1990-01-01").output
    )


def test_without_its_libraries_the_demo_prints_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.distribution", fail)
    output = run_refused("small").output.strip()
    assert output.endswith("pip install 'cpsim[viz]'")
    assert "\n" not in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_playing_show_ends_on_a_signal(browser: Browser, number: signal.Signals) -> None:
    with run_server("small") as server:
        page = browser.new_page()
        open_page(page, server)
        play(page)
        wait_for_week(page, -48)
        code = server.stop(number)
        page.context.close()
        assert code in (0, -signal.SIGTERM)
        assert "Traceback" not in server.output


def test_opening_the_show_to_the_network_prints_a_warning() -> None:
    with run_server("small", "--host", "0.0.0.0") as server:
        assert server.address.startswith("http://127.0.0.1:")
        assert "Anyone who can reach this machine can use the page" in server.start_output
