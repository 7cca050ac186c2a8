"""What a library says of the files it wrote, after loading them back: for the tests to compare."""

import hashlib
import json
from pathlib import Path


class Ledger:
    """Collects files of one folder; `close` writes them to `expected.json`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._files = []

    def path(self, name):
        """Where a file of this name is to be written."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def add(self, name, models, **more):
        """A file with `models`: by name a dict from a tensor's name to `tensor(…)`."""
        self._files.append({"file": name, "models": models, **more})

    def close(self):
        text = json.dumps(self._files, indent=1)
        (self.folder / "expected.json").write_text(text)


def tensor(dtype, shape, content):
    """`content`: the bytes, row by row, without gaps."""
    digest = hashlib.sha256(content).hexdigest()
    return {"dtype": dtype, "shape": list(shape), "sha256": digest}
