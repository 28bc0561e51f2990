"""`cpsim show` that answers each line of its standard input with a count of what it holds for its tabs.

The answer is a line that begins with `HELD` and has the numbers of sessions, classrooms, models and threads as JSON.
"""

import gc
import json
import sys
import threading
from collections import Counter

from cpsim.cli import main

HELD = "held: "


def count_held() -> dict[str, int]:
    """Count the sessions of the server, and the living classrooms, models and threads of the process."""
    from solara.server import kernel_context

    gc.collect()
    living = Counter(type(each).__name__ for each in gc.get_objects())
    return {
        "sessions": len(kernel_context.contexts),
        "classrooms": living["Classroom"],
        "models": living["ChildProtectionModel"],
        "threads": threading.active_count(),
    }


def answer_lines() -> None:
    for _ in sys.stdin:
        sys.stdout.write(f"{HELD}{json.dumps(count_held())}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    threading.Thread(target=answer_lines, daemon=True).start()
    main(["show", *sys.argv[1:]])
