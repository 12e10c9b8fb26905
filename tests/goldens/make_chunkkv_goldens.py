"""What kvpress' ChunkKVPress keeps and costs: a prompt in one block, one compression, then token by
token at original positions.

usage: make_chunkkv_goldens.py MODEL_DIR TEXT OUT.json

TEXT's first BYTES bytes are encoded by the model's tokenizer; of their tokens the first TOKENS are
run. kvpress' topk is replaced by a stable sort that keeps the newer of two equal scores.
"""

import json
import sys

import kvpress
import tokenizers
import torch
import transformers

BYTES, TOKENS, PROMPT, LENGTH = 1600, 416, 320, 24


def newer_first(values, k, dim=-1, largest=True, sorted=True):
    order = values.flip(dim).argsort(dim=dim, descending=largest, stable=True).narrow(dim, 0, k)
    indices = values.size(dim) - 1 - order
    return torch.return_types.topk((values.gather(dim, indices), indices))


torch.topk = newer_first
torch.Tensor.topk = newer_first

PRESSES = {
    "knorm": lambda ratio: kvpress.KnormPress(ratio),
    "snapkv": lambda ratio: kvpress.SnapKVPress(ratio, window_size=32, kernel_size=5),
}


def kept_positions(whole, kept):
    """Rows of `kept` among those of `whole`, for each head."""
    heads = []
    for before, after in zip(whole[0], kept[0]):
        distance = (after[:, None] - before[None]).abs().amax(-1)
        assert distance.min(1).values.max() < 1e-5
        heads.append(sorted(distance.argmin(1).tolist()))
    return heads


@torch.no_grad()
def run(model, ids, press):
    whole = transformers.DynamicCache()
    model(ids[:, :PROMPT], past_key_values=whole)
    cache = transformers.DynamicCache()
    with press(model):
        model(ids[:, :PROMPT], past_key_values=cache)
    kept = [
        kept_positions(before.keys, after.keys)
        for before, after in zip(whole.layers, cache.layers)
    ]
    nll = []
    for token in range(PROMPT, TOKENS - 1):
        out = model(
            ids[:, token : token + 1],
            past_key_values=cache,
            position_ids=torch.tensor([[token]]),
        )
        log_probabilities = torch.log_softmax(out.logits[0, -1].double(), -1)
        nll.append(round(-log_probabilities[ids[0, token + 1]].item(), 6))
    return {"kept_positions": kept, "nll_nats": nll}


def main(folder, text, out):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    content = open(text, "rb").read(BYTES).decode()
    tokenizer = tokenizers.Tokenizer.from_file(folder + "/tokenizer.json")
    ids = tokenizer.encode(content, add_special_tokens=False).ids
    assert TOKENS <= len(ids) < 2 * TOKENS, len(ids)
    ids = ids[:TOKENS]
    golden = {
        "kvpress": "0.5.5",
        "text_bytes": BYTES,
        "prefill_tokens": PROMPT,
        "chunk_length": LENGTH,
        "ids": ids,
        "runs": [],
    }
    for inner, make in PRESSES.items():
        for ratio in (0.5, 0.75):
            press = kvpress.ChunkKVPress(make(ratio), chunk_length=LENGTH)
            result = run(model, torch.tensor([ids]), press)
            golden["runs"].append({"inner": inner, "sparsity": ratio, **result})
            print(inner, ratio, [len(h) for l in result["kept_positions"] for h in l],
                  sum(result["nll_nats"]) / len(result["nll_nats"]))
    with open(out, "w") as file:
        json.dump(golden, file)
        file.write("\n")


main(*sys.argv[1:])
