"""The closed sets of words of the archive: why a version exists, what became of an address, what happens to articles.

What it does not do: hold data (`storage.records`). Each value is the text that the database and the JSON contracts use.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an address was expected to be when it was requested."""

    LISTING = "listing"
    SECTION = "section"  # named by a home page's menu: a listing, if it turns out to be one
    FEED = "feed"
    SITEMAP = "sitemap"
    ARTICLE = "article"
    FILE = "file"  # attached to an article: kept, never read
    OTHER = "other"  # named by a sitemap and no article: left alone until a listing or a feed names it


class FoundIn(StrEnum):
    """What named an address first; of the last two a stronger one takes its place."""

    LISTING = "listing"  # an entry of a listing: an article, until a visit proves otherwise
    PAGE = "page"  # the head of a listing page: a feed
    ROBOTS = "robots"  # robots.txt: a sitemap
    FEED = "feed"  # an entry of a feed: an article, too
    SITEMAP = "sitemap"  # an entry of a sitemap: perhaps an article


class Cause(StrEnum):
    """Why a version exists. Only `crawl` is ever told to anybody."""

    CRAWL = "crawl"
    IMPORT = "import"
    REPARSE = "reparse"


class Sameness(StrEnum):
    """Why a page was found unchanged without being read: the detail of its outcome."""

    BYTES = "the bytes that were read before"
    PAGE = "the page that was read before, but for its tokens, scripts and comments"


class Precision(StrEnum):
    """How exactly the page prints its publication date."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class ChangeKind(StrEnum):
    """The recorded facts about an article that a report can tell."""

    NEW = "new"
    EDITED = "edited"
    GONE = "gone"
    RESTORED = "restored"
    MOVED = "moved"
    DELISTED = "delisted"


class Absence(StrEnum):
    """How an article is missing: what its address answers instead (`gone.kind` of a change)."""

    NOT_FOUND = "404"
    REMOVED = "410"
    SOFT_404 = "soft_404"
    REDIRECT_HOME = "redirect_home"
    LOGIN = "login"
    DELISTED = "delisted"


class Flapping(StrEnum):
    """What a change is of an article that goes back and forth between the same states."""

    NOTICE = "notice"  # told, and said to be the last for a while
    QUIET = "quiet"  # a further one: recorded, not told


class Evidence(StrEnum):
    """What says which article of a story was published first."""

    PRINTED_TIME = "printed_time"  # all of the same day print the time of day
    PRINTED_DAY = "printed_day"  # no other prints, or was captured on, so early a day
    CAPTURED = "captured"  # the day does not decide: this one was captured first


class Weight(StrEnum):
    """How much a change matters to a reader of the report."""

    SUBSTANTIVE = "substantive"
    MINOR = "minor"
    TECHNICAL = "technical"


class Remark(StrEnum):
    """What the differences of an edit say together; it follows from them and is stored nowhere."""

    SILENT = "silent"  # the text says something else, and the date of publication is what it was
    DATE_ALONE = "date_alone"  # the date of publication moved, and nothing else


class Condition(StrEnum):
    """How a portal is doing, as far as the watcher can tell."""

    WELL = "well"
    ILL = "ill"  # it does not answer as a portal in good order does: failures, maintenance, one text everywhere
    BLIND = "blind"  # it answers, and we cannot read what it says: silence proves nothing


class OutcomeKind(StrEnum):
    """What became of one address in one run: exactly one for each address visited."""

    NEW = "new"  # an article read for the first time
    EDITED = "edited"  # a further version was recorded
    UNCHANGED = "unchanged"  # read, and equal to the version we have
    NOT_MODIFIED = "not_modified"  # 304: the server says it is what we have
    DUPLICATE = "duplicate"  # a second address of an article whose own address is alive
    LISTING = "listing"  # a listing page was read
    OTHER_PAGE = "other_page"  # a sound page of another kind: a list where an article was expected, or none
    FEED = "feed"  # a feed was read
    SITEMAP = "sitemap"  # a sitemap was read
    FILE = "file"  # an attached file was fetched: for the first time, or it is another one than before
    REDIRECT = "redirect"  # 3xx to another page of the portal, which is then visited
    ABSENT = "absent"  # 404, 410, soft 404, redirect to home, behind login: detail says which
    UNREADABLE = "unreadable"  # a page arrived but a mandatory field could not be read
    REPLACED = "replaced"  # nothing is left of the article: not believed before the next visit finds the same
    NOT_HTML = "not_html"
    EMPTY = "empty"
    INCOMPLETE = "incomplete"  # the body was cut short
    TOO_BIG = "too_big"
    PARSE_LIMITS = "parse_limits"  # nested too deep, or a tag too long, to be parsed safely
    DECODE_ERROR = "decode_error"
    CHALLENGE = "challenge"  # an anti-bot page
    MAINTENANCE = "maintenance"
    HTTP_ERROR = "http_error"  # any other status
    ROBOTS = "robots"  # robots.txt forbids, or could not be had
    BLOCKED = "blocked"  # an address we must not open: scheme, host or private network
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    LOST = "lost"  # the connection broke
    PROTOCOL = "protocol"  # the answer was not HTTP

    @property
    def is_failure(self) -> bool:
        """True where the address told us nothing about its content, so that the run is not complete."""
        return self not in _SUCCESSES


READ = (OutcomeKind.NEW, OutcomeKind.EDITED, OutcomeKind.UNCHANGED)
"""Outcomes of a page that was read as the latest version of its article."""
ALIVE = (*READ, OutcomeKind.NOT_MODIFIED, OutcomeKind.DUPLICATE)
"""Outcomes of an address at which an article was found."""
READ_WELL = frozenset({*READ, OutcomeKind.DUPLICATE, OutcomeKind.FEED, OutcomeKind.SITEMAP, OutcomeKind.FILE})
"""Outcomes after which a 304 may stand for the page: never after one that was cut or could not be read."""
_SUCCESSES = frozenset(
    {
        *ALIVE,
        OutcomeKind.LISTING,
        OutcomeKind.OTHER_PAGE,
        OutcomeKind.FEED,
        OutcomeKind.SITEMAP,
        OutcomeKind.FILE,
        OutcomeKind.REDIRECT,
        OutcomeKind.ABSENT,
    }
)
