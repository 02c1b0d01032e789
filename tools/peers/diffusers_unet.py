"""One forward pass of SDXL's UNet in diffusers, timed. Prints one line of JSON.

The weights are zeros, as in Easel's own benchmark: kernels take as long with zeros as with numbers.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

CONFIGS = Path(__file__).parents[2] / "test/fixtures/golden/keys/configs.json"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
parser.add_argument("--pixels", type=int, default=512)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--runs", type=int, default=2)
options = parser.parse_args()

torch.set_num_threads(options.threads)
dtype = getattr(torch, options.dtype)
side = options.pixels // 8
start = time.perf_counter()
with torch.device("meta"):
    unet = UNet2DConditionModel.from_config(json.loads(CONFIGS.read_text())["unet"])
unet = unet.to(dtype).to_empty(device="cpu").eval().requires_grad_(False)
for parameter in unet.parameters():
    parameter.zero_()
loaded = time.perf_counter() - start

inputs = {
    "sample": torch.zeros(1, 4, side, side, dtype=dtype),
    "timestep": torch.tensor(500),
    "encoder_hidden_states": torch.zeros(1, 77, 2048, dtype=dtype),
    "added_cond_kwargs": {
        "text_embeds": torch.zeros(1, 1280, dtype=dtype),
        "time_ids": torch.zeros(1, 6, dtype=dtype),
    },
}
seconds = []
with torch.inference_mode():
    for _ in range(options.runs + 1):
        start = time.perf_counter()
        unet(**inputs)
        seconds.append(time.perf_counter() - start)
print(
    json.dumps(
        {
            "loadSeconds": loaded,
            "forwardSeconds": min(seconds[1:]),
            "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
