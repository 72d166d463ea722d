#!/usr/bin/env python3
"""Clients that no server should have, for the case "hostile" and for use by hand.

Usage: attacks.py HOST:PORT/MOUNT [KIND…]; without KIND all of them, side by side. Each kind is paced,
so that what is measured beside it is the server and not this program's share of the processor. Ends
with its standard input."""

import os
import random
import re
import select
import socket
import struct
import sys
import threading
import time

PACE = 0.02  # seconds between two steps of a kind
stopping = threading.Event()
counts = {}


class Target:
    def __init__(self, text):
        place, self.mount = text.split("/", 1)
        host, port = place.rsplit(":", 1)
        self.address = (host, int(port))
        self.url = f"rtsp://{text}"

    def connect(self):
        connection = socket.create_connection(self.address, 5)
        connection.settimeout(5)
        return connection


def request(method, url, *headers, cseq=1):
    return "\r\n".join([f"{method} {url} RTSP/1.0", f"CSeq: {cseq}", *headers, "", ""]).encode()


def answer(connection):
    """The next response; interleaved frames before it are skipped."""
    data = b""
    while b"\r\n\r\n" not in data:
        if data[:1] == b"$" and len(data) >= 4:
            length = 4 + struct.unpack("!H", data[2:4])[0]
            if len(data) >= length:
                data = data[length:]
                continue
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while length and len(body) < int(length.group(1)):
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        body += more
    return head.decode(errors="replace"), body.decode(errors="replace")


def tracks_of(target, body):
    return [control if control.startswith("rtsp://") else f"{target.url}/{control}"
            for control in re.findall(r"a=control:(\S+)", body) if control != "*"]


def set_up(connection, target, transport):
    connection.sendall(request("DESCRIBE", target.url, "Accept: application/sdp"))
    track = tracks_of(target, answer(connection)[1])[0]
    connection.sendall(request("SETUP", track, f"Transport: {transport}", cseq=2))
    head, _ = answer(connection)
    session = re.search(r"(?i)session: *([^;\r\n]+)", head)
    return session.group(1) if session else "", head


def header_flood(target):
    with target.connect() as connection:
        connection.sendall(b"OPTIONS * RTSP/1.0\r\n")
        while not stopping.is_set():
            connection.sendall(b"X-Filler: " + b"x" * 2000 + b"\r\n")
            yield


def half_requests(target):
    held = []
    while not stopping.is_set():
        held.append(target.connect())
        held[-1].sendall(b"DESCRIBE rtsp://")
        while len(held) > 200:
            held.pop(0).close()
        yield


def pipelining(target):
    with target.connect() as connection:
        while not stopping.is_set():
            connection.sendall(request("OPTIONS", target.url) * 20)
            while select.select([connection], [], [], 0)[0]:
                if not connection.recv(65536):
                    return
            yield


def tunnels(target):
    held = []
    while not stopping.is_set():
        cookie = f"{random.random()}"
        one = target.connect()
        one.sendall(f"GET /{target.mount} HTTP/1.0\r\nx-sessioncookie: {cookie}\r\n"
                    "Accept: application/x-rtsp-tunnelled\r\n\r\n".encode())
        other = target.connect()
        other.sendall(f"POST /{target.mount} HTTP/1.0\r\nx-sessioncookie: {cookie}\r\n"
                      "Content-Length: 32767\r\n\r\n".encode() + b"QUFB" * 4000)
        held += [one, other]
        while len(held) > 40:
            held.pop(0).close()
        yield


def play_variants(target):
    for number in range(1 << 30):
        with target.connect() as connection:
            kind = number % 4
            if kind == 0:
                connection.sendall(request("PLAY", target.url, "Session: 12345678"))
            elif kind == 1:
                session, _ = set_up(connection, target, "RTP/AVP;unicast;client_port=9-10")
                connection.sendall(request("PLAY", target.url + "/nothing", f"Session: {session}",
                                           cseq=3))
            elif kind == 2:
                session, _ = set_up(connection, target, "RTP/AVP/TCP;unicast;interleaved=0-1")
                connection.sendall(request("PLAY", target.url, f"Session: {session}",
                                           "Range: npt=99999999-", cseq=3))
            else:
                set_up(connection, target, "RTP/AVP/TCP;unicast;interleaved=250-251")
                connection.sendall(request("TEARDOWN", target.url, "Session: none", cseq=3))
            answer(connection)
        yield


def channels(target):
    """Many sessions of one connection, each with channels of its own."""
    with target.connect() as connection:
        for channel in range(0, 252, 2):
            session, _ = set_up(connection, target,
                                f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}")
            connection.sendall(request("PLAY", target.url, f"Session: {session}", cseq=3))
            answer(connection)
            yield
        while not stopping.is_set():  # and reads what comes
            while select.select([connection], [], [], 0)[0]:
                if not connection.recv(1 << 20):
                    return
            yield


def reports(target):
    """Receiver reports of ever new sources, and of the stream's own."""
    with target.connect() as connection:
        session, head = set_up(connection, target, "RTP/AVP/TCP;unicast;interleaved=0-1")
        told = re.search(r"(?i)ssrc=([0-9a-f]{8})", head)
        own = int(told.group(1), 16) if told else 1
        connection.sendall(request("PLAY", target.url, f"Session: {session}", cseq=3))
        while not stopping.is_set():
            frames = b""
            for number in range(50):
                ssrc = own if number == 0 else random.getrandbits(32)
                report = struct.pack("!BBHI", 0x80, 201, 1, ssrc)
                frames += struct.pack("!BBH", 0x24, 1, len(report)) + report
            connection.sendall(frames)
            while select.select([connection], [], [], 0)[0]:
                if not connection.recv(1 << 20):
                    return
            yield


KINDS = [header_flood, half_requests, pipelining, tunnels, play_variants, channels, reports]


def keep_at_it(kind, target):
    while not stopping.is_set():
        try:
            for _ in kind(target):
                counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
                stopping.wait(PACE)
        except (OSError, IndexError):
            pass  # refused or closed, as it should be: once more
        stopping.wait(5 * PACE)


def main():
    target = Target(sys.argv[1])
    chosen = [kind for kind in KINDS if not sys.argv[2:] or kind.__name__ in sys.argv[2:]]
    for kind in chosen:
        threading.Thread(target=keep_at_it, args=(kind, target), daemon=True).start()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(counts, flush=True)
    stopping.set()
    time.sleep(PACE)
    os._exit(0)  # whatever the threads wait for


if __name__ == "__main__":
    main()
