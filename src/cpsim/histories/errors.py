"""What can be wrong with a kept history."""


class CacheWarning(UserWarning):
    """A history could not be read or kept, which costs time but changes no result."""


class HistoryFileError(Exception):
    """A file is not a complete history; the message says why, as the end of a sentence."""
