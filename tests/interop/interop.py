#!/usr/bin/python3
"""The programs that people play with, against one proxy before one camera.

Every program plays every material at the same time over one transport. Each must decode 100 pictures
without a line of error, go on decoding after the camera was away for some seconds, and leave no client
behind at the proxy. Prints a table; the exit status is 0 if all held.

Debian's python3 is meant: the modules cv2 and av are its packages."""

import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # the source tree stays clean

MATERIALS = ["h264_aac", "h265_pcmu", "mjpeg", "two_sounds"]
PICTURES = 100
WIDTH, HEIGHT = 160, 120  # of the camera's pictures
PATIENCE = 60  # seconds for anything to happen; a busy machine is slow
READER = pathlib.Path(__file__).with_name("reader.py")


class Player:
    """A program that plays a URL; counts the pictures that it decodes."""

    def __init__(self, url, material, transport, folder):
        self.url, self.material, self.transport, self.folder = url, material, transport, folder
        self.pictures = 0
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
            env=os.environ | self.environment(), start_new_session=True)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def environment(self):
        return {}

    def read(self):
        """Lines "frame=N", as ffmpeg's -progress prints them."""
        for line in self.process.stdout:
            if line.startswith(b"frame="):
                self.pictures = int(line[6:])

    def is_noise(self, line):
        return not line

    def complaints(self):
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").splitlines()
        return [line for line in lines if not self.is_noise(line.strip())]

    def leave(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return False
        self.thread.join(PATIENCE)
        return True


class Ffmpeg(Player):
    name = "ffmpeg"

    def command(self):
        return ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1",
                "-stats_period", "0.2", "-rtsp_transport", self.transport, "-i", self.url,
                "-map", "0", "-fps_mode", "vfr", "-f", "null", "-"]

    def is_noise(self, line):
        # Its own clock: it moves a track by some milliseconds when the first sender report comes, also
        # when it plays a camera directly.
        return not line or "non monotonically increasing dts to muxer" in line


class GstLaunch(Player):
    name = "gst-launch-1.0"

    def command(self):
        scheme = {"tcp": "rtspt", "udp": "rtspu", "http": "rtsph"}[self.transport]
        location = self.url.replace("rtsp", scheme, 1)
        return ["gst-launch-1.0", "-q", "rtspsrc", f"location={location}", "latency=100", "!",
                "application/x-rtp,media=video", "!", "decodebin", "!", "videoconvert", "!",
                "video/x-raw,format=GRAY8", "!", "fdsink", "fd=1", "sync=false"]

    def read(self):
        size = 0
        while data := self.process.stdout.read1(1 << 16):
            size += len(data)
            self.pictures = size // (WIDTH * HEIGHT)


class Mpv(Player):
    name = "mpv"

    def command(self):
        self.pictures_folder = self.folder / f"mpv-{self.material}"
        return ["mpv", "--no-config", "--msg-level=all=error", "--no-terminal", "--really-quiet=no",
                f"--rtsp-transport={self.transport}", "--ao=null", "--vo=image",
                "--vo-image-format=jpg", f"--vo-image-outdir={self.pictures_folder}", self.url]

    def read(self):
        while self.process.poll() is None:
            if self.pictures_folder.exists():
                self.pictures = sum(1 for _ in self.pictures_folder.iterdir())
            time.sleep(0.2)


class OpenCv(Player):
    name = "OpenCV"

    def command(self):
        return ["/usr/bin/python3", READER, "cv2", self.url, self.transport]

    def environment(self):
        return {"OPENCV_FFMPEG_CAPTURE_OPTIONS": f"rtsp_transport;{self.transport}"}


class PyAv(Player):
    name = "PyAV"

    def command(self):
        return ["/usr/bin/python3", READER, "av", self.url, self.transport]


PROGRAMS = [Ffmpeg, GstLaunch, Mpv, OpenCv, PyAv]


class Camera:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def stop(self):
        self.process.communicate()


class Proxy:
    def __init__(self, program, camera, back_end):
        way = {"tcp": ["-t"], "udp": [], "http": ["-T", str(camera.port)]}[back_end]
        urls = [f"{name}=rtsp://127.0.0.1:{camera.port}/{name}" for name in MATERIALS]
        self.process = subprocess.Popen(
            [program, "-p", "0", "--bind", "127.0.0.1", *way, *urls],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.urls = [self.process.stdout.readline().split(" at: ")[1].strip() for _ in MATERIALS]
        self.reports = []
        self.said = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stderr:
            (self.reports if line.startswith('{"mount"') else self.said).append(line.strip())

    def mounts(self):
        """What SIGUSR1 reports of every mount."""
        known = len(self.reports)
        self.process.send_signal(signal.SIGUSR1)
        wait(lambda: len(self.reports) >= known + len(MATERIALS), 10)
        return [json.loads(line) for line in self.reports[known:known + len(MATERIALS)]]

    def stop(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)


def is_served(url):
    host, port = url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
        return connection.recv(4096).startswith(b"RTSP/1.0 200")


def wait(condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def play_all(arguments, camera, proxy, folder):
    if not wait(lambda: all(is_served(url) for url in proxy.urls)):
        return {("proxy", ""): ["the camera cannot be played"]}
    players = [program(url, material, arguments.front_end, folder)
               for program in PROGRAMS for material, url in zip(MATERIALS, proxy.urls)]
    failures = {}

    def note(player, text):
        failures.setdefault((player.name, player.material), []).append(text)

    wait(lambda: all(player.pictures >= PICTURES for player in players))
    before = {player: player.pictures for player in players}
    camera.tell("away")
    time.sleep(3)
    camera.tell("back")
    wait(lambda: all(player.pictures >= before[player] + PICTURES for player in players))
    for player in players:
        if before[player] < PICTURES:
            note(player, f"{before[player]} pictures")
        elif player.pictures < before[player] + PICTURES:
            note(player, f"{player.pictures - before[player]} pictures after the outage")
        if player.process.poll() is not None:
            note(player, f"ended by itself ({player.process.returncode})")
        elif not player.leave():
            note(player, "did not end")
        if player.complaints():
            note(player, " / ".join(player.complaints()[:3]))
    if not wait(lambda: not any(mount["clients"] for mount in proxy.mounts()), 20):
        failures[("proxy", "")] = [f"clients left behind: {[mount['clients'] for mount in proxy.mounts()]}"]
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("camera")
    parser.add_argument("proxy")
    parser.add_argument("--back-end", choices=["tcp", "udp", "http"], default="tcp")
    parser.add_argument("--front-end", choices=["tcp", "udp", "http"], default="tcp")
    arguments = parser.parse_args()
    camera = Camera(arguments.camera)
    proxy = Proxy(arguments.proxy, camera, arguments.back_end)
    with tempfile.TemporaryDirectory() as folder:
        failures = play_all(arguments, camera, proxy, pathlib.Path(folder))
    status = proxy.stop()
    camera.stop()
    if status != 0:
        failures[("proxy", "")] = [f"exit status {status}"]
    print(f"back end {arguments.back_end}, players {arguments.front_end}")
    for program in PROGRAMS:
        cells = ["; ".join(failures.get((program.name, material), ["ok"])) for material in MATERIALS]
        print(f"| {program.name} | " + " | ".join(cells) + " |")
    for line in failures.get(("proxy", ""), []) + (proxy.said if failures else []):
        print(line)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
