"""The cases of the benchmark: what is set up, and what is measured."""

import dataclasses
import pathlib
import statistics
import sys
import time

import tools
from contenders import Floor
from tools import Failure, Server, Tool


@dataclasses.dataclass
class Case:
    name: str
    title: str
    measure: object  # function(Setting) → figures
    cameras: int = 1
    bit_rate: int = 2_000_000
    clients: int = 1
    transport: str = "tcp"
    camera_tcp: bool = True
    gop: int = 50  # frames from key frame to key frame
    standard: bool = True


class Setting:
    """A camera process and a server in front of it (or none: the floor of a single camera)."""

    def __init__(self, case, contender, options):
        self.case = case
        self.options = options
        self.camera = Tool([f"{options.tools}/bench-camera", "--streams", case.cameras,
                            "--bitrate", case.bit_rate, "--gop", case.gop])
        self.server = None
        try:
            port = self.camera.read_line().split()[1]
            self.camera_urls = [f"rtsp://127.0.0.1:{port}/stream{i + 1}"
                                for i in range(case.cameras)]
            if isinstance(contender, Floor) and case.cameras == 1:
                self.urls = self.camera_urls
                self.pid = self.camera.process.pid
                return
            self.start(contender, self.camera_urls)
            tools.wait_until_served(self.server, self.urls)
        except BaseException:
            self.close()
            raise

    def start(self, contender, camera_urls):
        port = tools.free_port()
        self.urls = contender.urls(port, len(camera_urls))
        self.server = Server(contender.command(port, self.case.camera_tcp, camera_urls),
                             self.options.log)
        self.pid = self.server.pid

    def swarm(self, clients, *more):
        command = [f"{self.options.tools}/bench-swarm", "--seconds", 0, "--transport",
                   self.case.transport, "--clients", clients]
        for url in self.urls:
            command += ["--url", url]
        return Tool(command + list(more))

    def close(self):
        if self.server:
            self.server.stop()
        self.camera.stop()


def figures_of(stats):
    figures = {
        "p50": stats["latency_ms"]["p50"],
        "p95": stats["latency_ms"]["p95"],
        "p99": stats["latency_ms"]["p99"],
        "lost": stats["lost_frames"],
        "gaps": stats["gaps"],
        "fed": stats["fed"],
    }
    for kind in ("packet", "key_frame"):
        if stats[f"first_{kind}_ms"]["count"]:
            figures[f"first_{kind}"] = stats[f"first_{kind}_ms"]["p50"]
            figures[f"first_{kind}_p99"] = stats[f"first_{kind}_ms"]["p99"]
    return figures


def without_start(figures):
    return {key: value for key, value in figures.items() if not key.startswith("first_")}


def steady(setting):
    """CPU time for each packet that clients get, while nobody comes or goes."""
    case = setting.case
    swarm = setting.swarm(case.clients, "--ramp", 250)
    try:
        tools.wait_until_playing(swarm, case.clients)
        time.sleep(setting.options.settle)
        swarm.ask("reset")
        begin, cpu = time.monotonic(), tools.cpu_seconds(setting.pid)
        time.sleep(setting.options.seconds)
        stats = swarm.stats()
        cpu = tools.cpu_seconds(setting.pid) - cpu
        figures = figures_of(stats)
        figures["cost"] = 1e6 * cpu / max(stats["packets"], 1)
        figures["cpu"] = 100 * cpu / (time.monotonic() - begin)
        return figures | tools.footprint(setting.pid)
    finally:
        swarm.stop()


def joining(setting):
    """How soon a client that joins others sees something."""
    keeper = setting.swarm(1)
    swarm = None
    try:
        tools.wait_until_playing(keeper, 1)
        time.sleep(setting.options.settle)
        # 7 a second: not in step with the key frames.
        swarm = setting.swarm(setting.case.clients, "--ramp", 7)
        tools.wait_until_playing(swarm, setting.case.clients)
        time.sleep(2.5)  # longer than from key frame to key frame
        stats = swarm.stats()
        figures = figures_of(stats) | tools.footprint(setting.pid)
        figures["not_key"] = stats["not_key_starts"]
        return figures
    finally:
        keeper.stop()
        if swarm:
            swarm.stop()


def watch_return(camera, swarm, patience=20.0):
    """When the server comes to a camera that is back, and when clients get packets after that."""
    known = camera.stats()["connections_ever"]
    swarm.ask("reset")
    begin = time.monotonic()
    camera.ask("accept")
    figures = {}
    while time.monotonic() - begin < patience:
        now = 1000 * (time.monotonic() - begin)
        if "retried" not in figures and camera.stats()["connections_ever"] > known:
            figures["retried"] = now
        if swarm.stats()["packets"] > 0:
            figures["back"] = now
            figures["recovered"] = now - figures.get("retried", now)
            break
        time.sleep(0.001)
    return figures


def outage(setting):
    """The camera is away for 5 s. How soon after its return do clients get packets again?

    Every frame is a key frame: what is measured is the server, not its wait for one."""
    if setting.server is None:
        raise Failure("here the camera itself is the floor")
    swarm = setting.swarm(setting.case.clients)
    camera = setting.camera
    try:
        tools.wait_until_playing(swarm, setting.case.clients)
        time.sleep(setting.options.settle)
        camera.ask("refuse")
        camera.ask("close")
        time.sleep(5)
        figures = watch_return(camera, swarm)
        time.sleep(2)
        stats = swarm.stats()
        figures |= without_start(figures_of(stats)) | tools.footprint(setting.pid)
        figures["ssrc_changes"] = stats["ssrc_changes"]
        figures["back_not_key"] = stats["resumes_not_key"]
        figures["ended"] = stats["disconnects"]
        return figures
    finally:
        swarm.stop()


def stalled(setting):
    """One client stops reading: what do the others notice?"""
    swarm = setting.swarm(setting.case.clients)
    stuck = None
    try:
        tools.wait_until_playing(swarm, setting.case.clients)
        stuck = setting.swarm(1)
        tools.wait_until_playing(stuck, 1)
        time.sleep(setting.options.settle)
        swarm.ask("reset")
        time.sleep(setting.options.seconds)
        before = swarm.stats()["latency_ms"]["p99"]
        stuck.ask("pause 1")
        swarm.ask("reset")
        time.sleep(setting.options.seconds)
        figures = without_start(figures_of(swarm.stats())) | tools.footprint(setting.pid)
        figures["p99_before"] = before
        return figures
    finally:
        swarm.stop()
        if stuck:
            stuck.stop()


def hostile(setting):
    """Clients that no server should have, all kinds side by side: what do the others notice?"""
    swarm = setting.swarm(setting.case.clients)
    attackers = None
    try:
        tools.wait_until_playing(swarm, setting.case.clients)
        time.sleep(setting.options.settle)
        before = tools.footprint(setting.pid)["rss"]
        swarm.ask("reset")
        time.sleep(setting.options.seconds)
        quiet = swarm.stats()["latency_ms"]["p99"]
        script = pathlib.Path(__file__).with_name("attacks.py")
        attackers = Tool([sys.executable, script, setting.urls[0].removeprefix("rtsp://")])
        attackers.read_line()
        time.sleep(setting.options.settle)
        swarm.ask("reset")
        time.sleep(setting.options.seconds)
        figures = without_start(figures_of(swarm.stats())) | tools.footprint(setting.pid)
        figures["p99_before"] = quiet
        figures["grown"] = figures["rss"] - before
        figures["ended"] = swarm.stats()["disconnects"]
        return figures
    finally:
        swarm.stop()
        if attackers:
            attackers.stop()


def dead_cameras(setting):
    """DESCRIBE of a healthy mount beside ten cameras that accept connections and never answer."""
    if setting.server is None:
        raise Failure("the floor has no back ends")
    options, case = setting.options, setting.case
    setting.server.stop()
    dead = Tool([f"{options.tools}/bench-camera", "--streams", 10])
    try:
        port = dead.read_line().split()[1]
        dead.ask("blackhole")
        dead_urls = [f"rtsp://127.0.0.1:{port}/stream{i + 1}" for i in range(10)]
        setting.start(options.contender, setting.camera_urls + dead_urls)
        tools.wait_until_served(setting.server, setting.urls[:1])
        figures = {}
        for kind, url, count in (("healthy", setting.urls[0], 50), ("dead", setting.urls[1], 3)):
            spent = []
            for _ in range(count):
                try:
                    spent.append(tools.describe(url, 30)[1])
                except OSError:
                    spent.append(30000.0)
                time.sleep(0.02)
            figures[f"{kind}_p50"] = statistics.median(spent)
            figures[f"{kind}_max"] = max(spent)
        return figures | tools.footprint(setting.pid)
    finally:
        dead.stop()


CASES = [
    Case("200-tcp", "1 camera 4 Mbit/s → 200 TCP clients", steady,
         bit_rate=4_000_000, clients=200),
    Case("1000-tcp", "1 camera 1 Mbit/s → 1000 TCP clients", steady,
         bit_rate=1_000_000, clients=1000),
    Case("200-udp", "1 camera 4 Mbit/s → 200 UDP clients", steady,
         bit_rate=4_000_000, clients=200, transport="udp"),
    Case("1000-udp", "1 camera 1 Mbit/s → 1000 UDP clients", steady,
         bit_rate=1_000_000, clients=1000, transport="udp"),
    Case("60-cameras-tcp", "60 cameras 2 Mbit/s × 1 TCP client, TCP back ends", steady,
         cameras=60, clients=60),
    Case("60-cameras-udp", "60 cameras 2 Mbit/s × 1 TCP client, UDP back ends", steady,
         cameras=60, clients=60, camera_tcp=False),
    Case("latency", "1 camera 2 Mbit/s → 1 TCP client", steady),
    Case("latency-udp", "1 camera 2 Mbit/s → 1 UDP client, UDP back end", steady,
         transport="udp", camera_tcp=False),
    Case("join-tcp", "40 TCP clients join a running mount, one after the other", joining,
         clients=40),
    Case("join-udp", "40 UDP clients join a running mount, one after the other", joining,
         clients=40, transport="udp"),
    Case("dead-cameras", "DESCRIBE beside ten cameras that never answer", dead_cameras),
    Case("100-tcp", "1 camera 1 Mbit/s → 100 TCP clients (growth: compare with 1000-tcp)", steady,
         bit_rate=1_000_000, clients=100, standard=False),
    Case("100-udp", "1 camera 1 Mbit/s → 100 UDP clients (growth: compare with 1000-udp)", steady,
         bit_rate=1_000_000, clients=100, transport="udp", standard=False),
    Case("200-cameras", "200 cameras 1 Mbit/s × 1 TCP client, TCP back ends", steady,
         cameras=200, clients=200, bit_rate=1_000_000, standard=False),
    Case("20-cameras", "20 cameras 16 Mbit/s × 1 TCP client, TCP back ends", steady,
         cameras=20, clients=20, bit_rate=16_000_000, standard=False),
    Case("outage-tcp", "the camera is away for 5 s; 20 clients, TCP back end", outage,
         clients=20, transport="mixed", gop=1, standard=False),
    Case("outage-udp", "the camera is away for 5 s; 20 clients, UDP back end", outage,
         clients=20, transport="mixed", camera_tcp=False, gop=1, standard=False),
    Case("hostile", "floods, half requests, tunnels, false reports beside 20 clients", hostile,
         clients=20, transport="mixed", standard=False),
    Case("stalled", "1 of 21 clients stops reading, 16 Mbit/s", stalled,
         clients=20, bit_rate=16_000_000, transport="mixed", standard=False),
]
