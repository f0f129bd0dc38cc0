#!/usr/bin/env bash
# Everything Dockside needs on a bare Debian or Ubuntu: system libraries for Qt, a virtual environment, the project.
# A stamp of what went into it makes the next run a matter of milliseconds.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=.venv
STAMP=$VENV/.dockside-set-up

# What Qt needs to draw and to open a window, fonts, a virtual display, the user-space file system of the power-cut
# tests, and the print server that documents are tried on (a program, not a service). Alternatives of one package on newer systems stand behind a bar.
SYSTEM=(
  libglib2.0-0\|libglib2.0-0t64 libegl1 libgl1 libdbus-1-3 libfontconfig1 fontconfig libxkbcommon0 libbrotli1
  libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libx11-xcb1
  libxcb-image0 libxcb-render-util0 libxcb-xinerama0 libxcb-randr0
  libxtst6 x11-xkb-utils xkb-data libfribidi0 fonts-inter fonts-noto-core fonts-dejavu-core xvfb xauth libfuse2\|libfuse2t64
  cups-ipp-utils
)

say() { printf 'setup: %s\n' "$*"; }

installed() { [ "$(dpkg-query -W -f='${Status}' "$1" 2>/dev/null)" = "install ok installed" ]; }

missing_packages() {
  local entry name found
  for entry in "${SYSTEM[@]}"; do
    found=
    for name in ${entry//|/ }; do
      if installed "$name"; then found=yes; fi
    done
    [ -n "$found" ] || printf '%s\n' "$entry"
  done
}

# Of several names for one package, the first that this system's lists know.
known_name() {
  local name
  for name in ${1//|/ }; do
    if apt-cache show "$name" >/dev/null 2>&1; then printf '%s\n' "$name"; return; fi
  done
  printf '%s\n' "${1%%|*}"
}

system_libraries() {
  command -v dpkg-query >/dev/null || { say "not a Debian or Ubuntu: bring Qt 6's system libraries yourself"; return; }
  local missing=() names=() entry
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    say "system libraries are missing; as an administrator run:"
    printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "$(printf '%s\n' "${missing[@]%%|*}" | tr '\n' ' ')"
    return 0
  fi
  say "installing ${#missing[@]} system packages"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  for entry in "${missing[@]}"; do names+=("$(known_name "$entry")"); done
  # --no-remove: somebody's desktop must not lose a package for ours.
  apt-get install -y -qq --no-install-recommends --no-remove "${names[@]}" >/dev/null
}

# The system's own goes before one that a version manager put in front of it on the path: it is built with its profile, which such a
# build may lack, and then takes a fifth more for everything (decision 0025). Without its venv module the path's own first does.
python() {
  local candidate system=/usr/bin/python3.11
  "$system" -c 'import ensurepip, venv' 2>/dev/null || system=
  for candidate in "${DOCKSIDE_PYTHON:-}" "$system" python3.11 python3.12 python3.13 python3; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Python 3.11 or newer is needed" >&2
  return 1
}

venv_module() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null && return
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "installing python3-venv"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
  else
    say "Python's venv module is missing: apt-get install python3-venv" >&2
    return 1
  fi
}

# Renderers of ZPL that are not ours read our labels in the tests. Without Node those tests say that they were skipped.
label_readers() {
  if ! command -v npm >/dev/null; then
    say "no npm: the tests that read labels with zpl-renderer-js will be skipped"
    return 0
  fi
  say "installing the labels' second reader"
  (cd tools/label_readers && npm ci --silent --no-audit --no-fund --ignore-scripts) ||
    say "npm did not bring it: the tests that read labels with zpl-renderer-js will be skipped"
}

main() {
  local interpreter wanted
  interpreter=$(python)
  wanted=$(cat requirements.lock pyproject.toml tools/setup.sh tools/label_readers/package-lock.json | sha256sum | cut -d' ' -f1)-$("$interpreter" -c 'import sys; print(sys.version.split()[0], sys.prefix)' | sha256sum | cut -c1-12)
  if [ -f $STAMP ] && [ "$(cat $STAMP)" = "$wanted" ]; then return 0; fi
  system_libraries
  venv_module "$interpreter"
  # Two Pythons in one environment break each other: begin anew when the interpreter is another.
  if [ -d $VENV ] && [ "$($VENV/bin/python -c 'import sys; print(sys.base_prefix, sys.version)' 2>/dev/null)" != "$("$interpreter" -c 'import sys; print(sys.base_prefix, sys.version)')" ]; then
    rm -rf $VENV
  fi
  [ -d $VENV ] || "$interpreter" -m venv $VENV
  say "installing Python packages"
  [ -x $VENV/bin/uv ] || $VENV/bin/python -m pip install -q uv
  export VIRTUAL_ENV=$PWD/$VENV UV_COMPILE_BYTECODE=1
  # uv itself stays: it is what did the work.
  $VENV/bin/uv pip install -q --require-hashes -r requirements.lock
  $VENV/bin/uv pip install -q --no-deps --no-build-isolation -e .
  label_readers
  printf '%s' "$wanted" > $STAMP
  say "done"
}

main
