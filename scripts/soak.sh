#!/usr/bin/env bash
# Restarts a camera 300 times while 20 clients stay, and prints what the proxy's memory, threads and
# files are before and after. Takes about ten minutes; not part of CI.
# Usage: scripts/soak.sh [--restarts N] [--ingest tcp|udp] …   (--help lists the rest)
set -euo pipefail
cd "$(dirname "$0")/.."

case " $* " in
*" --help "* | *" -h "*) ;;
*)
    scripts/setup.sh test
    # The preset "tests" is optimised; "release" has no benchmark tools.
    cmake --preset tests >/dev/null
    cmake --build build/tests --target gst-rtsp-proxy bench-camera bench-swarm >&2
    ;;
esac
exec python3 tests/bench/soak.py "$@"
