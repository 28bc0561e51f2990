"""The files from which an experiment is read, so that the folder of a sweep can have a copy of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from cpsim.experiment.arm import Arm
from cpsim.experiment.definition import Definition, ListOfPoints
from cpsim.scenario import merge
from cpsim.scenario.nodes import Node


def read_source_files(
    tree: Node, file: Path, arms: Mapping[str, Arm], definition: Definition
) -> dict[str, bytes]:
    """Read an experiment file and the files that it names, as far as they are in its folder tree.

    Scenarios that come with cpsim are left out.

    Args:
        tree: the settings in the experiment file.
        file: the experiment file.
        arms: its arms.
        definition: its definition.

    Returns:
        The content of each file by its path in the folder of the experiment file.
    """
    paths = [file, *_list_scenario_files(tree, file)]
    if isinstance(definition.design, ListOfPoints):
        paths.append(file.parent / definition.design.file)
    networks = [arm.scenario.network.graphml for arm in arms.values()]
    paths += [Path(network) for network in networks if network is not None]
    names = {path: _find_name(path, file.parent) for path in paths}
    return {name: path.read_bytes() for path, name in names.items() if name is not None and path.is_file()}


def _list_scenario_files(tree: Node, file: Path) -> Iterator[Path]:
    """List the files of the base scenario, and of the scenarios that arms extend."""
    base = tree.get("base")
    if base is not None:
        path = merge.find_base(base, file)
        yield path
        yield from merge.list_extended_files(merge.read_settings(path, []), path)
    arms = tree.get("arms")
    for arm in arms.children.values() if arms else ():
        yield from merge.list_extended_files(arm, file)


def _find_name(path: Path, folder: Path) -> str | None:
    """Return the path of a file within a folder; None if it is elsewhere."""
    for below, above in ((path.absolute(), folder.absolute()), (path.resolve(), folder.resolve())):
        if below.is_relative_to(above) and ".." not in below.relative_to(above).parts:
            return below.relative_to(above).as_posix()
    return None
