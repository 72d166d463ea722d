#!/usr/bin/env python3
"""Restarts a camera again and again while clients stay, and looks at what the proxy has grown by.

Fails (exit status 1) if memory grew by 2 MB or more, threads or files at all, if a client was
disconnected or noticed anything but a silence, or if the RTSP session of a second camera, which
nothing happens to and which drops silent sessions, was not kept alive."""

import argparse
import pathlib
import statistics
import sys
import time

sys.dont_write_bytecode = True  # the source tree stays clean

import tools  # noqa: E402

CLIENTS = 20
GROWTH_LIMIT = 2.0  # MB
# Longer than the proxy takes to believe that a camera is well: it comes back to it in half a second
# then, and not later and later.
WELL = 1.15
# What the second camera allows between two requests; the proxy asks every 15 s.
SESSION_TIMEOUT = 20


class Camera:
    def __init__(self, arguments, *options):
        self.command = [f"{arguments.tools}/bench-camera", "--bitrate", 1_000_000, "--gop", 5,
                        "--audio", "--port", tools.free_port(), *options]
        self.port = self.command[self.command.index("--port") + 1]
        self.url = f"rtsp://127.0.0.1:{self.port}/stream"
        self.start()

    def start(self):
        self.tool = tools.Tool(self.command)
        self.tool.read_line()

    def kill(self):
        self.tool.process.kill()
        self.tool.process.communicate()

    def stats(self):
        return self.tool.stats()


def parse_arguments():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=300, help="(default: %(default)s)")
    parser.add_argument("--warm-up", type=int, default=10, metavar="N",
                        help="restarts before the first measurement (default: %(default)s)")
    parser.add_argument("--ingest", choices=["tcp", "udp"], default="tcp",
                        help="how media reach the proxy (default: %(default)s)")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build/tests",
                        help="build directory (default: build/tests)")
    parser.add_argument("--proxy", type=pathlib.Path, help="the proxy's binary")
    parser.add_argument("--wrapper", default="", metavar="COMMAND",
                        help="run the proxy under this, e.g. 'heaptrack'")
    parser.add_argument("--log", type=argparse.FileType("w"), default="/dev/null",
                        help="file for what the proxy prints")
    arguments = parser.parse_args()
    arguments.tools = arguments.build / "tests/bench"
    arguments.proxy = arguments.proxy or arguments.build / "app/gst-rtsp-proxy"
    return arguments


def start_proxy(arguments, camera, steady):
    port = tools.free_port()
    transport = ["--tcp"] if arguments.ingest == "tcp" else ["--strict-transport"]
    server = tools.Server(
        [*arguments.wrapper.split(), arguments.proxy, "--bind", "127.0.0.1", "-p", port,
         *transport, f"restarted={camera.url}", f"steady={steady.url.replace('rtsp', 'rtspt')}"],
        arguments.log)
    urls = [f"rtsp://127.0.0.1:{port}/{mount}" for mount in ("restarted", "steady")]
    tools.wait_until_served(server, urls)
    return server, urls


def start_swarm(arguments, url, clients):
    swarm = tools.Tool([f"{arguments.tools}/bench-swarm", "--url", url, "--clients", clients,
                        "--transport", "mixed", "--audio", "--seconds", 0])
    tools.wait_until_playing(swarm, clients)
    return swarm


def restart(camera, swarm):
    """Kills the camera, starts it again; the seconds until every client has pictures again."""
    camera.kill()
    before = swarm.stats()["frames"]
    camera.start()
    begin = time.monotonic()
    while swarm.stats()["frames"] < before + CLIENTS:
        if time.monotonic() > begin + 60:
            raise tools.Failure("the clients got nothing for 60 s")
        time.sleep(0.02)
    spent = time.monotonic() - begin
    time.sleep(WELL)
    return spent


def show(title, footprint):
    print(f"{title:24}RSS {footprint['rss']:7.2f} MB   threads {footprint['threads']:3}   "
          f"files {footprint['files']:3}", flush=True)


def complaints(before, after, restarted, steady, steady_camera):
    if after["rss"] - before["rss"] >= GROWTH_LIMIT:
        yield f"memory grew by {after['rss'] - before['rss']:.2f} MB"
    for kind in ("threads", "files"):
        if after[kind] > before[kind]:
            yield f"{kind} grew by {after[kind] - before[kind]}"
    for name, stats in (("restarted", restarted), ("steady", steady)):
        for flaw in ("disconnects", "gaps", "duplicates", "reordered", "ssrc_changes",
                     "timestamps_back", "malformed", "resumes_not_key"):
            if stats[flaw] != 0:
                yield f"{name}: {flaw} {stats[flaw]}"
        if stats["fed"] != stats["started"]:
            yield f"{name}: only {stats['fed']} of {stats['started']} clients are fed"
    if steady_camera["expired"] != 0 or steady_camera["sessions_ever"] != 1:
        yield f"the steady camera's session was not kept alive: {steady_camera}"


def soak(arguments):
    camera = Camera(arguments)
    steady_camera = Camera(arguments, "--expire", "--session-timeout", SESSION_TIMEOUT)
    server, urls = start_proxy(arguments, camera, steady_camera)
    try:
        steady = start_swarm(arguments, urls[1], 2)
        swarm = start_swarm(arguments, urls[0], CLIENTS)
        show("at the start", tools.footprint(server.pid))
        for _ in range(arguments.warm_up):
            restart(camera, swarm)
        before = tools.footprint(server.pid)
        show(f"{arguments.warm_up} restarts later", before)
        spent = []
        for number in range(1, arguments.restarts + 1):
            spent.append(restart(camera, swarm))
            if number % 50 == 0 or number == arguments.restarts:
                after = tools.footprint(server.pid)
                show(f"… and {number} more", after)
        restarted = swarm.stats()
        print(f"camera back → pictures: median {1000 * statistics.median(spent):.0f} ms, longest "
              f"{1000 * max(spent):.0f} ms; largest clock deviation "
              f"{restarted['clock_deviation_ms']:.0f} ms; steady camera asked "
              f"{steady_camera.stats()['requests']['GET_PARAMETER']} times to keep the session")
        found = list(complaints(before, after, restarted, steady.stats(), steady_camera.stats()))
        for complaint in found:
            print(f"FAILED: {complaint}")
        return 1 if found else 0
    finally:
        server.stop()
        camera.kill()
        steady_camera.kill()


def main():
    arguments = parse_arguments()
    try:
        sys.exit(soak(arguments))
    except (tools.Failure, OSError) as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)


if __name__ == "__main__":
    main()
