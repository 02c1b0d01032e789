#!/usr/bin/env bash
# Installs what a user would pick instead of Easel (diffusers, stable-diffusion.cpp) into .peers, for `npm run bench -- peers`.
set -euo pipefail
cd "$(dirname "$0")/../.."
python3 -m venv .peers
.peers/bin/pip install --quiet --requirement tools/peers/requirements.txt
