"""Names of the local authorities of a scenario."""

from cpsim.scenario.sections import AuthoritySettings


def authority_names(settings: AuthoritySettings) -> tuple[str, ...]:
    """Return the names of all authorities in order: those of the regions, or the named ones and then numbered ones.

    >>> authority_names(AuthoritySettings(count=3, named=[{"name": "Ashford"}]))
    ('Ashford', 'authority-02', 'authority-03')
    >>> authority_names(AuthoritySettings(count=2, regions=[{"name": "North", "count": 2}]))
    ('North 01', 'North 02')
    """
    if settings.regions:
        return tuple(
            f"{region.name} {number:02d}"
            for region in settings.regions
            for number in range(1, region.count + 1)
        )
    named = tuple(authority.name for authority in settings.named)
    numbers = range(len(named) + 1, settings.count + 1)
    return named + tuple(f"authority-{number:02d}" for number in numbers)


def list_expected_sizes(settings: AuthoritySettings) -> list[float]:
    """List the expected size of each authority relative to `population.children`.

    >>> list_expected_sizes(AuthoritySettings(count=3, named=[{"name": "Ashford", "size": 0.5}]))
    [0.5, 1.0, 1.0]
    """
    if settings.regions:
        return [region.size for region in settings.regions for _ in range(region.count)]
    own = [1.0 if authority.size is None else authority.size for authority in settings.named]
    return own + [1.0] * (settings.count - len(own))
