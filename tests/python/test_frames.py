"""Frames, held against the files they are of and against what the program prints."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import struct
import unittest
import zlib
from pathlib import Path

import pressroom
from campaigns import copy_of, done, mixed, needs_pandas, pandas, program, run_small
from pressroom.frames import number


class Traces(unittest.TestCase):
    """The decoder needs no pandas."""

    def test_every_departure_is_what_the_program_reads(self) -> None:
        for name in ("h2o_s0.75_ctx192_seed1.0.trace", "stream_s0.5_ctx192_seed2.1.trace"):
            file = mixed() / "facts" / name
            trace = pressroom.read_trace(file)
            said = json.loads(program("trace", str(file), "--json", "--departures"))
            self.assertEqual((trace.layers, trace.tokens), (len(said["layers"]), said["tokens"]))
            self.assertEqual(trace.header["ids_sha256"], said["ids_sha256"])
            for layer in said["layers"]:
                for head in layer["heads"]:
                    where = layer["layer"], head["head"]
                    self.assertEqual(trace.left_after[where[0]][where[1]], head["left_after"])
                    held = [p for low, high in head["ranges"] for p in range(low, high + 1)]
                    self.assertEqual(trace.kept(*where), held)
                    self.check_scores(trace, where, head.get("score"))

    def check_scores(self, trace: pressroom.Trace, where: tuple[int, int], said: object) -> None:
        scores = trace.scores[where[0]][where[1]] if trace.scores else []
        if isinstance(said, list):
            self.assertEqual([None if math.isnan(s) else s for s in scores], said)
        else:
            self.assertTrue(all(map(math.isnan, scores)))

    def test_held_entries_before_the_end(self) -> None:
        trace = pressroom.read_trace(mixed() / "facts/h2o_s0.75_ctx192_seed1.0.trace")
        said = program("trace", str(mixed() / "facts/h2o_s0.75_ctx192_seed1.0.trace"), "--json",
                       "--step", "100")  # fmt: skip
        ranges = json.loads(said)["layers"][1]["heads"][0]["ranges"]
        held = [p for low, high in ranges for p in range(low, high + 1)]
        self.assertEqual(trace.kept(1, 0, 100), held)

    def test_damaged_traces_are_refused(self) -> None:
        content = (mixed() / "facts/h2o_s0.75_ctx192_seed1.0.trace").read_bytes()
        body = content[:-4]

        def summed(changed: bytes) -> bytes:
            return changed + struct.pack("<I", zlib.crc32(changed))

        cases = {
            "another file": b"something else",
            "nothing": b"",
            "cut": content[:-1],
            "a changed byte": content[:200] + bytes([content[200] ^ 1]) + content[201:],
            "cut, with a new sum": summed(body[:-7]),
            "more behind it": summed(body + b"\0"),
            "version 2": summed(body[:8] + b"\2" + body[9:]),
            "a header that is too long": summed(body[:12] + b"\xff\xff\xff\x7f" + body[16:]),
        }
        for name, damaged in cases.items():
            with self.subTest(name):
                file = Path("damaged.trace")
                file.write_bytes(damaged)
                with self.assertRaises(pressroom.PressroomError) as raised:
                    pressroom.read_trace(file)
                self.assertEqual(raised.exception.what, "the trace is not whole")

    def test_no_byte_of_a_trace_can_do_more_than_be_refused(self) -> None:
        body = (mixed() / "needle/stream_s0.5_ctx192_seed1.0.trace").read_bytes()[:-4]
        file = Path("mutated.trace")
        for at in range(8, len(body), 3):
            changed = body[:at] + bytes([body[at] ^ 0x41]) + body[at + 1 :]
            file.write_bytes(changed + struct.pack("<I", zlib.crc32(changed)))
            with contextlib.suppress(pressroom.PressroomError):
                pressroom.read_trace(file)


@needs_pandas
class Frames(unittest.TestCase):
    def setUp(self) -> None:
        self.campaign = pressroom.load(mixed())

    def test_cells_have_a_row_each_and_the_numbers_of_their_files(self) -> None:
        cells = self.campaign.cells
        self.assertEqual(len(cells), 28)
        for row, result in zip(cells.itertuples(), done(self.campaign)):
            self.assertEqual(row.method, result["cell"]["method"])
            self.assertEqual(row.context_tokens, 192)
            self.assertEqual(row.state, "failed" if result["error"] else "done")
            for name, value in result["metrics"].items():
                self.assertEqual(getattr(row, name), number(value["value"]))
        failed = cells[cells.state == "failed"]
        self.assertEqual(set(failed.method), {"throws_late"})
        self.assertTrue(failed.perplexity.isna().all())

    def test_means_are_those_of_results_json(self) -> None:
        groups = json.loads((mixed() / "results.json").read_text())["groups"]
        by = ["dataset", "context_tokens", "method", "budget_tokens"]
        means = self.campaign.cells.groupby(by)[list(self.campaign.metrics)].mean()
        compared = 0
        for group in groups:
            row = means.loc[tuple(group[name] for name in by)]
            for name, metric in group["metrics"].items():
                if metric["mean"] is None:
                    continue
                self.assertAlmostEqual(row[name], metric["mean"], delta=1e-12 * abs(metric["mean"]))
                compared += 1
        self.assertGreater(compared, 50)

    def test_documents_have_a_row_for_each_window_of_each_cell(self) -> None:
        documents = self.campaign.documents
        self.assertEqual(len(documents), 2 * (28 - len(self.campaign.failed)))
        h2o = documents[(documents.method == "h2o") & (documents.dataset == "facts")]
        self.assertEqual(set(h2o.window), {0, 1})
        ratio = h2o.sum_nll_nats / h2o.targets / h2o.mean_nll_nats
        self.assertLess((ratio - 1).abs().max(), 1e-12)
        facts = documents[documents.dataset == "facts"]
        self.assertTrue((facts.answers_asked == 2).all())
        right = facts.groupby(["method", "budget_tokens", "seed"]).answers_right.sum() / 4
        cells = self.campaign.cells.set_index(["method", "budget_tokens", "seed", "dataset"])
        for key, share in right.items():
            self.assertAlmostEqual(cells.loc[(*key, "facts"), "exact_match"], share)

    def test_how_keys_and_values_were_held_is_told_of_every_cell(self) -> None:
        methods = ["h2o", {"name": "h2o", "kv_dtype": "q8"}]
        held = run_small("held", methods=methods, traces=True)
        said = {"dense": "float32", "h2o": "float32", "h2o_q8": "q8"}
        self.assertEqual(dict(zip(held.cells.method, held.cells.kv_dtype)), said)
        self.assertEqual({cell["method"]: cell["kv_dtype"] for cell in held.plan}, said)
        for method in ("h2o", "h2o_q8"):
            trace = pressroom.read_trace(held.directory / f"{method}_s0.5_ctx64_seed1.0.trace")
            self.assertEqual(trace.header["kv_dtype"], said[method])

    def test_documents_that_ask_nothing_have_no_answers(self) -> None:
        documents = run_small("asks_nothing").documents
        self.assertTrue(documents.answers_asked.isna().all())
        self.assertEqual(list(documents.targets), [63] * 4)  # all of 64 tokens but the first
        self.assertEqual(list(documents.first_target), [1] * 4)

    def test_comparisons_are_the_tests_of_the_file(self) -> None:
        tests = json.loads((mixed() / "significance_tests.json").read_text())
        frame = self.campaign.comparisons
        self.assertEqual(list(frame.name), list(tests))
        for row in frame.to_dict("records"):
            test = tests[row["name"]]
            self.assertEqual(row["verdict"], test["verdict"])
            self.assertTrue(same(row["mean_difference"], test["mean_difference"]))
            self.assertTrue(same(row["wilcoxon_p_value"], test["wilcoxon"]["p_value"]))
            self.assertTrue(same(row["ci95_high"], (test["ci95"] or [None, None])[1]))

    def test_tests_of_other_results_are_refused(self) -> None:
        place = copy_of(mixed())
        text = (place / "results.json").read_text()
        value = json.loads(text)["groups"][0]["metrics"]["perplexity"]["per_seed"][0]
        (place / "results.json").write_text(text.replace(repr(value), "12345.5"))
        self.refuses_comparisons(place, "the tests are not of these results")
        (place / "results.json").unlink()
        self.refuses_comparisons(place, "a file of the campaign cannot be read")
        place = copy_of(mixed())
        (place / "significance_tests.json").write_text("{}")
        self.refuses_comparisons(place, "the tests are not of these results")
        (place / "significance_tests.json").write_text("{")
        self.refuses_comparisons(place, "the summary is not whole")
        place = copy_of(mixed())
        (place / self.campaign.plan[0]["file"]).unlink()
        self.refuses_comparisons(place, "there are no tests yet")

    def refuses_comparisons(self, place: Path, what: str) -> None:
        with self.assertRaises(pressroom.PressroomError) as raised:
            _ = pressroom.load(place, unfinished=True).comparisons
        self.assertEqual(raised.exception.what, what)

    def test_traces_have_a_row_for_each_entry(self) -> None:
        frame = self.campaign.traces(method="h2o", sparsity=[0.75], dataset="facts", seed=1)
        trace = pressroom.read_trace(mixed() / "facts/h2o_s0.75_ctx192_seed1.0.trace")
        first = frame[frame.window == 0]
        self.assertEqual(len(first), trace.layers * trace.kv_heads * trace.tokens)
        self.assertEqual(set(frame.window), {0, 1})
        head = frame[(frame.window == 0) & (frame["layer"] == 1) & (frame["head"] == 0)]
        left = [None if pandas.isna(value) else value for value in head.left_after]
        self.assertEqual(left, trace.left_after[1][0])
        gone = head[head.left_after.notna()]
        self.assertTrue((gone.age_tokens == gone.left_after - gone.position).all())
        self.assertTrue(gone.score.notna().all())
        one = self.campaign.traces(method="h2o", sparsity=0.75, dataset="facts", seed=1, window=1)
        self.assertEqual(set(one.window), {1})

    def test_traces_that_are_not_there(self) -> None:
        with self.assertRaisesRegex(pressroom.PressroomError, "there is no such trace"):
            self.campaign.traces(method="nobody")
        with self.assertRaisesRegex(pressroom.PressroomError, "cells have no such column"):
            self.campaign.traces(metod="h2o")

    def test_frames_without_rows_have_their_columns(self) -> None:
        place = copy_of(mixed())
        for planned in self.campaign.plan:
            (place / planned["file"]).unlink()
        empty = pressroom.load(place, unfinished=True)
        self.assertEqual(set(empty.cells.state), {"not run"})
        self.assertIn("mean_nll_nats", empty.documents.columns)
        self.assertIn("answer", empty.answers.columns)
        self.assertEqual((len(empty.documents), len(empty.answers)), (0, 0))


@needs_pandas
class ValuesOfDocumentsAndAnswers(unittest.TestCase):
    """Metrics that tell their value of each document, and of each answer."""

    def setUp(self) -> None:
        campaign = pressroom.load(mixed())
        self.told = pressroom.Campaign(
            campaign.directory,
            campaign.config,
            {"name": "told", "cells": campaign.plan[:1]},
            campaign.provenance,
            [self.result()],
        )

    @staticmethod
    def result() -> dict[str, object]:
        def document(name: str, answers: int) -> dict[str, object]:
            asked = {"answers": {"asked": answers, "right": 1}} if answers else {}
            return {
                "id": name,
                "ids_sha256": "",
                "provenance": "",
                "targets": [1, 5, 9],
                "sum_nll_nats": "inf",
                "mean_nll_nats": "inf",
                "kept_sha256": "",
                **asked,
            }

        unit = {"unit": "1", "better": "lower", "aggregation": "mean"}
        return {
            "error": "",
            "seconds": 1.5,
            "documents": [document("a", 2), document("b", 0)],
            "metrics": {
                "ece": {"value": 0.2, "documents": [0.1, None], **unit},
                "pass": {"value": 0.5, "answers": [[1.0, 0.0], []], **unit},
                "seed": {"value": "nan", "documents": [3.0, 4.0], **unit},
            },
        }

    def test_documents(self) -> None:
        frame = self.told.documents
        self.assertEqual(frame.ece[0], 0.1)
        self.assertTrue(math.isnan(frame.ece[1]))
        self.assertNotIn("pass", frame.columns)
        self.assertEqual(list(frame.metric_seed), [3.0, 4.0])  # its name is another column's
        self.assertEqual(list(frame.targets), [3, 3])
        self.assertEqual(list(frame.last_target), [9, 9])
        self.assertTrue(math.isinf(frame.sum_nll_nats[0]))

    def test_answers_in_words(self) -> None:
        place = copy_of(mixed())
        planned = pressroom.load(place).plan[0]
        result = pressroom.load(place).results[0]
        assert result is not None
        answer = {
            **{"id": "who", "question": "Who?", "expected": " Ann", "references": ["Ann"]},
            **{"options": [], "is_exact": False, "is_generated": True, "text": " Bob"},
            **{"is_cut": False, "evidence_held": 0.25, "evidence": None},
        }
        documents = [{"id": result["documents"][0]["id"], "answers": [answer]}]
        fields = {"content_key": result["content_key"], "documents": documents}
        file = place / planned["file"].replace(".json", ".answers.json")
        write_sealed(file, {"schema": "pressroom.answers/1", **fields})
        frame = pressroom.load(place).answers
        first = frame[(frame.method == planned["method"]) & (frame.dataset == planned["dataset"])]
        first = first[(first.seed == planned["seed"]) & (first.sparsity == planned["sparsity"])]
        self.assertEqual(first.iloc[0].text, " Bob")
        self.assertEqual(first.iloc[0].evidence_held, 0.25)
        self.assertFalse(first.iloc[0].is_exact)
        self.assertEqual(list(first.answer), [0, 1, 0, 1])  # the others are in the cell's file alone
        self.assertIsNone(first.iloc[1].text)
        write_sealed(file, {"schema": "pressroom.answers/1", "content_key": fields["content_key"]})
        with self.assertRaisesRegex(pressroom.PressroomError, "a file of answers is not whole"):
            _ = pressroom.load(place).answers
        file.write_text(file.read_text().replace("pressroom.answers/1", "pressroom.answers/9"))
        with self.assertRaisesRegex(pressroom.PressroomError, "another version"):
            _ = pressroom.load(place).answers

    def test_answers(self) -> None:
        frame = self.told.answers
        self.assertEqual(list(frame.document), ["a", "a"])
        self.assertEqual(list(frame.answer), [0, 1])
        self.assertEqual(list(frame["pass"]), [1.0, 0.0])


def write_sealed(file: Path, fields: dict[str, object]) -> None:
    text = json.dumps(fields, separators=(",", ":"))
    seal = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(f'{text[:-1]},"sha256":"{seal}"}}\n')


def same(value: float, written: float | None) -> bool:
    return math.isnan(value) if written is None else value == written


if __name__ == "__main__":
    unittest.main()
