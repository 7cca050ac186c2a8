"""Writing what the models are called, for the tree of the editor."""

from __future__ import annotations

import json
import os
import time
from typing import Sequence

from .tracked import TrackedModel


def write_inspection(file: str, command: str, models: Sequence[TrackedModel]) -> None:
    """Writes `.permafrost/model.json`; a reader sees the whole file or the earlier one.

    Raises what the file system raises.
    """
    inspection = {
        "version": 1,
        "framework": "pytorch",
        "source": command,
        "time": int(time.time() * 1000),
        "models": [
            {
                "name": model.name,
                "className": model.class_name,
                "tensors": [each.json() for each in model.tensors],
            }
            for model in models
        ],
    }
    os.makedirs(os.path.dirname(file), exist_ok=True)
    temporary = f"{file}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(inspection, stream, indent=2)
        stream.write("\n")
    os.replace(temporary, file)
