"""The servers that are compared: how each is started, and where its mounts are."""

import shlex


class Contender:
    """`words` is the command: "{port}", "{tcp}" (-t or nothing) and "{urls}" are filled in."""

    def __init__(self, name, words, mounts):
        self.name = name
        self.words = words
        self.mount_of_one, self.mount_of_many = mounts

    def command(self, port, tcp, urls):
        command = []
        for word in self.words:
            if word == "{urls}":
                command += urls
            elif word == "{tcp}":
                command += ["-t"] if tcp else []
            else:
                command.append(word.replace("{port}", str(port)))
        return command

    def urls(self, port, count):
        if count == 1:
            return [f"rtsp://127.0.0.1:{port}{self.mount_of_one}"]
        return [f"rtsp://127.0.0.1:{port}{self.mount_of_many.replace('%d', str(i + 1))}"
                for i in range(count)]


class Floor(Contender):
    """The least that a program can do: for one camera the camera serves the clients itself, for
    many a bare relay stands between."""

    def __init__(self, tools):
        super().__init__("floor", [f"{tools}/bench-relay", "-p", "{port}", "{tcp}", "{urls}"],
                         ("/stream1", "/stream%d"))


def proxy(program):
    return Contender("proxy", [program, "-p", "{port}", "{tcp}", "{urls}"],
                     ("/proxyStream", "/proxyStream-%d"))


def plain(tools):
    return Contender("plain", [f"{tools}/bench-plain-server", "-p", "{port}", "{tcp}", "{urls}"],
                     ("/stream1", "/stream%d"))


def peer(text, mounts):
    """`text` is NAME=COMMAND, `mounts` maps NAME to "MOUNT_OF_ONE,MOUNT_OF_MANY"."""
    name, _, command = text.partition("=")
    if not command:
        raise ValueError(f"--peer {text}: NAME=COMMAND is wanted")
    pair = mounts.get(name, "/proxyStream,/proxyStream-%d").split(",")
    return Contender(name, shlex.split(command), (pair[0], pair[-1]))
