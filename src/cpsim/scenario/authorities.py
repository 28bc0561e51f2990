"""Names of the local authorities of a scenario."""

from cpsim.scenario.sections import AuthoritySettings


def authority_names(settings: AuthoritySettings) -> tuple[str, ...]:
    """Return the names of all authorities in order: the named ones first, then numbered ones.

    >>> authority_names(AuthoritySettings(count=3, named=[{"name": "Ashford"}]))
    ('Ashford', 'authority-02', 'authority-03')
    """
    named = tuple(authority.name for authority in settings.named)
    numbers = range(len(named) + 1, settings.count + 1)
    return named + tuple(f"authority-{number:02d}" for number in numbers)
