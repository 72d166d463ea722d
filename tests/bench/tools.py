"""Starts the programs of the benchmark and reads what they and /proc say."""

import json
import os
import resource
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def raise_file_limit():
    """For the servers: a thousand clients need more than 1024 files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Failure(Exception):
    """A run that gave no figures; the text says why."""


class Tool:
    """bench-camera or bench-swarm, driven by lines on its stdin."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read_line()

    def read_line(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failure(f"{self.process.args[0]} ended")
        return line.strip()

    def stats(self):
        return json.loads(self.ask("stats"))

    def stop(self):
        # The end of stdin ends the tool.
        self.process.communicate()


class Server:
    """A server under test: any program."""

    def __init__(self, command, log):
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cpu_seconds(pid):
    """CPU time of a process whose threads stay: in nanoseconds from schedstat, where the kernel has
    it; in ticks of 10 ms from stat otherwise."""
    try:
        spent = 0
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat", encoding="ascii") as file:
                spent += int(file.read().split()[0])
        return spent / 1e9
    except OSError:
        pass
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def footprint(pid):
    """RSS in MB, threads and open files."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file)
    return {
        "rss": int(status["VmRSS"].split()[0]) / 1024,
        "threads": int(status["Threads"]),
        "files": len(os.listdir(f"/proc/{pid}/fd")),
    }


def describe(url, timeout=5.0):
    """The status of a DESCRIBE and the milliseconds that it took, on a connection of its own."""
    host, port = url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout) as connection:
        connection.settimeout(timeout)
        begin = time.monotonic()
        request = f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
        connection.sendall(request.encode())
        answer = connection.recv(65536).decode(errors="replace")
        spent = 1000 * (time.monotonic() - begin)
    if not answer.startswith("RTSP/1.0 "):
        raise Failure("DESCRIBE: no answer")
    return int(answer.split()[1]), spent


def wait_until_served(server, urls, timeout=30.0):
    """Waits until every mount answers DESCRIBE with 200."""
    end = time.monotonic() + timeout
    for url in urls:
        while True:
            try:
                status, _ = describe(url)
            except OSError as error:
                status = error
            if status == 200:
                break
            if not server.alive():
                raise Failure("the server ended; see its log")
            if time.monotonic() > end:
                raise Failure(f"{url}: {status}")
            time.sleep(0.1)


def wait_until_playing(swarm, clients, timeout=60.0):
    """Waits until all get packets. Another player takes the place of each that was refused: plain
    gst-rtsp-server answers 503 while it winds a stream down, and players try again."""
    end = time.monotonic() + timeout
    replaced = 0
    while True:
        stats = swarm.stats()
        refused = sum(stats["failed"].values())
        if refused > replaced:
            swarm.ask(f"join {refused - replaced}")
            replaced = refused
        if stats["playing"] >= clients and stats["fed"] >= clients:
            return
        if time.monotonic() > end:
            raise Failure(f"only {stats['playing']} of {clients} clients play, {stats['fed']} are "
                          f"fed; {stats['failed']} {stats['ended']}")
        time.sleep(0.2)
