"""pywb, which knows nothing of us, replays what we keep. It lives in an environment of its own, `.venv-pywb`."""

from __future__ import annotations

import gzip
import hashlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from exported import ORIGIN
from watched import PORTAL, at, capture

from storage import runs
from storage.archive import Archive
from storage.export import Format, export_file
from storage.records import Capture
from storage.search import Search

ROOT = Path(__file__).parents[1]
BIN = ROOT / ".venv-pywb" / "bin"

PAGE = "<html><body><h1>Đắk Lắk: khai mạc Ngày hội đọc sách</h1></body></html>".encode()
PACKED = gzip.compress(PAGE * 20, mtime=0)
HTML = ("Content-Type", "text/html; charset=utf-8")
CAPTURES = {
    "a page": capture("hop", PAGE),
    "a packed page": capture("nen", PACKED, headers=(HTML, ("Content-Encoding", "gzip"))),
    "an address with marks": capture("tin-tức/Phó Chủ tịch", b"<p>marks</p>"),
    "the same bytes at another address": capture("hop-2", PAGE, fetched_at=at(1)),
    "the same bytes a day later": capture("hop", PAGE, fetched_at=at(24)),
    "an error page": capture("mat", b"<p>404</p>", status=404),
    "a redirect": capture("cu", b"", status=301, headers=(("Location", "http://lao-cai.example/hop"),)),
}


@dataclass
class Replay:
    """A pywb that serves one archive."""

    port: int

    def get(self, collection: str, url: str, instant: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the capture next to that instant, as it was stored."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{collection}/{instant}id_/{url}")
        request.add_header("Accept-Encoding", "gzip")  # else pywb unpacks
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=120) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: Any) -> None:
        return None


def set_up() -> None:
    """Makes .venv-pywb once; without the network there is one line that says why."""
    done = subprocess.run(["scripts/setup", "pywb"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.fail(f"pywb cannot be installed; is the network there? scripts/setup pywb: {reason}", pytrace=False)


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """pywb over a sealed archive of the captures above."""
    set_up()
    folder = tmp_path_factory.mktemp("pywb")
    with Archive.open(folder / "archive", create=True) as archive:
        with archive.writing() as connection:
            run, _ = runs.begin_run(connection, PORTAL, at(0), sweep=False)
        archive.open_warc(run, {"software": "portalwatch"})
        for one in CAPTURES.values():
            archive.keep(one, run=run, key=one.url)
        with archive.writing() as connection:
            runs.finish_run(connection, run, at(25), state="finished")
            archive.seal(connection, PORTAL, at(25))
        archive.publish()
        everything = Search(portals=(PORTAL,))
        with archive.reading() as connection:
            export_file(archive.path, connection, everything, Format.WARC, folder / "all.warc.gz", ORIGIN)
    files = [str(path) for path in (folder / "archive" / "warc").rglob("*.warc.gz")]
    commands = [["init", "archive"], ["add", "archive", *files], ["init", "export"]]
    for command in [*commands, ["add", "export", str(folder / "all.warc.gz")]]:
        subprocess.run([BIN / "wb-manager", *command], cwd=folder, check=True, capture_output=True, timeout=300)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [BIN / "wayback", "-b", "127.0.0.1", "-p", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            _wait_for(port)
            yield Replay(port)
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.mark.parametrize("collection", ["archive", "export"])
@pytest.mark.parametrize("given", CAPTURES.values(), ids=CAPTURES)
def test_pywb_replays_a_capture(replay: Replay, given: Capture, collection: str) -> None:
    address = urllib.request.quote(given.url, safe=":/%")
    status, headers, body = replay.get(collection, address, f"{given.fetched_at:%Y%m%d%H%M%S}")
    assert status == given.status
    assert hashlib.sha256(body).hexdigest() == hashlib.sha256(given.payload).hexdigest()
    if given.header("Location"):
        assert headers["Location"].endswith("http://lao-cai.example/hop")
