"""Connects a socket to an address, without any thread.

What it does not do: look names up (`crawler.guard`), or choose among the addresses of a host (aiohappyeyeballs).
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from typing import Any


class Connecting:
    """All that aiohappyeyeballs asks of an event loop.

    uvloop's own `sock_connect` gives every address to the system's resolver first, numbers too, for which it starts
    four threads; where the system lets it start none, it aborts the process (FAULTS case 86).
    """

    @staticmethod
    async def sock_connect(sock: socket.socket, address: Any) -> None:
        """Connects. Raises `OSError`."""
        error = sock.connect_ex(address)
        if error == errno.EINPROGRESS:
            await _until_writable(sock)
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))


async def _until_writable(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    writable = loop.create_future()
    loop.add_writer(sock, lambda: None if writable.done() else writable.set_result(None))
    try:
        await writable
    finally:
        loop.remove_writer(sock)
