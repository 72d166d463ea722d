#!/usr/bin/python3
"""Plays a URL with a Python module, as scripts of users do, and prints "frame=N" as it decodes.
Usage: reader.py cv2|av URL tcp|udp|http. SIGINT ends it."""

import signal
import sys

stopping = False


def stop(*_):
    global stopping
    stopping = True


def with_cv2(url):
    import cv2
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    while not stopping:
        good, _ = capture.read()
        if not good:
            sys.exit("no more pictures")
        yield
    capture.release()


def with_av(url, transport):
    import av
    with av.open(url, options={"rtsp_transport": transport}) as container:
        for _ in container.decode(video=0):
            if stopping:
                return
            yield


def main():
    module, url, transport = sys.argv[1:]
    signal.signal(signal.SIGINT, stop)
    pictures = with_cv2(url) if module == "cv2" else with_av(url, transport)
    for number, _ in enumerate(pictures, 1):
        print(f"frame={number}", flush=True)


if __name__ == "__main__":
    main()
