#!/usr/bin/env bash
# Builds the proxy (Release) and runs it. Without arguments: --demo, an embedded camera, proxied.
# Usage: scripts/run.sh [gst-rtsp-proxy's arguments]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh build
if [ ! -f build/release/build.ninja ]; then
    cmake --preset release >&2
fi
cmake --build build/release --target gst-rtsp-proxy -- --quiet >&2

[ $# -gt 0 ] || set -- --demo
exec build/release/app/gst-rtsp-proxy "$@"
