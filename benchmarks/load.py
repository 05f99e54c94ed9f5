"""Many visitors at once, and a replica that dies: ``python -m benchmarks.load --visitors 50 --seconds 60``.

Every visitor is a Gradio client of its own that uploads a picture of a real pen digit to ``/predict`` once a second; a
visitor whose request fails comes back with a new client, as if the page were loaded again. The visitors are threads of two
processes. First all of them ask one server; then two replicas behind nginx, which sends a visitor always to the same one,
and one of them is killed half way.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.pool import AsyncResult, Pool
from pathlib import Path
from typing import NamedTuple

import numpy as np
from gradio_client import Client, handle_file

from testing.pen_digits import pen_digits, save_picture
from testing.servers import free_port, memory, running_app

PROCESSES = 2
PATIENCE = 10.0
"""Seconds after which a visitor takes a request for failed."""
START_SECONDS, START_SECONDS_EACH = 8.0, 0.3
"""For the visitors' processes, and for every visitor to load the page, before the first request."""
FIRST_LOOK = 10.0
"""Seconds after the start: memory from then on should not grow."""

NGINX = """
daemon off; pid {folder}/pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 11m; client_body_buffer_size 11m;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e;
  upstream replicas {{ hash $http_x_visitor consistent; {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://replicas; proxy_http_version 1.1; proxy_buffering off; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_connect_timeout 1s; }}
  }}
}}
"""


class Asked(NamedTuple):
    """One request of one visitor; times are those of ``time.monotonic``, which all processes share."""

    visitor: int
    start: float
    end: float
    failure: str  # "" when it was answered


def visit(visitor: int, url: str, pictures: list[Path], first: float, until: float) -> list[Asked]:
    """What became of one visitor's requests, one a second from ``first`` to ``until``."""
    new_client = partial(Client, url, verbose=False, ssl_verify=False, headers={"x-visitor": str(visitor)})
    asked: list[Asked] = []
    client: Client | None = new_client()  # before the first turn there is nobody to wait
    turn = first
    while turn < until:
        time.sleep(max(0.0, turn - time.monotonic()))
        start = time.monotonic()
        try:
            client = client or new_client()
            picture = pictures[(visitor + len(asked)) % len(pictures)]
            answer = client.submit(handle_file(picture), api_name="/predict").result(timeout=PATIENCE)
            failure = "" if isinstance(answer, dict) and answer["digit"] is not None else f"no digit: {answer}"[:100]
        except Exception as error:  # whatever it is, the visitor has no answer
            failure = f"{type(error).__name__}: {error}"[:100].splitlines()[0]
            client = None
        asked.append(Asked(visitor, start, time.monotonic(), failure))
        turn = max(turn + 1, time.monotonic())
    return asked


def visit_all(visitors: list[int], url: str, pictures: list[Path], first: float, until: float) -> list[Asked]:
    """What became of the requests of several visitors, a thread each, their seconds spread evenly."""
    with ThreadPoolExecutor(len(visitors)) as pool:
        jobs = [pool.submit(visit, each, url, pictures, first + each * 0.618 % 1, until) for each in visitors]
        return [asked for job in jobs for asked in job.result()]


@contextmanager
def nginx(urls: list[str]) -> Iterator[str]:
    """The address of nginx before the servers at ``urls``. Raises ``RuntimeError`` when it does not start."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        servers = " ".join(f"server {url.split('/')[2]} max_fails=1 fail_timeout=30s;" for url in urls)
        conf = Path(folder) / "nginx.conf"
        conf.write_text(NGINX.format(folder=folder, servers=servers, port=port))
        process = subprocess.Popen(["nginx", "-c", str(conf), "-p", folder])
        try:
            for _ in range(50):
                time.sleep(0.1)
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
            else:
                raise RuntimeError("nginx did not start")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait()


def failover_seconds(asked: list[Asked], killed: float) -> float:
    """From ``killed`` until every visitor whose requests failed since has an answer again; infinite when one never has."""
    longest = 0.0
    for visitor in {each.visitor for each in asked}:
        own = [each for each in asked if each.visitor == visitor and each.end > killed]
        failed = max((each.end for each in own if each.failure), default=killed)
        if failed > killed:
            again = min((each.end for each in own if each.start >= failed and not each.failure), default=float("inf"))
            longest = max(longest, again - killed)
    return longest


def report(asked: list[Asked]) -> None:
    """Print how many requests failed, and how."""
    failures = Counter(each.failure for each in asked if each.failure)
    print(f"{len(asked)} requests, {failures.total()} failed; load average {os.getloadavg()[0]:.1f}", flush=True)
    for failure, count in failures.most_common():
        print(f"  {count} × {failure}")


class Visitors:
    """Visitors in the processes of ``pool``, who send ``pictures`` to a server for ``seconds``."""

    def __init__(self, pool: Pool, count: int, seconds: int, pictures: list[Path]) -> None:
        """``count`` visitors, shared out evenly over ``PROCESSES`` processes."""
        self.pool, self.count, self.seconds, self.pictures = pool, count, seconds, pictures
        self.first = 0.0
        self.jobs: list[AsyncResult[list[Asked]]] = []

    def send(self, url: str) -> None:
        """Start their processes; the first request comes at ``self.first``."""
        self.first = time.monotonic() + START_SECONDS + START_SECONDS_EACH * self.count
        ask = partial(visit_all, url=url, pictures=self.pictures, first=self.first, until=self.first + self.seconds)
        shares = [list(range(number, self.count, PROCESSES)) for number in range(min(PROCESSES, self.count))]
        self.jobs = [self.pool.apply_async(ask, (share,)) for share in shares]

    def wait(self, seconds: float) -> None:
        """Wait until ``seconds`` after the first request."""
        time.sleep(max(0.0, self.first + seconds - time.monotonic()))

    def asked(self) -> list[Asked]:
        """All requests, once the last one has been answered."""
        return [each for job in self.jobs for each in job.get()]


def measure_one_server(visitors: Visitors) -> dict[str, float]:
    """Print and return how one server answers, and how its memory grows."""
    with running_app() as (url, process):
        visitors.send(url)
        visitors.wait(min(FIRST_LOOK, visitors.seconds / 2))
        early = memory(process)
        visitors.wait(visitors.seconds)
        late = memory(process)
        asked = visitors.asked()
    report(asked)
    answered = np.array([each.end - each.start for each in asked if not each.failure])
    p50, p95 = (1000 * float(each) for each in np.percentile(answered, (50, 95)))
    rate = len(answered) / visitors.seconds
    print(f"{rate:.1f} answers/s, median {p50:.0f} ms, 95th percentile {p95:.0f} ms, memory {early:.0f} to {late:.0f} MB")
    return {
        "requests_per_s": round(rate, 1),
        "failures": sum(bool(each.failure) for each in asked),
        "p50_ms": round(p50),
        "p95_ms": round(p95),
        "memory_growth_mb": round(late - early, 1),
    }


def measure_failover(visitors: Visitors) -> float:
    """Print and return the seconds until all visitors have answers again after one of two replicas was killed."""
    with running_app() as (one, doomed), running_app() as (two, _), nginx([one, two]) as url:
        visitors.send(url)
        visitors.wait(visitors.seconds / 2)
        killed = time.monotonic()
        doomed.kill()
        doomed.wait()  # until then it takes requests
        dead = time.monotonic()
        asked = visitors.asked()
    report(asked)
    failed = [each for each in asked if each.failure]
    in_flight = sum(each.start <= dead and each.end >= killed for each in failed)
    seconds = failover_seconds(asked, killed)
    print(
        f"one of two replicas killed: {in_flight} of the {len(failed)} failures were on their way when it died; "
        f"all visitors have answers again after {seconds:.1f} s"
    )
    return seconds


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 2 when nginx is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60, help="of each of the two parts (default: %(default)s)")
    options = parser.parse_args(arguments)
    if shutil.which("nginx") is None:
        print("benchmarks.load: nginx is missing; on Debian: apt-get install nginx-light", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder, get_context("spawn").Pool(PROCESSES) as pool:
        pictures = []
        for number, drawing in enumerate(pen_digits()):
            pictures.append(Path(folder) / f"{number}.png")
            save_picture(drawing, pictures[-1])
        print(f"{options.visitors} visitors for {options.seconds} s; {os.cpu_count()} cores for server and visitors")
        visitors = Visitors(pool, options.visitors, options.seconds, pictures)
        figures = measure_one_server(visitors)
        failover = measure_failover(visitors)
    print(json.dumps({"visitors": options.visitors, **figures, "failover_s": round(failover, 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
