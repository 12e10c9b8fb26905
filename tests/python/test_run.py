"""The program started from Python: what it is told, its exit codes, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

import pressroom
from campaigns import PLUGINS, PROSE, done, needs_pandas, program, run_small, small
from pressroom.errors import problems_of_program
from pressroom.program import find_program
from pressroom.running import flags_of


class Runs(unittest.TestCase):
    def test_a_dict_and_a_file_are_the_same_campaign(self) -> None:
        Path("folder").mkdir(exist_ok=True)
        Path("folder/small.json").write_text(json.dumps(small()))
        of_dict = run_small("of_dict")
        of_file = pressroom.run("folder/small.json", out="of_file", progress=False)
        self.assertEqual(of_dict.config, of_file.config)
        keys = [[r["content_key"] for r in done(campaign)] for campaign in (of_dict, of_file)]
        self.assertEqual(*keys)
        self.assertEqual(list(Path().glob(".pressroom-config-*")), [])

    def test_relative_paths_in_a_dict_start_at_the_current_folder(self) -> None:
        prose = [{"reader": "text", "path": os.path.relpath(PROSE)}]
        campaign = run_small("relative", datasets=prose)
        self.assertEqual(campaign.config["datasets"][0]["path"], PROSE)

    def test_overrides_are_the_flags_of_the_program(self) -> None:
        campaign = run_small("plain")
        changed = pressroom.run(
            small(),
            out="overridden",
            progress=False,
            documents=3,
            seeds=[5, 6],
            methods=["dense", {"name": "h2o", "recent": 4, "as": "mine"}],
            set={"protocol.context": 32, "sparsity": [0.25, 1e-1]},
        )
        self.assertEqual(campaign.config["protocol"]["documents"], 2)
        self.assertEqual(changed.config["protocol"]["documents"], 3)
        self.assertEqual(changed.config["protocol"]["context"], [32])
        self.assertEqual(changed.config["seeds"], [5, 6])
        self.assertEqual(changed.config["sparsity"], [0.25, 0.1])
        self.assertEqual(changed.config["methods"][1]["as"], "mine")

    def test_without_out_the_directory_is_named_after_the_campaign(self) -> None:
        campaign = pressroom.run(small(name="by_name"), progress=False)
        self.assertEqual(campaign.directory, Path("results/by_name"))

    def test_what_is_there_is_not_run_again(self) -> None:
        run_small("twice")
        lines: list[str] = []
        pressroom.run(small(), out="twice", progress=lines.append)
        self.assertEqual(sum("already there" in line for line in lines), 2)

    def test_a_directory_is_extended_where_that_was_asked_for(self) -> None:
        run_small("grown")
        more = small(methods=["h2o", "knorm"])
        with self.assertRaisesRegex(pressroom.PressroomError, "--extend"):
            pressroom.run(more, out="grown", progress=False)
        self.assertEqual(len(pressroom.load("grown").plan), 2)
        lines: list[str] = []
        grown = pressroom.run(more, out="grown", extend=True, progress=lines.append)
        self.assertEqual(len(grown.plan), 3)
        self.assertEqual(sum("already there" in line for line in lines), 2)
        (past,) = grown.history
        self.assertIn("knorm", " ".join(past.changes))

    def test_a_campaign_with_failed_cells_is_returned(self) -> None:
        campaign = pressroom.run(
            small(methods=["throws_late"]), out="failing", plugin_dir=PLUGINS, progress=False
        )
        self.assertEqual([one["cell"]["method"] for one in campaign.failed], ["throws_late"])

    @needs_pandas
    def test_report_and_compare_are_the_programs(self) -> None:
        campaign = run_small("compared", methods=["h2o", "knorm"])
        self.assertIn("<html", campaign.report(figures=False).read_text())
        said = json.loads(program("compare", "compared", "--format", "json"))
        one = said["families"][0]["comparisons"][0]
        row = campaign.compare().iloc[0]
        self.assertEqual(row.test, one["test"])
        self.assertEqual(row.delta_nll_nats, one["delta_nll_nats"])
        self.assertEqual(row.first_method, "dense")
        against = campaign.compare(baseline="knorm")
        self.assertIn("knorm", set(against.first_method))
        # The same differences as the directory's own tests, of the other sign.
        tests = campaign.comparisons.set_index("name")
        self.assertEqual(tests.mean_difference[row.test], -row.delta_nll_nats)
        with self.assertRaisesRegex(pressroom.PressroomError, "no such option"):
            campaign.compare(bsaeline="knorm")
        with self.assertRaisesRegex(pressroom.PressroomError, "nobody"):
            campaign.compare(baseline="nobody")


class Refusals(unittest.TestCase):
    def test_mistakes_in_a_config_are_told_in_parts(self) -> None:
        with self.assertRaises(pressroom.PressroomError) as raised:
            run_small("refused", methods=["h2"], sparsity=[1.5])
        self.assertEqual(len(raised.exception.problems), 2)
        method = raised.exception.problems[0]
        self.assertEqual(method.what, 'no method is called "h2"')
        self.assertRegex(method.where, "^config:[0-9]+:[0-9]+$")
        self.assertEqual((method.got, method.do), ("h2", 'did you mean "h2o"?'))
        self.assertFalse(Path("refused").exists())

    def test_a_config_that_is_not_there(self) -> None:
        with self.assertRaisesRegex(pressroom.PressroomError, "nowhere.yaml: the config cannot"):
            pressroom.run("nowhere.yaml", progress=False)

    def test_overrides_that_are_no_flags(self) -> None:
        with self.assertRaises(pressroom.PressroomError) as raised:
            pressroom.run(small(), documnts=3)
        self.assertEqual(raised.exception.do, 'did you mean "documents"?')

    def test_values_that_no_config_can_have(self) -> None:
        with self.assertRaises(TypeError):
            pressroom.run(small(seeds=object()))
        with self.assertRaises(ValueError):
            pressroom.run(small(sparsity=[float("nan")]))

    def test_no_program(self) -> None:
        nowhere = mock.patch.dict(os.environ, {"PRESSROOM": "/no/such/program"})
        with nowhere, self.assertRaises(pressroom.PressroomError) as raised:
            run_small("never")
        self.assertEqual(raised.exception.what, "the program cannot be found")
        self.assertEqual(raised.exception.where, "/no/such/program")

    def test_what_is_told_to_progress_may_end_the_run(self) -> None:
        def fail(line: str) -> None:
            raise RuntimeError("enough")

        with self.assertRaisesRegex(RuntimeError, "enough"):
            pressroom.run(small(), out="ended", progress=fail)


class Words(unittest.TestCase):
    def test_overrides_as_words(self) -> None:
        for overrides, words in (
            ({"documents": 4}, ["--documents", "4"]),
            ({"seeds": [1, 2]}, ["--seeds", "1", "2"]),
            ({"model": Path("a b")}, ["--model", '"a b"']),
            ({"limit_seconds": 5}, ["--limit-seconds", "5"]),
            ({"time": "30m"}, ["--time", "30m"]),
            ({"plugin_dir": ["a", Path("b")]}, ["--plugin-dir", "a", "--plugin-dir", "b"]),
            ({"locked": True, "check_views": False}, ["--locked"]),
            ({"set": {"a.b": [1, "x"], "c": True}}, ["--set", 'a.b=[1, "x"]', "--set", "c=true"]),
            ({"methods": [{"name": "\u00e9"}]}, ["--methods", '{"name": "\u00e9"}']),
        ):
            with self.subTest(overrides):
                self.assertEqual(flags_of(overrides), words)

    def test_every_flag_is_one_of_the_program(self) -> None:
        from pressroom import running

        known = program("run", "--help")
        for name in (*running._VALUES, *running._WORDS, *running._SWITCHES):
            self.assertIn("--" + name.replace("_", "-"), known)

    def test_errors_of_the_program_in_parts(self) -> None:
        text = "info: x\nerror: a.yaml:6:23: no: it\n  expected: b\n  got:      c\n  do:       d"
        text += "\nerror: e"
        first, second = problems_of_program(text)
        self.assertEqual(first, pressroom.Problem("no: it", "a.yaml:6:23", "b", "c", "d"))
        self.assertEqual("error: " + first.text(), "\n".join(text.split("\n")[1:5]))
        self.assertEqual(second, pressroom.Problem("e"))
        self.assertEqual(problems_of_program("Killed"), [pressroom.Problem("Killed")])


class Interruptions(unittest.TestCase):
    slow = {"methods": [{"name": "slow", "pause_us": 5000}], "sparsity": [0.25, 0.5, 0.75]}

    def test_ctrl_c_is_passed_on_and_the_same_call_finishes(self) -> None:
        def interrupt_after_first_cell(line: str) -> None:
            if "[1/4]" in line:
                threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()

        with self.assertRaises(pressroom.Interrupted) as raised:
            pressroom.run(
                small(**self.slow),
                out="interrupted",
                plugin_dir=PLUGINS,
                progress=interrupt_after_first_cell,
            )
        self.assertEqual(raised.exception.directory, Path("interrupted"))
        self.assertIsInstance(raised.exception, KeyboardInterrupt)
        part = pressroom.load("interrupted", unfinished=True)
        self.assertTrue(0 < part.finished < 4, part)
        events = Path("interrupted/events.jsonl").read_text()
        self.assertIn('"event":"interrupted"', events)
        quick = [{"name": "slow", "pause_us": 5000}]
        whole = pressroom.run(
            small(**dict(self.slow, methods=quick)),
            out="interrupted",
            plugin_dir=PLUGINS,
            progress=False,
        )
        self.assertEqual(whole.finished, 4)

    def test_a_limit_of_time_is_an_interruption(self) -> None:
        with self.assertRaises(pressroom.Interrupted):
            pressroom.run(
                small(**self.slow), out="limited", plugin_dir=PLUGINS, time="1s", progress=False
            )

    def test_ctrl_c_of_a_terminal_reaches_the_program_once(self) -> None:
        code = f"""
import json, pressroom, sys
try:
    pressroom.run({small(**self.slow)!r}, out="terminal", plugin_dir={PLUGINS!r})
except pressroom.Interrupted:
    sys.exit(7)
"""
        # A group of its own, to which the signal goes as from a terminal.
        process = subprocess.Popen(
            [sys.executable, "-c", code], start_new_session=True, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr
        for line in process.stderr:
            if "[1/4]" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        said = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(), 7, said)
        self.assertIn("interrupted; run the same command again", said)


class Places(unittest.TestCase):
    def test_the_program_of_the_prefix_is_found(self) -> None:
        package = Path("prefix/share/pressroom/python").absolute()
        (package.parents[2] / "bin").mkdir(parents=True, exist_ok=True)
        package.mkdir(parents=True, exist_ok=True)
        link = package / "pressroom"
        source = Path(pressroom.__file__).parent
        if not link.exists():
            subprocess.run(["cp", "-r", str(source), str(link)], check=True)
        program_file = package.parents[2] / "bin/pressroom"
        program_file.write_text("#!/bin/sh\n")
        program_file.chmod(0o755)
        environment = {**os.environ, "PYTHONPATH": str(package)}
        del environment["PRESSROOM"]
        code = "from pressroom.program import find_program; print(find_program())"
        said = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        self.assertEqual(said.stdout.strip(), str(program_file))

    def test_the_one_that_is_named_goes_first(self) -> None:
        self.assertEqual(find_program(), os.environ["PRESSROOM"])


if __name__ == "__main__":
    unittest.main()
