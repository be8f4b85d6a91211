"""Who wants to be told of what, where and when: the `[[subscription]]` tables of portalwatch.toml.

What it does not do: send anything (`crawler.monitor`), read the archive, or know portal files.
"""

from crawler.subscriptions.channel import Channel
from crawler.subscriptions.subscription import AlertPolicy, Subscription

__all__ = ["AlertPolicy", "Channel", "Subscription"]
