#!/usr/bin/env bash
# Builds the proxy and the benchmark's tools (optimised), runs the standard cases for the proxy, the
# bare floors and a plain GStreamer server side by side, and prints a table for each.
# Usage: scripts/bench.sh [--quick] [--case NAME] [--seconds S] [--repeat N]
#                         [--peer 'NAME=COMMAND with {port} and {urls}'] …   (--help lists them all)
set -euo pipefail
cd "$(dirname "$0")/.."

case " $* " in
*" --help "* | *" -h "*) ;;
*)
    scripts/setup.sh test
    # The preset "tests" is optimised; "release" has no benchmark tools.
    cmake --preset tests >/dev/null
    cmake --build build/tests --target \
        gst-rtsp-proxy bench-camera bench-swarm bench-relay bench-plain-server >&2
    ;;
esac
exec python3 tests/bench/run.py "$@"
