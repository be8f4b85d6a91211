"""Which known addresses are visited next, and why: pure, without the clock and the database.

- `policy`: what the archivist may set; `ranking`: which known articles are visited; `pending`: what a visit is worth;
- `hazard`, `assumptions`, `fitting`: how often articles of an age are edited, as assumed and as the archive's own
  history says;
- `activity`: when in the week offices publish; `allowance`: what a run may fetch of a day's budget;
- `sources`: which listings, feeds and sitemaps are read.

What it does not do: put anything on the frontier (`crawler.beginning`), or hand it out (`crawler.session`).
"""

from crawler.frontier.policy import Budget, Revisit, RevisitPolicy

__all__ = ["Budget", "Revisit", "RevisitPolicy"]
