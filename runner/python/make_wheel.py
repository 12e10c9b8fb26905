#!/usr/bin/env python3
"""Packs the Python package as a wheel, with the standard library alone and without a network.

    make_wheel.py PACKAGE_FOLDER VERSION OUTPUT_FOLDER

The same sources make the same bytes: names are sorted, nothing is dated, and nothing is compressed,
as one zlib does it otherwise than another.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path

METADATA = """Metadata-Version: 2.1
Name: pressroom
Version: {version}
Summary: Runs campaigns of Pressroom, and reads them as pandas frames
License: Apache-2.0
Requires-Python: >=3.9
Provides-Extra: frames
Requires-Dist: pandas >= 1.5 ; extra == "frames"
"""
WHEEL = """Wheel-Version: 1.0
Generator: pressroom
Root-Is-Purelib: true
Tag: py3-none-any
"""


def files_of(package: Path, version: str) -> dict[str, bytes]:
    """By name in the wheel, what is in it, but for its list of files."""
    files = {
        f"{package.name}/{file.name}": file.read_bytes()
        for file in sorted(package.iterdir())
        if file.suffix == ".py" or file.name == "py.typed"
    }
    said = re.search(rb'__version__ = "(.*)"', files[f"{package.name}/__init__.py"])
    if not said or said.group(1).decode() != version:
        raise SystemExit(f"make_wheel: {package}/__init__.py is not of version {version}")
    info = f"{package.name}-{version}.dist-info"
    files[f"{info}/METADATA"] = METADATA.format(version=version).encode()
    files[f"{info}/WHEEL"] = WHEEL.encode()
    return files


def record_of(files: dict[str, bytes], name: str) -> bytes:
    """The wheel's list of files, which is called `name` itself."""
    lines = []
    for file, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        lines.append(f"{file},sha256={digest.decode()},{len(content)}\n")
    return "".join([*lines, f"{name},,\n"]).encode()


def main(package: Path, version: str, output: Path) -> None:
    files = files_of(package, version)
    record = f"{package.name}-{version}.dist-info/RECORD"
    files[record] = record_of(files, record)
    wheel = output / f"{package.name}-{version}-py3-none-any.whl"
    partial = wheel.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    partial.replace(wheel)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
