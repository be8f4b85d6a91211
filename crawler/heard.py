"""Scrapy's signals, of which one that nobody hears is not sent.

Scrapy asks four lists for receivers with every signal, and makes a call of each entry: some fourteen calls for nobody,
nine times a page. What it does not do: change who is told what.
"""

from __future__ import annotations

from typing import Any

from pydispatch import dispatcher
from scrapy.signalmanager import SignalManager


class HeardSignals(SignalManager):
    """The signals of a crawler. Receivers that were connected to the crawler's own manager are told by this one too."""

    def is_heard(self, signal: Any) -> bool:
        """True where somebody listens to it."""
        mine = dispatcher.connections.get(id(self.sender), {})
        anybodys = dispatcher.connections.get(id(dispatcher.Any), {})
        return signal in mine or signal in anybodys or dispatcher.Any in mine or dispatcher.Any in anybodys

    def send_catch_log(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """Tells those who listen, as Scrapy does."""
        return super().send_catch_log(signal, **kwargs) if self.is_heard(signal) else []

    async def send_catch_log_async(self, signal: Any, **kwargs: Any) -> list[tuple[Any, Any]]:
        """The same for those who may take their time."""
        return await super().send_catch_log_async(signal, **kwargs) if self.is_heard(signal) else []
