"""A bound on the time that a server may take, whatever it does: stall, drip, or never end.

What it does not do: stop the other side. What is not done in time goes on in a thread that ends with the process, so a
letter may still arrive; it is sent again later, with the same message id.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from crawler.errors import DeliveryError

_Done = TypeVar("_Done")


def within(seconds: float, act: Callable[[], _Done]) -> _Done:
    """What `act` gives, or raises. `DeliveryError` where it takes longer."""
    done: list[_Done] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(act())
        except BaseException as error:  # it is raised again below, where somebody waits for it
            failed.append(error)

    thread = Thread(target=run, daemon=True, name="letter")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise DeliveryError(f"no end in time ({seconds:g} s)", down=True)
    if failed:
        raise failed[0]
    return done[0]
