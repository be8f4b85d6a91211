"""WordPress as Debian ships it, with one of its themes, in a temporary folder: PHP's own server, MariaDB on a socket.

Not among the tests that everybody runs: it needs packages that only apt installs. It talks to nobody outside.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cms.plan import write_plan
from cms.sites import EDITED, run, serving

PACKAGES = ("wordpress", "php-cli", "php-mysql", "php-gd", "mariadb-server")
_SHIPPED = Path("/usr/share/wordpress")
_PUBLISH = Path(__file__).parent / "wordpress_site" / "publish.php"
_LIMIT_S = 60
_CONFIGURATION = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


@dataclass(frozen=True)
class WordPress:
    """WordPress with one of its stock themes."""

    url: str
    folder: Path
    prints_captions: bool = True

    def publish_later(self) -> None:
        plan = str(self.folder / "plan")
        run(["php", str(_PUBLISH), "later", plan], self.folder / "www")

    def printed(self, text: str) -> str:
        """`wptexturize`: a hyphen between spaces is a dash, three dots are an ellipsis."""
        return text.replace(" - ", " – ").replace("...", "…")  # noqa: RUF001

    @classmethod
    @contextmanager
    def running(cls, folder: Path, theme: str) -> Iterator[WordPress]:
        """A new site in an empty folder."""
        missing = [name for name in ("php", "mariadb-install-db", "mariadbd") if shutil.which(name) is None]
        if missing or not _SHIPPED.is_dir():
            pytest.fail(f"WordPress is not installed; run: apt-get install {' '.join(PACKAGES)}", pytrace=False)
        write_plan(folder / "plan", EDITED)
        site = folder / "www"
        shutil.copytree(_SHIPPED, site)  # what its links point to, too
        (site / "wp-config.php").unlink(missing_ok=True)
        (site / "wp-content" / "uploads").mkdir(exist_ok=True)
        (site / "wp-config.php").write_text(_CONFIGURATION.replace("{socket}", str(folder / "sock")), encoding="utf-8")
        port = _free_port()
        address = f"127.0.0.1:{port}"
        with ExitStack() as stack:
            stack.enter_context(_database(folder))
            run(["php", str(_PUBLISH), "install", str(folder / "plan"), f"http://{address}", theme], site)
            run(["php", str(_PUBLISH), "fill", str(folder / "plan")], site)
            stack.enter_context(serving(["php", "-S", address, "-t", "."], site))
            _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
            yield cls(f"http://{address}/", folder)


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """A MariaDB that listens on a socket in `folder` alone."""
    data = f"--datadir={folder / 'db'}"
    user = "--user=root"
    run(["mariadb-install-db", "--no-defaults", user, data, "--auth-root-authentication-method=normal"], folder)
    options = [f"--socket={folder / 'sock'}", f"--pid-file={folder / 'pid'}", "--skip-networking"]
    command = ["mariadbd", "--no-defaults", user, data, *options, "--innodb-flush-log-at-trx-commit=0"]
    with serving(command, folder / "db"):
        sql = "create database wordpress character set utf8mb4"
        client = ["mariadb", "--no-defaults", "-uroot", "-S", str(folder / "sock"), "-e", sql]
        _wait(lambda: subprocess.run(client, check=True, capture_output=True))
        yield


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(attempt: Callable[[], object]) -> None:
    """Tries again until nothing is raised, for a minute at most."""
    end = time.monotonic() + _LIMIT_S
    while True:
        try:
            attempt()
        except (OSError, subprocess.CalledProcessError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return
