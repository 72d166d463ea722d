#!/usr/bin/env python3
"""Runs the cases of the benchmark for the proxy and what it is compared with; prints tables.

Ratios between servers of one run are what counts. The absolute figures are the machine's."""

import argparse
import json
import pathlib
import statistics
import sys
import types

sys.dont_write_bytecode = True  # the source tree stays clean

import contenders  # noqa: E402
import tools  # noqa: E402
from cases import CASES, Setting  # noqa: E402

# Column → (key of the figures, format)
COLUMNS = {
    "CPU µs/packet": ("cost", "{:.2f}"),
    "× floor": ("ratio", "{:.2f}"),
    "CPU %": ("cpu", "{:.1f}"),
    "latency p50 ms": ("p50", "{:.2f}"),
    "p95": ("p95", "{:.2f}"),
    "p99": ("p99", "{:.2f}"),
    "p99 before": ("p99_before", "{:.2f}"),
    "first packet p50 ms": ("first_packet", "{:.1f}"),
    "p99 ": ("first_packet_p99", "{:.1f}"),
    "first key frame p50 ms": ("first_key_frame", "{:.1f}"),
    "p99  ": ("first_key_frame_p99", "{:.1f}"),
    "starts without key": ("not_key", "{:.0f}"),
    "next try after ms": ("retried", "{:.0f}"),
    "packets after that ms": ("recovered", "{:.0f}"),
    "packets after ms": ("back", "{:.0f}"),
    "back without key": ("back_not_key", "{:.0f}"),
    "SSRC changes": ("ssrc_changes", "{:.0f}"),
    "disconnected": ("ended", "{:.0f}"),
    "healthy DESCRIBE p50 ms": ("healthy_p50", "{:.2f}"),
    "max": ("healthy_max", "{:.2f}"),
    "dead DESCRIBE p50 ms": ("dead_p50", "{:.2f}"),
    "max ": ("dead_max", "{:.2f}"),
    "lost frames": ("lost", "{:.0f}"),
    "gaps": ("gaps", "{:.0f}"),
    "fed": ("fed", "{:.0f}"),
    "RSS MB": ("rss", "{:.1f}"),
    "grown by MB": ("grown", "{:.1f}"),
    "threads": ("threads", "{:.0f}"),
    "fds": ("files", "{:.0f}"),
}


def parse_arguments():
    root = pathlib.Path(__file__).resolve().parents[2]
    names = [case.name for case in CASES]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="cases:\n" + "\n".join(
            f"  {case.name:16}{case.title}{'' if case.standard else '  [only when named]'}"
            for case in CASES))
    parser.add_argument("--case", action="append", choices=names + ["all"], metavar="NAME",
                        help="run this case; repeatable (default: all the standard ones)")
    parser.add_argument("--servers", default="proxy,floor,plain", metavar="LIST",
                        help="which of proxy, floor, plain to run (default: %(default)s)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="put another server beside them; {port}, {urls} and {tcp} (-t or "
                        "nothing) in COMMAND are filled in; repeatable")
    parser.add_argument("--peer-mounts", action="append", default=[], metavar="NAME=ONE,MANY",
                        help="the peer's mounts for one and for many cameras "
                        "(default: /proxyStream,/proxyStream-%%d)")
    parser.add_argument("--seconds", type=float, default=8, help="measured window (%(default)s)")
    parser.add_argument("--settle", type=float, default=2,
                        help="seconds between the last client's start and the window (%(default)s)")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="runs; medians are shown")
    parser.add_argument("--quick", action="store_true", help="windows of 3 s")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build/tests",
                        help="build directory (default: build/tests)")
    parser.add_argument("--proxy", type=pathlib.Path, help="the proxy's binary")
    parser.add_argument("--log", type=argparse.FileType("a"), default="/dev/null",
                        help="file for what the servers print")
    parser.add_argument("--json", type=argparse.FileType("w"), help="write all figures to this file")
    arguments = parser.parse_args()
    arguments.tools = arguments.build / "tests/bench"
    arguments.proxy = arguments.proxy or arguments.build / "app/gst-rtsp-proxy"
    if arguments.quick:
        arguments.seconds, arguments.settle = 3, 1
    return arguments


def chosen_contenders(arguments):
    known = {
        "proxy": lambda: contenders.proxy(str(arguments.proxy)),
        "floor": lambda: contenders.Floor(arguments.tools),
        "plain": lambda: contenders.plain(arguments.tools),
    }
    chosen = [known[name]() for name in arguments.servers.split(",") if name]
    mounts = dict(text.split("=", 1) for text in arguments.peer_mounts)
    return chosen + [contenders.peer(text, mounts) for text in arguments.peer]


def chosen_cases(arguments):
    names = arguments.case
    if not names:
        return [case for case in CASES if case.standard]
    return [case for case in CASES if case.name in names or "all" in names]


def measure(case, contender, arguments):
    options = types.SimpleNamespace(**vars(arguments), contender=contender)
    options.log = arguments.log
    try:
        setting = Setting(case, contender, options)
    except (tools.Failure, OSError) as failure:
        return {"failure": str(failure)}
    try:
        return case.measure(setting)
    except (tools.Failure, OSError) as failure:
        return {"failure": str(failure)}
    finally:
        setting.close()


def medians(runs):
    good = [run for run in runs if "failure" not in run]
    if not good:
        return runs[-1]
    return {key: statistics.median(run[key] for run in good if key in run)
            for key in good[0]}


def print_table(case, results):
    floor = results.get("floor", {}).get("cost")
    for figures in results.values():
        if floor and "cost" in figures:
            figures["ratio"] = figures["cost"] / floor
    columns = {title: column for title, column in COLUMNS.items()
               if any(column[0] in figures for figures in results.values())}
    print(f"\n### {case.name}: {case.title}\n")
    print("| server | " + " | ".join(title.strip() for title in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, figures in results.items():
        cells = [form.format(figures[key]) if key in figures else "–"
                 for key, form in columns.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")
    for name, figures in results.items():
        if "failure" in figures:
            print(f"\n{name}: {figures['failure']}")
    sys.stdout.flush()


def main():
    arguments = parse_arguments()
    tools.raise_file_limit()
    everything = {}
    for case in chosen_cases(arguments):
        runs = {}
        # Round by round, so that a busy minute of the machine does not fall on one server alone.
        for number in range(arguments.repeat):
            for contender in chosen_contenders(arguments):
                print(f"{case.name}: {contender.name}, run {number + 1}", file=sys.stderr)
                runs.setdefault(contender.name, []).append(measure(case, contender, arguments))
        print_table(case, {name: medians(list_of_runs) for name, list_of_runs in runs.items()})
        everything[case.name] = runs
    if arguments.json:
        json.dump(everything, arguments.json, indent=1)


if __name__ == "__main__":
    main()
