#!/usr/bin/env bash
# Shows that the instrument works before anything is measured with it: a camera and a swarm with
# nothing between them lose nothing, and loss that the camera makes up is seen.
# Usage: selfcheck.sh DIRECTORY clean-tcp|clean-udp|loss
set -euo pipefail
directory=$1
kind=$2

coproc CAMERA { exec "$directory/bench-camera" --streams 2 --audio --bitrate 1000000; }
camera=$CAMERA_PID
trap 'kill "$camera" 2>/dev/null || true' EXIT
read -r -t 10 _ port <&"${CAMERA[0]}"

swarm() {
    "$directory/bench-swarm" --url-pattern "rtsp://127.0.0.1:$port/stream%d" --count 2 \
        --clients 10 --audio --seconds 3 --check "$@" </dev/null
}

case $kind in
clean-tcp) swarm --transport tcp ;;
clean-udp) swarm --transport udp ;;
loss)
    echo "loss 5" >&"${CAMERA[1]}"
    read -r -t 10 answer <&"${CAMERA[0]}"
    [ "$answer" = ok ]
    status=0
    report=$(swarm --transport udp --json) || status=$?
    echo "$report"
    [ "$status" -eq 3 ] || { echo "the swarm's check passed in spite of the loss"; exit 1; }
    [[ $report =~ '"gaps": '[1-9] ]] || { echo "no gap was seen"; exit 1; }
    [[ $report =~ '"lost_frames": '[1-9] ]] || { echo "no lost frame was seen"; exit 1; }
    ;;
*)
    echo "unknown kind $kind" >&2
    exit 2
    ;;
esac
