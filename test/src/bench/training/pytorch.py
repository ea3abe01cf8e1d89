"""The same training in PyTorch: `python pytorch.py '<json>'` prints one line of JSON.

The model is transformers' Llama with scaled dot-product attention, the adapters are peft's, the optimizer is torch's fused AdamW:
what somebody who trains with PyTorch on a CPU would run. Weights are read from `weights` (safetensors) where it is given, so
that the losses of both can be compared.
"""

import json
import resource
import statistics
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def main():
    job = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(job["threads"])
    model = LlamaForCausalLM(LlamaConfig(**{**job["config"], "use_cache": False}, attn_implementation="sdpa"))
    if job.get("weights"):
        from safetensors.torch import load_file

        missing, unexpected = model.load_state_dict(load_file(job["weights"]), strict=False)
        assert set(missing) <= {"lm_head.weight"} and not unexpected, (missing, unexpected)
    if job["mode"] == "lora":
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=job["rank"], lora_alpha=job["rank"], target_modules=job["targets"]))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in trained if p.dim() > 1], "weight_decay": 0.01},
            {"params": [p for p in trained if p.dim() < 2], "weight_decay": 0.0},
        ],
        lr=job["rate"],
        fused=True,
    )
    model.train()
    batch, sequence, vocabulary = job["batch"], job["sequence"], job["config"]["vocab_size"]
    tokens = batch * (sequence - 1)
    baseline = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    steps, forwards, losses = [], [], []
    # The ids of the one batch that every step takes; `measure.ts` has the same rule.
    at = torch.arange(batch * sequence, dtype=torch.int64)
    ids = ((at * 7919 + (at // 13) * 104729) % vocabulary).reshape(batch, sequence)
    for _ in range(job["steps"]):
        started = time.perf_counter()
        loss = model(input_ids=ids, labels=ids).loss
        forwards.append((time.perf_counter() - started) * 1000)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        steps.append((time.perf_counter() - started) * 1000)
        losses.append(loss.item())
    # The first steps allocate.
    warm = slice(min(2, job["steps"] - 1), None)
    step_ms = statistics.median(steps[warm])
    print(
        json.dumps(
            {
                "version": torch.__version__,
                "step_ms": step_ms,
                "forward_ms": statistics.median(forwards[warm]),
                "tokens_per_s": tokens / step_ms * 1000,
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - baseline,
                "losses": losses,
            }
        )
    )


main()
