"""One edition of the feeds: the news sorted into them, and their files.

What it does not do: read the archive, or choose between all news and the latest. An entry is made once; later editions
of its feed carry it over from the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.clock import Clock
from crawler.i18n import Messages
from crawler.monitor.feeds import atom, index, jsonfeed, names
from crawler.monitor.feeds.catalogue import Catalogue, Plan
from crawler.monitor.feeds.entry import Entry
from crawler.monitor.feeds.feed import newest_first
from crawler.monitor.feeds.folder import Folder, Shelf, State
from crawler.monitor.feeds.pile import Pile
from crawler.subscriptions.matching import Told, wants
from storage.news import News


class Edition:
    """What one run writes into the folder."""

    def __init__(
        self, *, catalogue: Catalogue, folder: Folder, before: State, plans: Iterable[Plan], carry: bool
    ) -> None:
        self._catalogue = catalogue
        self._folder = folder
        self._carry = carry
        self._lasting = {plan.name: plan for plan in plans}
        self._told = before.mark.change_id
        self._there = {
            name: shelf for name, shelf in before.feeds.items() if folder.has(name, atom.ENDING, jsonfeed.ENDING)
        }
        self._piles: dict[str, Pile] = {}
        self._sections: dict[tuple[str, str], Plan] = {}
        self._made: dict[tuple[str, str, int], Entry] = {}

    @property
    def is_whole(self) -> bool:
        """True where every feed of a portal or subscription is there, and its entries are of its form."""
        return all(self._stands(plan) for plan in self._lasting.values())

    @property
    def shelves(self) -> dict[str, Shelf]:
        """The feeds of the folder after this edition."""
        kept = self._catalogue.policy.sections > 0
        sections = {name: shelf for name, shelf in self._there.items() if kept and names.is_section(name)}
        plans = [*self._lasting.values(), *(self._plan(name) for name in self._piles)]
        return sections | {plan.name: Shelf(title=plan.title, form=plan.form) for plan in plans}

    def gather(self, found: Iterable[News]) -> None:
        """Sorts the news, in whatever order, into the feeds; each takes the newest of what it does not tell yet."""
        for one in found:
            for plan in self._feeds_of(one):
                self._pile(plan).add(one)

    def write(self, *, every: bool) -> None:
        """Writes the feeds that have news; with `every` also those of portals and subscriptions that have none."""
        for name in sorted({*self._piles, *(self._lasting if every else ())}):
            plan = self._plan(name)
            path = self._folder.path / f"{name}.{jsonfeed.ENDING}"
            carried = jsonfeed.read_entries(path, plan.form) if self._carry else ()
            fresh = [self._entry(one, plan.messages) for one in self._piles[name]] if name in self._piles else []
            self._put(plan, [*carried, *fresh])

    def end_others(self, clock: Clock) -> int:
        """Gives its last entry to each feed that is there and of nothing any more; how many these were."""
        count = 0
        for name in list(self._folder.names(sections=not self._catalogue.policy.sections)):
            path = self._folder.path / f"{name}.{jsonfeed.ENDING}"
            title = None if name in self._lasting else jsonfeed.find_title(path)
            if title is not None:
                plan = self._catalogue.other(name, title)
                entries = jsonfeed.read_entries(path)
                number = max((entry.number for entry in entries), default=0) + 1
                last = self._catalogue.composer(plan.messages).ended(name, title, clock(), number)
                self._put(plan, [*entries, last], expired=True)
                count += 1
        return count

    def write_lists(self) -> None:
        """Writes the lists of all feeds."""
        titles = {name: shelf.title for name, shelf in self.shelves.items()}
        messages, base_url = self._catalogue.speak(None), self._catalogue.policy.base_url
        self._folder.put(index.PAGE, index.index_page(titles, messages))
        if base_url is None:
            self._folder.remove(index.LIST)
        else:
            self._folder.put(index.LIST, index.index_opml(titles, base_url, messages))

    def _feeds_of(self, one: News) -> Iterator[Plan]:
        """The feeds that are to show it, and do not yet."""
        slug = one.change.portal
        lasting = [self._lasting[names.ALL], self._lasting[names.portal_feed(slug)]]
        yield from (plan for plan in lasting if self._lacks(plan, one))
        section = self._find_section(one)
        if section is not None and self._lacks(section, one):
            yield section
        told = Told(one.change, one.text)
        for subscription in self._catalogue.subscriptions:
            plan = self._lasting[names.subscription_feed(subscription.name)]
            province = self._catalogue.provinces.get(slug)
            if self._lacks(plan, one) and wants(subscription, told, province=province):
                yield plan

    def _lacks(self, plan: Plan, one: News) -> bool:
        """True where the feed does not tell it yet, and it is not older than all that the feed has room for."""
        if self._carry and one.change.change_id <= self._told and self._stands(plan):
            return False
        return plan.name not in self._piles or self._piles[plan.name].has_room(one)

    def _stands(self, plan: Plan) -> bool:
        return plan.name in self._there and self._there[plan.name].form == plan.form

    def _find_section(self, one: News) -> Plan | None:
        """The feed of its section, if that may have one."""
        slug, section = one.change.portal, one.change.section
        if not section or one.change.first_crawl:
            return None
        if (slug, section) not in self._sections:
            self._sections[slug, section] = self._catalogue.section(slug, section)
        plan = self._sections[slug, section]
        return plan if plan.name in self._there or plan.name in self._piles or self._may_grow(slug) else None

    def _may_grow(self, slug: str) -> bool:
        """True where the portal may have one more feed of a section."""
        folder = f"{names.portal_feed(slug)}/"
        taken = {name for name in (*self._there, *self._piles) if name.startswith(folder)}
        return len(taken) < self._catalogue.policy.sections

    def _pile(self, plan: Plan) -> Pile:
        return self._piles.setdefault(plan.name, Pile(self._catalogue.policy.entries))

    def _plan(self, name: str) -> Plan:
        """The feed of that name, which has news or lasts. A section is called as in the newest of them."""
        if name in self._lasting:
            return self._lasting[name]
        newest = self._piles[name].newest.change
        return self._sections[newest.portal, newest.section or ""]

    def _entry(self, one: News, messages: Messages) -> Entry:
        slug = one.change.portal
        key = (messages.language, slug if one.change.first_crawl else "", one.change.change_id)
        if key not in self._made:
            composer = self._catalogue.composer(messages)
            self._made[key] = composer.entry(one, self._catalogue.title(slug), self._catalogue.homes.get(slug))
        return self._made[key]

    def _put(self, plan: Plan, entries: Iterable[Entry], *, expired: bool = False) -> None:
        policy = self._catalogue.policy
        chosen = newest_first(entries, most=policy.entries, max_bytes=policy.max_kb * 1024)
        feed = self._catalogue.feed(plan, chosen, expired=expired)
        self._folder.put(f"{plan.name}.{atom.ENDING}", atom.atom_bytes(feed))
        self._folder.put(f"{plan.name}.{jsonfeed.ENDING}", jsonfeed.json_bytes(feed))
