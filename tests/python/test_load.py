"""Directories read back: what is there, and everything that is refused. Needs no pandas."""

from __future__ import annotations

import hashlib
import json
import shutil
import unittest
from pathlib import Path

import pressroom
from campaigns import copy_of, mixed, needs_pandas, pandas, run_small
from pressroom.config_text import parse_config
from pressroom.sealed import check_seal


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file} has no {old}"
    file.write_text(text.replace(old, new, 1))


class WholeDirectories(unittest.TestCase):
    def test_plan_results_config_and_provenance_are_what_the_files_say(self) -> None:
        campaign = pressroom.load(mixed())
        self.assertEqual(campaign.name, "mixed")
        self.assertEqual(len(campaign.plan), 2 * 2 * 7)  # datasets x seeds x (dense, 3 methods x 2)
        self.assertEqual(campaign.finished, len(campaign.plan))
        self.assertEqual(campaign.config["protocol"]["context"], [192])
        self.assertEqual(campaign.config["methods"][2]["as"], "stream")
        self.assertEqual(campaign.config["seeds"], [1, 2])
        self.assertIs(campaign.config["traces"], True)
        self.assertEqual(campaign.provenance["model"]["name"], "starter")
        self.assertEqual(campaign.metrics["perplexity"].better, "lower")
        self.assertEqual(campaign.metrics["cross_entropy"].unit, "nats/token")
        for planned, result in zip(campaign.plan, campaign.results):
            on_disk = json.loads((mixed() / planned["file"]).read_text())
            on_disk["cell"].setdefault("kv_dtype", "float32")  # what a file leaves out
            self.assertEqual(result, on_disk)
        self.assertIn("28 of 28 cells", repr(campaign))

    def test_failed_cells_say_why(self) -> None:
        failed = pressroom.load(mixed()).failed
        self.assertEqual({one["cell"]["method"] for one in failed}, {"throws_late"})
        self.assertIn("more than this method can bear", failed[0]["error"])

    def test_missing_and_torn_cells_make_a_campaign_unfinished(self) -> None:
        place = copy_of(mixed())
        first, second = (planned["file"] for planned in pressroom.load(place).plan[:2])
        (place / first).unlink()
        (place / second).write_bytes(b"")  # as a loss of power leaves it
        with self.assertRaises(pressroom.PressroomError) as raised:
            pressroom.load(place)
        self.assertEqual(raised.exception.what, "the campaign is not finished")
        self.assertEqual((raised.exception.expected, raised.exception.got), ("28 cells", "26"))
        campaign = pressroom.load(place, unfinished=True)
        self.assertEqual(campaign.results[:2], [None, None])
        self.assertEqual(campaign.finished, 26)

    def test_blanks_do_not_break_a_seal_and_every_digit_does(self) -> None:
        place = copy_of(mixed())
        plan = place / "plan.json"
        plan.write_text(plan.read_text().replace("\n", "\n\t"))
        pressroom.load(place)
        file = place / pressroom.load(place).plan[0]["file"]
        text = file.read_text()
        checked = 0
        for at in range(0, len(text), 97):
            if text[at] not in "0123456789":
                continue
            broken = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
            with self.assertRaises(pressroom.PressroomError):
                check_seal(broken.encode(), "a result", file, "")
            checked += 1
        self.assertGreater(checked, 10)


class RefusedDirectories(unittest.TestCase):
    def refuses(self, place: Path, what: str, do: str = "") -> pressroom.PressroomError:
        with self.assertRaises(pressroom.PressroomError) as raised:
            pressroom.load(place)
        self.assertEqual(raised.exception.what, what)
        self.assertIn(do, raised.exception.do)
        self.assertIn(what, str(raised.exception))
        return raised.exception

    def test_a_place_without_a_campaign(self) -> None:
        self.refuses(Path("nowhere"), "the campaign's directory is not there", "check the path")
        Path("a_file").write_text("")
        self.refuses(Path("a_file"), "the campaign is no directory")
        Path("empty").mkdir(exist_ok=True)
        self.refuses(Path("empty"), "there is no campaign here", "results/<name>")

    def test_files_that_were_changed(self) -> None:
        cases = {
            "plan.json": ('"seed": 1', '"seed": 3', "the plan was changed after it was written"),
            "config.yaml": (
                "documents: 2",
                "documents: 3",
                "a file of the campaign was changed after it was written",
            ),
            "provenance.json": (
                "starter",
                "other",
                "a file of the campaign was changed after it was written",
            ),
            "facts/dense_s0.0_ctx192_seed1.json": (
                '"value": ',
                '"value": 1',
                "a result was changed after it was written",
            ),
        }
        for name, (old, new, what) in cases.items():
            with self.subTest(name):
                place = copy_of(mixed())
                change(place / name, old, new)
                error = self.refuses(place, what)
                self.assertEqual(error.where, str(place / name))
                self.assertRegex(error.expected, "SHA-256 [0-9a-f]{64}")

    def test_files_of_another_version_and_files_that_are_not_whole(self) -> None:
        for text, what in (
            ('{"schema": "pressroom.plan/9"}', "the plan is of another version"),
            ('{"schema": "pressroom.plan/1"}', "the plan is not whole"),
            ('{"schema": "pressroom.plan/1", "cells": [', "the plan is not whole"),
            ('["pressroom.plan/1"]', "the plan is not whole"),
            ("[" * 100000, "the plan is not whole"),
            ('{"schema": NaN}', "the plan is not whole"),
        ):
            with self.subTest(text[:40]):
                place = copy_of(mixed())
                (place / "plan.json").write_text(text)
                self.refuses(place, what)
        (place / "plan.json").write_bytes(b'{"schema": "\xff"}')
        self.refuses(place, "the plan is not whole")

    def test_a_cell_under_another_name(self) -> None:
        place = copy_of(mixed())
        shutil.copy(
            place / "facts/dense_s0.0_ctx192_seed1.json", place / "facts/h2o_s0.5_ctx192_seed1.json"
        )
        self.refuses(place, "a file holds another cell than the plan says", "delete the file")

    def test_every_damaged_file_is_named_at_once(self) -> None:
        place = copy_of(mixed())
        change(place / "config.yaml", "documents: 2", "documents: 3")
        change(place / "facts/dense_s0.0_ctx192_seed1.json", '"value": ', '"value": 1')
        (place / "needle/dense_s0.0_ctx192_seed1.json").write_text("{}")
        with self.assertRaises(pressroom.PressroomError) as raised:
            pressroom.load(place)
        self.assertEqual(len(raised.exception.problems), 3)

    def test_a_folder_in_place_of_a_result(self) -> None:
        place = copy_of(mixed())
        file = place / "facts/dense_s0.0_ctx192_seed1.json"
        file.unlink()
        file.mkdir()
        self.refuses(place, "a file of the campaign cannot be read")


SHOWN = {"margins": {"ece": 0.02}, "report": {"figures": {"formats": ["svg"]}}}


class Configs(unittest.TestCase):
    def test_what_the_program_writes_reads_back(self) -> None:
        for text, value in (
            ("a: 1", {"a": 1}),
            ("a: -0.5\nb: 1e-05", {"a": -0.5, "b": 1e-05}),
            ("a: true\nb: false\nc: null", {"a": True, "b": False, "c": None}),
            ('a: "1"\nb: "two words: \\"x\\""', {"a": "1", "b": 'two words: "x"'}),
            ('a: ["x, y", z]', {"a": ["x, y", "z"]}),
            ("a: []\nb: {}", {"a": [], "b": {}}),
            ("a:\n  b:\n    c: [1, 2]\nd: e", {"a": {"b": {"c": [1, 2]}}, "d": "e"}),
            (
                "a:\n  - {n: x, i: {n: y}}\n  - {n: z}",
                {"a": [{"n": "x", "i": {"n": "y"}}, {"n": "z"}]},
            ),
            ('a:\n  - {"k k": "\\u0001\\n"}', {"a": [{"k k": "\x01\n"}]}),
            ('notes: "two\\nlines\u2028here"', {"notes": "two\nlines\u2028here"}),
            ("margins:\n  ece: 0.02\nreport:\n  figures:\n    formats: [svg]", SHOWN),
            ("p: /a/b-c.txt\nq: org/Model-7B", {"p": "/a/b-c.txt", "q": "org/Model-7B"}),
        ):
            with self.subTest(text):
                self.assertEqual(parse_config(text), value)

    def test_what_it_does_not_write_is_refused(self) -> None:
        for text in ("", "a", "- x", "a: [1", "a: {b: 1", "a: 1 2", "a: *x", "a: 'b"):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_config(text)


class WithoutPandas(unittest.TestCase):
    @unittest.skipIf(pandas is not None, "there is pandas")
    def test_a_frame_says_what_to_install(self) -> None:
        with self.assertRaises(pressroom.PressroomError) as raised:
            _ = pressroom.load(mixed()).cells
        self.assertIn("frames need pandas", raised.exception.what)
        self.assertIn("pip install pandas", raised.exception.do)

    @needs_pandas
    def test_pandas_is_imported_for_the_first_frame_alone(self) -> None:
        import subprocess
        import sys

        code = (
            "import pressroom, sys; pressroom.load(sys.argv[1]); sys.exit('pandas' in sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code, str(mixed())], check=True)


class Histories(unittest.TestCase):
    """Directories whose config was extended, as they lie at any moment of it."""

    def put_aside(self, place: Path, *names: str) -> Path:
        folder = place / "history/1"
        folder.mkdir(parents=True)
        for name in ("plan.json", "config.yaml", "provenance.json", *names):
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy(place / name, folder / name)
        record = {
            "schema": "pressroom.history/1",
            "began": "2027-05-01T09:00:00Z",
            "ended": "2027-05-01T10:00:00Z",
            "changes": ["h2o.recent 0.5 -> 0.3"],
        }
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        record["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        (folder / "history.json").write_text(json.dumps(record, indent=1))
        return folder

    def test_a_directory_without_a_history(self) -> None:
        self.assertEqual(pressroom.load(mixed()).history, [])

    def test_configs_before_the_present_one(self) -> None:
        place = copy_of(mixed())
        folder = self.put_aside(place)
        (place / "history/2.partial").mkdir()
        # The plan of another run: no two are the same to the byte.
        (folder / "plan.json").write_text((folder / "plan.json").read_text() + "\n")
        (past,) = pressroom.load(place).history
        self.assertEqual((past.number, past.directory), (1, folder))
        self.assertEqual(past.ended, "2027-05-01T10:00:00Z")
        self.assertEqual(past.changes, ["h2o.recent 0.5 -> 0.3"])
        change(folder / "history.json", "0.3", "0.2")
        with self.assertRaisesRegex(pressroom.PressroomError, "changed after it was written"):
            _ = pressroom.load(place).history

    def test_an_interrupted_extension_is_the_campaign_before_it(self) -> None:
        place = copy_of(mixed())
        name = pressroom.load(place).plan[0]["file"]
        self.put_aside(place, name)
        (place / name).unlink()
        change(place / "config.yaml", "documents: 2", "documents: 3")
        campaign = pressroom.load(place)
        self.assertEqual(campaign.results, pressroom.load(mixed()).results)
        self.assertEqual(campaign.config["protocol"]["documents"], 2)
        self.assertEqual(campaign.history, [])


class Budgets(unittest.TestCase):
    def test_a_campaign_by_budget_reads_back(self) -> None:
        campaign = run_small("by_budget", sparsity=None, budget=[16, 32])
        self.assertEqual([cell["budget_tokens"] for cell in campaign.plan], [64, 16, 32])


if __name__ == "__main__":
    unittest.main()
