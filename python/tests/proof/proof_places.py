"""Ways to fold that must agree, forced on tensors in CPU memory."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from permafrost.proof import Unreadable, fingerprint
from permafrost.proof.fingerprints import Fingerprinter
from permafrost.proof.quiet import quiet

PLACES = ("host", "device", "fetched")


def prints(tensors: Sequence[Tensor], place: str = "host") -> list[bytes]:
    """Fingerprints by the path of one place; each must be readable."""
    with quiet():
        found = Fingerprinter(lambda _: place).run(tensors)
    for each in found:
        assert not isinstance(each, Unreadable), each.reason
    return found


def agreed(tensor: Tensor) -> bytes:
    """The fingerprint of `tensor`, after a check that every path gives the same."""
    expected = fingerprint(tensor)
    for place in PLACES:
        assert prints([tensor], place) == [expected], place
    return expected
