"""Guards between Scrapy and the network, each with its source.

    addresses    AddressGuard          only the portal's own hosts, never a private network (FAULTS finding 7)
    robots       RobotsObeyed          robots.txt (RFC 9309; FAULTS finding 6)
    patience     PatientRetry          Retry-After (RFC 9110 §10.2.3; FAULTS finding 4)
    validators   ConditionalRequests   only what changed (RFC 9110 §13)

What they do not do: judge pages. A request that must not be sent is refused with the outcome kind that its address
gets.
"""

from __future__ import annotations

from crawler.middlewares.addresses import AddressGuard
from crawler.middlewares.patience import PatientRetry
from crawler.middlewares.robots import RobotsObeyed
from crawler.middlewares.validators import ConditionalRequests

__all__ = ["AddressGuard", "ConditionalRequests", "PatientRetry", "RobotsObeyed"]
