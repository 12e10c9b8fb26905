"""Dense nll of one document by the transformers library, beside `pressroom score`.

    python dense_nll.py MODEL IDS.json OUT.json [--gguf FILE] [--threads N]

MODEL is a model directory; with --gguf, the directory that holds FILE. IDS.json is an array of
token ids, as `pressroom tokenize` writes it. OUT.json gets nll_nats (one per target), seconds for
loading and for one forward pass, and the process's peak memory.
"""

import argparse
import json
import resource
import time

import torch
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("model")
parser.add_argument("ids")
parser.add_argument("out")
parser.add_argument("--gguf")
parser.add_argument("--threads", type=int, default=2)
words = parser.parse_args()

torch.set_num_threads(words.threads)
begin = time.perf_counter()
options = {"gguf_file": words.gguf} if words.gguf else {}
model = AutoModelForCausalLM.from_pretrained(words.model, torch_dtype=torch.float32, **options).eval()
loaded = time.perf_counter()

ids = torch.tensor([json.load(open(words.ids))])
with torch.no_grad():
    model(ids[:, :8])
    warm = time.perf_counter()
    logits = model(ids).logits[0]
    done = time.perf_counter()
    log_probabilities = torch.log_softmax(logits[:-1].double(), dim=-1)
    nll = -log_probabilities.gather(1, ids[0, 1:, None])[:, 0]

json.dump(
    {
        "nll_nats": nll.tolist(),
        "mean_nll": nll.mean().item(),
        "last_logits": logits[-1].tolist(),
        "load_seconds": loaded - begin,
        "forward_seconds": done - warm,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    },
    open(words.out, "w"),
)
