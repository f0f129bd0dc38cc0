#!/usr/bin/env bash
# Open a hub, a cart, a bench, a dock and a desk on the sample warehouse; without a display, play a shift through their windows.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec .venv/bin/python -m tools.run_site
fi
exec xvfb-run -a -s '-screen 0 1366x768x24' .venv/bin/python -m tools.run_site --scripted --out build/site
