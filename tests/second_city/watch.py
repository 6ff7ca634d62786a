"""`sitecustomize` of the environment under test: notes every path of the checkout that is opened.

The libraries of the pipeline's environment lie in the checkout's `.venv`; they are no part of it.
"""

import os
import sys

_HIDDEN = os.environ["WATCHED_CHECKOUT"] + os.sep
_LIBRARIES = _HIDDEN + ".venv" + os.sep
_EVENTS = ("open", "os.listdir", "os.scandir", "os.chdir", "import")
_LOG = os.open(os.environ["WATCHED_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _EVENTS:
        return
    for path in arguments:
        text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        if text.startswith(_HIDDEN) and not text.startswith(_LIBRARIES):
            os.write(_LOG, f"{event} {text}\n".encode())


sys.addaudithook(_note)
