"""The cache of histories is bounded, shared by processes, and never gives anything but what was saved."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from cpsim.histories.cache import HistoryCache, open_cache
from cpsim.histories.errors import CacheWarning
from cpsim.histories.file import HistoryLabel
from cpsim.scenario.problems import ScenarioError

LABEL = HistoryLabel("small", seed=1, children=10_000, weeks=936, made_by="this version")
STATE = {"belief": np.arange(5.0), "status": np.zeros((2, 3), np.int8), "none": np.zeros(0), "weeks": 936}
SIZE = 2_000
"""More than the file of `STATE` needs, and less than twice as much."""


@pytest.fixture
def cache(tmp_path: Path) -> HistoryCache:
    return HistoryCache(tmp_path / "histories", limit=100 * SIZE)


def get_file(cache: HistoryCache) -> Path:
    (file,) = cache.folder.iterdir()
    return file


def test_what_was_saved_is_loaded_and_can_be_changed(cache: HistoryCache) -> None:
    cache.save("key", LABEL, STATE)
    for _ in range(2):
        state = cache.load("key", "this version")
        assert state["belief"].tolist() == [0, 1, 2, 3, 4]
        assert (state["status"].shape, state["none"].shape, state["weeks"]) == ((2, 3), (0,), 936)
        state["belief"][0] = 9.0


def test_nothing_is_loaded_under_another_key(cache: HistoryCache) -> None:
    cache.save("key", LABEL, STATE)
    assert cache.load("other", "this version") is None


@pytest.mark.parametrize("at", [0, 30, -1])
def test_a_file_with_a_wrong_byte_is_reported_and_removed(cache: HistoryCache, at: int) -> None:
    cache.save("key", LABEL, STATE)
    content = bytearray(get_file(cache).read_bytes())
    content[at] ^= 0xFF
    get_file(cache).write_bytes(content)
    with pytest.warns(CacheWarning, match=r"^the cached history is damaged; it is simulated again$"):
        assert cache.load("key", "this version") is None
    assert cache.list_histories() == []
    assert cache.load("key", "this version") is None, "without a warning: there is no file"


@pytest.mark.parametrize("length", [0, 10, 100, -1])
def test_a_file_that_was_cut_off_is_reported_and_removed(cache: HistoryCache, length: int) -> None:
    cache.save("key", LABEL, STATE)
    get_file(cache).write_bytes(get_file(cache).read_bytes()[:length])
    with pytest.warns(CacheWarning, match="damaged"):
        assert cache.load("key", "this version") is None


def test_a_header_that_asks_for_more_than_the_file_has_allocates_nothing(cache: HistoryCache) -> None:
    cache.save("key", LABEL, STATE)
    first, header, rest = get_file(cache).read_bytes().split(b"\n", 2)
    huge = header.replace(b'"lengths": [', b'"lengths": [1000000000000000, ')
    get_file(cache).write_bytes(b"\n".join([first, huge, rest]))
    with pytest.warns(CacheWarning, match="damaged"):
        assert cache.load("key", "this version") is None


def test_a_history_of_another_version_is_reported_and_replaced(cache: HistoryCache) -> None:
    cache.save("key", LABEL, STATE)
    with pytest.warns(CacheWarning, match="was made by another version of cpsim or its libraries"):
        assert cache.load("key", "next version") is None
    assert cache.list_histories() == []


def test_the_histories_not_used_for_longest_make_room(cache: HistoryCache) -> None:
    for key in ("old", "used", "new"):
        cache.save(key, LABEL, STATE)
    for seconds, key in enumerate(("old", "used", "new")):
        os.utime(cache.folder / f"{key}.history", (seconds, seconds))
    cache.load("old", "this version")
    size = sum(history.size for history in cache.list_histories())
    cache.limit = size + 10
    cache.save("newest", LABEL, STATE)
    assert {file.stem for file in cache.folder.iterdir()} == {"old", "new", "newest"}


def test_a_full_cache_keeps_what_it_has_if_the_new_history_must_not_replace_others(
    cache: HistoryCache,
) -> None:
    cache.save("first", LABEL, STATE)
    cache.limit = 3 * cache.list_histories()[0].size - 1
    for key in ("second", "third"):
        cache.save(key, LABEL, STATE, replaces=False)
    assert {file.stem for file in cache.folder.iterdir()} == {"first", "second"}


def test_a_history_larger_than_half_the_limit_is_not_kept(cache: HistoryCache) -> None:
    cache.limit = SIZE
    cache.save("key", LABEL, STATE | {"large": np.zeros(SIZE)})
    assert list(cache.folder.iterdir()) == []


def test_a_limit_of_zero_switches_the_cache_off(cache: HistoryCache) -> None:
    cache.save("key", LABEL, STATE)
    cache.limit = 0
    assert cache.load("key", "this version") is None
    cache.save("other", LABEL, STATE)
    assert [file.stem for file in cache.folder.iterdir()] == ["key"]


def test_a_folder_that_cannot_be_written_costs_a_warning(tmp_path: Path) -> None:
    (tmp_path / "histories").write_text("a file in the place of the folder", "utf-8")
    cache = HistoryCache(tmp_path / "histories", limit=10**6)
    with pytest.warns(CacheWarning, match="the history is not kept for later runs"):
        cache.save("key", LABEL, STATE)
    assert [file.name for file in tmp_path.iterdir()] == ["histories"]


def test_files_of_processes_that_were_killed_are_removed_after_a_day(cache: HistoryCache) -> None:
    cache.folder.mkdir()
    for name, age in ((".old.1f2e3d4c.tmp", 90_000), (".new.1f2e3d4c.tmp", 0)):
        file = cache.folder / name
        file.touch()
        os.utime(file, (file.stat().st_mtime - age,) * 2)
    cache.save("key", LABEL, STATE)
    assert sorted(file.name for file in cache.folder.iterdir()) == [".new.1f2e3d4c.tmp", "key.history"]


def test_the_histories_are_listed_with_what_they_are_and_can_be_removed(cache: HistoryCache) -> None:
    assert cache.list_histories() == []
    cache.save("key", LABEL, STATE)
    (cache.folder / "damaged.history").write_bytes(b"nothing")
    assert {history.label for history in cache.list_histories()} == {LABEL, None}
    assert cache.clear() == 2
    assert cache.list_histories() == []


def test_folder_and_limit_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CPSIM_CACHE", str(tmp_path))
    monkeypatch.setenv("CPSIM_CACHE_GB", "0.5")
    cache = open_cache()
    assert (cache.folder, cache.limit) == (tmp_path / "histories", 500_000_000)


@pytest.mark.parametrize("limit", ["much", "-1", "nan"])
def test_a_limit_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setenv("CPSIM_CACHE_GB", limit)
    with pytest.raises(
        ScenarioError, match=r"^CPSIM_CACHE_GB: expected the largest size of the cache, a number of GB"
    ):
        open_cache()


def test_saving_and_loading_do_not_warn(cache: HistoryCache) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.save("key", LABEL, STATE)
        cache.load("key", "this version")
