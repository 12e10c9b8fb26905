"""The wheel: what is in it, that it is the same each time, and that it can be installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import unittest
import zipfile
from pathlib import Path

import pressroom
from campaigns import BUILD, SOURCE

FOLDER = SOURCE / "runner/python"


def make(package: Path, output: str, version: str = pressroom.__version__) -> Path:
    Path(output).mkdir(exist_ok=True)
    words = [sys.executable, str(FOLDER / "make_wheel.py"), str(package), version, output]
    subprocess.run(words, check=True, capture_output=True)
    (wheel,) = Path(output).iterdir()
    return wheel.absolute()


def said_by(code: str, path: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path)}
    words = [sys.executable, "-c", code]
    return subprocess.run(
        words, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


class Wheels(unittest.TestCase):
    def test_the_same_sources_make_the_same_bytes(self) -> None:
        copy = Path("copy/pressroom")
        shutil.copytree(FOLDER / "pressroom", copy, ignore=shutil.ignore_patterns("__pycache__"))
        for file in copy.iterdir():
            os.utime(file, (10**9, 10**9))
        first, second = make(FOLDER / "pressroom", "first"), make(copy, "second")
        self.assertEqual(first.read_bytes(), second.read_bytes())
        self.assertEqual(first.name, f"pressroom-{pressroom.__version__}-py3-none-any.whl")

    def test_its_list_of_files_is_right(self) -> None:
        with zipfile.ZipFile(make(FOLDER / "pressroom", "listed")) as wheel:
            names = wheel.namelist()
            record = wheel.read(names[-1]).decode()
            for name, digest, size in csv.reader(record.splitlines()):
                if name == names[-1]:
                    continue
                content = wheel.read(name)
                found = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
                self.assertEqual(digest, "sha256=" + found.decode().rstrip("="))
                self.assertEqual(int(size), len(content))
            self.assertEqual(record.count("\n"), len(names))
            self.assertIn("pressroom/study.py", names)
            self.assertFalse([name for name in names if name.endswith((".so", ".pyc"))])

    def test_it_is_imported_and_finds_the_program_by_the_environment(self) -> None:
        wheel = make(FOLDER / "pressroom", "imported")
        code = (
            "import pressroom, pressroom.study; from pressroom.program import find_program; "
            "print(pressroom.__version__, pressroom.__file__, find_program())"
        )
        version, file, program = said_by(code, wheel).split()
        self.assertEqual(version, pressroom.__version__)
        self.assertTrue(file.startswith(str(wheel)))
        self.assertEqual(program, os.environ["PRESSROOM"])

    @unittest.skipUnless(importlib.util.find_spec("pip"), "there is no pip")
    def test_pip_installs_it(self) -> None:
        wheel = make(FOLDER / "pressroom", "installed")
        words = ["-m", "pip", "install", "--no-index", "--no-deps", "-q", "--target", "site"]
        subprocess.run([sys.executable, *words, str(wheel)], check=True, capture_output=True)
        said = said_by("import pressroom; print(pressroom.__file__)", Path("site").absolute())
        self.assertEqual(said, str(Path("site/pressroom/__init__.py").absolute()))

    def test_its_version_is_that_of_the_program(self) -> None:
        project = (SOURCE / "CMakeLists.txt").read_text()
        found = re.search(r"project\(Pressroom VERSION (\S+)", project)
        self.assertTrue(found)
        self.assertEqual(found and found.group(1), pressroom.__version__)
        with self.assertRaises(subprocess.CalledProcessError):
            make(FOLDER / "pressroom", "other", "9.9.9")

    def test_the_build_has_it(self) -> None:
        built = BUILD / "share/pressroom/python"
        if not list(built.glob("*.whl")):
            self.skipTest("the build found no Python")
        (wheel,) = built.glob("*.whl")
        self.assertEqual(wheel.read_bytes(), make(FOLDER / "pressroom", "here").read_bytes())
        for file in (FOLDER / "pressroom").glob("*.py"):
            self.assertEqual((built / "pressroom" / file.name).read_bytes(), file.read_bytes())


if __name__ == "__main__":
    unittest.main()
