#!/usr/bin/env bash
# Open the station on the sample warehouse; without a display, play a shift through the same window under a virtual one.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec .venv/bin/dockside station --sample
fi
exec xvfb-run -a -s '-screen 0 1366x768x24' .venv/bin/dockside station --sample --scripted --out build
