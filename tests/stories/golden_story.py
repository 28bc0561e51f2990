"""Saves the story of one child again after an intended change: `python -m tests.stories.golden_story`."""

import json

from tests.stories.test_story import GOLDEN, export_without_files

if __name__ == "__main__":
    text = json.dumps(export_without_files(), indent=1, ensure_ascii=False)
    GOLDEN.write_text(f"{text}\n", encoding="utf-8", newline="\n")
