#!/bin/bash
# What a metric may return: a cell whose metric breaks its contract fails, with an error that names the
# metric, and the values that are right are stored document by document.
source "$(dirname "$0")/common.sh"

# error_of CELL: its error, line by line.
error_of() { grep '"error":' "$1" | sed -E 's/^ *"error": "(.*)",?$/\1/; s/\\n/\n/g; s/\\"/"/g'; }

faults=(name twice perplexity nan nan_document fewer more answers logits)
for how in "${faults[@]}"; do
  campaign odd.yaml "methods: [dense]" "metrics: [perplexity, {name: odd_values, how: $how}]"
  observe "$pressroom" run odd.yaml --plugin-dir "$plugins" --out "odd_$how"
  expect_code 1 "a metric that is wrong by $how"
  echo "$how"
  error_of "odd_$how/dense_s0.0_ctx64_seed1.json" | sed 's/^/  /'
done > errors
expect_approved metric_values < errors

campaign even.yaml "methods: [h2o]" "metrics: [perplexity, cache, odd_values]"
observe "$pressroom" run even.yaml --plugin-dir "$plugins" --out even
expect_code 0 "a metric whose values are right"
python3 - even/h2o_s0.5_ctx64_seed1.json << 'END' || fail "values of documents are not stored as they are"
import json, math, sys
cell = json.load(open(sys.argv[1]))
metrics = cell["metrics"]
assert metrics["odd_value"]["documents"] == [1] * 4, metrics["odd_value"]
assert metrics["odd_value"]["answers"] == [[]] * 4, metrics["odd_value"]
means = [document["mean_nll_nats"] for document in cell["documents"]]
for got, mean in zip(metrics["cross_entropy"]["documents"], means, strict=True):
    assert math.isclose(got, mean, rel_tol=1e-12)
for got, mean in zip(metrics["perplexity"]["documents"], means, strict=True):
    assert math.isclose(got, math.exp(mean), rel_tol=1e-12)
assert len(metrics["kept_ratio"]["documents"]) == 4 and "documents" not in metrics["kept"]
END
echo "metric_values.sh: passed, ${#faults[@]} faults"
