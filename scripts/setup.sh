#!/usr/bin/env bash
# Installs the Debian packages that the project is built and tested with. Quick when nothing is missing.
# Usage: scripts/setup.sh [build|test|interop]
#   build: what the program needs (default); test: what its tests need, too; interop: also the players
#   of scripts/test.sh --all.
set -euo pipefail

what=${1:-build}
packages=(
    # building
    build-essential cmake ninja-build pkg-config
    # GStreamer core, base libraries (RTSP, SDP, RTP) and the RTSP server library
    libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstrtspserver-1.0-dev
    # elements at run time: rtspsrc, rtpbin and udpsrc are in "good", the test sources of --demo in "base"
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good
    # x264enc, for the embedded camera of --demo
    gstreamer1.0-plugins-ugly
    # gst-launch-1.0 and gst-inspect-1.0, for prototyping
    gstreamer1.0-tools
    # TLS towards rtsps:// back ends
    glib-networking
    # many sends with one system call
    liburing-dev
    # the command line
    libcli11-dev
    # statistics as JSON
    nlohmann-json3-dev
    # errors as values (std::expected needs C++23)
    libexpected-dev
)
if [ "$what" = test ] || [ "$what" = interop ]; then
    packages+=(
        # tests
        libgtest-dev libgmock-dev
        # a route of a multicast group to the loopback interface
        iproute2
        # real clients, and material in more codecs than GStreamer's good set encodes
        ffmpeg gstreamer1.0-plugins-bad gstreamer1.0-libav gstreamer1.0-rtsp
        # drives the benchmark
        python3
        # the second compiler: fuzz targets, formatting and static checks
        clang clang-format clang-tidy
        # libFuzzer and the sanitizers of that compiler
        libclang-rt-dev
    )
fi
if [ "$what" = interop ]; then
    packages+=(
        # players of the interoperability matrix, beside ffmpeg and GStreamer
        mpv python3-opencv python3-av
    )
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Installing: ${missing[*]}" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >&2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
