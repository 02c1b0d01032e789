"""One step (one forward pass of SDXL's UNet, without guidance) in stable-diffusion.cpp, timed. Prints one line of JSON.

The checkpoint is a single file of zeros in float16; the library quantises it as it reads it.
"""

import argparse
import json
import os
import resource
import struct
import tempfile
import time
from pathlib import Path

from stable_diffusion_cpp import StableDiffusion

KEYS = Path(__file__).parents[2] / "test/fixtures/golden/keys/base.single-file.json"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--type", choices=["f16", "q8_0"], default="q8_0")
parser.add_argument("--pixels", type=int, default=512)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--steps", type=int, default=3)
options = parser.parse_args()


def write_zeros(path: Path) -> None:
    """A sparse safetensors file with the real SDXL base's names and shapes."""
    position, header = 0, {}
    for name, shape in json.loads(KEYS.read_text()).items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [position, position + size]}
        position += size
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + position)


moments: list[float] = []
# The library closes the standard output while it computes.
output = os.fdopen(os.dup(1), "w")


def note(step: int, steps: int, _seconds: float) -> None:
    """Ends the program after the last step: the decoding that follows takes minutes and is not what is compared."""
    if steps != options.steps:
        return
    moments.append(time.perf_counter())
    if step < steps:
        return
    result = {
        "loadSeconds": loaded,
        "forwardSeconds": min(after - before for before, after in zip(moments, moments[1:])),
        "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(result), file=output, flush=True)
    checkpoint.unlink()
    os._exit(0)


checkpoint = Path(tempfile.mkstemp(suffix=".safetensors")[1])
write_zeros(checkpoint)
start = time.perf_counter()
model = StableDiffusion(
    model_path=str(checkpoint),
    n_threads=options.threads,
    wtype=options.type,
    diffusion_flash_attn=True,
    verbose=False,
)
loaded = time.perf_counter() - start
model.generate_image(
    prompt="a cat",
    width=options.pixels,
    height=options.pixels,
    cfg_scale=1.0,
    sample_method="euler",
    sample_steps=options.steps,
    progress_callback=note,
)
