"""Tells every subscription what is due: makes letters of the outbox, sends them, and writes down what became of each.

A letter is stored before it is sent and marked after a server took it, so a process that dies in between sends it once
more, with the same message id; it never forgets one. Room for the mark is set aside first, so a disk that is full does
not. What it does not do: hold the lock (its caller does), read the clock or the environment, or print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from crawler.clock import Clock
from crawler.errors import DeliveryError
from crawler.i18n import Messages
from crawler.monitor.channels import OpenChannel, Sender, open_channel
from crawler.monitor.contents import Contents
from crawler.monitor.letter_contents import read_contents
from crawler.monitor.planning import due_notices, due_rows, pack, time_for
from crawler.subscriptions import AlertPolicy, Subscription
from storage import letters, outbox, room
from storage.archive import Archive
from storage.letters import Letter
from storage.notices import WaitingNotice, read_waiting_notices
from storage.outbox import Addressee, Waiting

LEAST_TRIES = 5
"""Runs of `alert` that must have tried a letter before it is dead: a machine that was off for a week tried none."""
_FIRST_PAUSE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)
_LONGEST_WISH = timedelta(days=1)  # of a server that wants to be left alone; what waits longer, a wrong clock made wait

Speak = Callable[[Subscription], Messages]
"""The messages in a subscription's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """What became of one letter in this run."""

    letter: Letter
    """As it is stored now."""
    channel: str
    """Name of its channel."""
    changes: int
    """How many changes it tells."""
    notices: int
    """How many notices of portals' health."""
    is_down: bool
    """True where its server could not be reached, or did not answer in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """What one letter is to tell; one of the two at least."""

    rows: Sequence[Waiting] = ()
    """Changes."""
    notices: Sequence[WaitingNotice] = ()
    """How portals are doing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerting:
    """Everything that delivering needs. Making one opens the channels and so tells what is wrong with them."""

    archive: Archive
    """Where the outbox is."""
    subscriptions: Mapping[str, Subscription]
    """By name."""
    channels: Mapping[str, OpenChannel]
    """By digest."""
    policy: AlertPolicy
    """How stubbornly."""
    clock: Clock
    """Tells the time."""
    speak: Speak
    """The languages."""
    names: Mapping[str, str]
    """Names of portals by slug."""

    @classmethod
    def of(
        cls,
        archive: Archive,
        subscriptions: Sequence[Subscription],
        policy: AlertPolicy,
        *,
        clock: Clock,
        environment: Mapping[str, str],
        speak: Speak,
        names: Mapping[str, str],
    ) -> Alerting:
        """Opens every channel. Raises `UsageError` where one cannot be used, before anything is sent."""
        channels = {channel.digest: channel for one in subscriptions for channel in one.channels}
        return cls(
            archive=archive,
            subscriptions={one.name: one for one in subscriptions},
            channels={
                digest: open_channel(channel, environment, timeout_s=policy.timeout_s, clock=clock)
                for digest, channel in channels.items()
            },
            policy=policy,
            clock=clock,
            speak=speak,
            names=names,
        )

    def deliver(self) -> list[Dispatch]:
        """Sends what is due; what became of each letter that was tried.

        Letters that could not be sent before come first. While one of them waits, its addressee gets no new ones: when
        the server is back, what has gathered is one letter, not one for each run.
        """
        with self.archive.writing() as connection:
            self._put_in_order(connection)
        done = self._dispatch_waiting()
        with self.archive.writing() as connection:
            now = self.clock()
            for parts in self._plan(connection, now):
                for number, each in enumerate(parts, start=1):
                    letters.add_letter(
                        connection, each.rows, part=number, parts=len(parts), now=now, notices=each.notices
                    )
        return done + self._dispatch_waiting(done)

    def _dispatch_waiting(self, before: Sequence[Dispatch] = ()) -> list[Dispatch]:
        """Tries each letter that is due, in the order of their making, but for those tried `before` in this run.

        Behind one that failed, in this run or before, nothing is sent to the same channel: it would come out of order,
        and its server may want to be left alone. Nor is anything sent to a server that cannot be reached: each of its
        channels would take as long to find that out.
        """
        with self.archive.reading() as connection:
            waiting = self._due_letters(connection, self.clock())
        tried = {each.letter.letter_id for each in before}
        down = {self.channels[each.letter.addressee.channel].server for each in before if each.is_down}
        silent: set[str] = set()
        done: list[Dispatch] = []
        for letter in waiting:
            channel = self.channels[letter.addressee.channel]
            if letter.letter_id in tried or letter.addressee.channel in silent or channel.server in down:
                continue
            dispatch = self._dispatch(letter)
            done.append(dispatch)
            silent |= {letter.addressee.channel} if dispatch.letter.state != "sent" else set()
            down |= {channel.server} if dispatch.is_down else set()
        return done

    def rehearse(self) -> list[tuple[Addressee, list[Contents]]]:
        """What `deliver` would send now. Writes nothing."""
        with self.archive.reading() as connection:
            now = self.clock()
            found = [
                (letter.addressee, [read_contents(connection, letter, self.names)])
                for letter in self._due_letters(connection, now)
            ]
            for parts in self._plan(connection, now):
                drafts = [
                    letters.draft(each.rows, part=n, parts=len(parts), now=now, notices=each.notices)
                    for n, each in enumerate(parts, 1)
                ]
                told = [
                    read_contents(
                        connection,
                        draft,
                        self.names,
                        change_ids=[row.change.change_id for row in each.rows],
                        notices=[row.notice for row in each.notices],
                    )
                    for draft, each in zip(drafts, parts, strict=True)
                ]
                found.append((drafts[0].addressee, told))
        return found

    def _put_in_order(self, connection: Connection) -> None:
        """What waits for a channel that was corrected, or a subscription that was renamed, goes to the new one.

        What nobody wants any more is forgotten.
        """
        everybody = letters.read_addressees(connection)
        for old in sorted(letters.read_addressees(connection, unsent=True)):
            if old in self._addressees:
                continue
            heirs = [one for one in self._addressees if one.subscription == old.subscription]
            heirs = heirs or [one for one in self._addressees if one.channel == old.channel and one not in everybody]
            fresh = [one for one in heirs if one not in everybody]
            heir = fresh[0] if fresh else heirs[0] if len(heirs) == 1 else None
            if heir is not None:
                letters.readdress(connection, old, heir)
            else:
                letters.drop_waiting(connection, old)

    @property
    def _addressees(self) -> list[Addressee]:
        """Everybody in the settings."""
        subscriptions = self.subscriptions.values()
        return [Addressee(one.name, channel.digest) for one in subscriptions for channel in one.channels]

    def _plan(self, connection: Connection, now: datetime) -> list[list[Planned]]:
        """Of each addressee the letters that what is due makes; notices of health stand in the first of them."""
        told = outbox.told_edits(connection, now - timedelta(minutes=self.policy.quiet_edits_min), now)
        behind = {letter.addressee for letter in letters.read_letters(connection, "waiting")}
        for_them = time_for(self.subscriptions, now)

        def is_time(one: Addressee, queued_at: datetime) -> bool:
            return one not in behind and for_them(one, queued_at)

        rows = due_rows(outbox.read_waiting(connection, is_time), self.subscriptions, told_edits=told)
        warnings = due_notices(read_waiting_notices(connection), is_time)
        plan = []
        for one in sorted({*rows, *warnings}):
            cost = partial(self._sender(one).cost, messages=self._speak_to(one))
            parts = pack(rows[one], self._sender(one).limit, cost) if one in rows else [[]]
            first, *rest = [Planned(rows=part) for part in parts]
            plan.append([replace(first, notices=warnings.get(one, [])), *rest])
        return plan

    def _sender(self, addressee: Addressee) -> Sender:
        return self.channels[addressee.channel].sender

    def _due_letters(self, connection: Connection, now: datetime) -> list[Letter]:
        """The letters that may be sent now, in the order of their making; none behind one that rests."""
        due: list[Letter] = []
        resting: set[str] = set()
        for letter in letters.read_letters(connection, "waiting"):
            if _rests(letter, now):
                resting.add(letter.addressee.channel)
            elif letter.addressee.channel not in resting and self._is_awake(letter, now):
                due.append(letter)
        return due

    def _is_awake(self, letter: Letter, now: datetime) -> bool:
        one = self.subscriptions.get(letter.addressee.subscription)
        return one is not None and letter.addressee.channel in self.channels and not one.timing.is_quiet(now)

    def _speak_to(self, addressee: Addressee) -> Messages:
        return self.speak(self.subscriptions[addressee.subscription])

    def _dispatch(self, letter: Letter) -> Dispatch:
        """Sends one letter and writes down what became of it."""
        channel = self.channels[letter.addressee.channel]
        with self.archive.reading() as connection:
            contents = read_contents(connection, letter, self.names)
        is_down = False
        with room.set_aside(self.archive) as write_down:
            try:
                note = self._patiently(channel, contents, self._speak_to(letter.addressee))
            except DeliveryError as error:
                is_down = error.down
                write_down(self._failure(letter, error))
            else:
                write_down(partial(letters.mark_sent, letter_id=letter.letter_id, now=self.clock(), note=note))
        with self.archive.reading() as connection:
            after = letters.load_letter(connection, letter.letter_id)
        return Dispatch(
            letter=after,
            channel=channel.channel.name,
            changes=len(contents.changes),
            notices=len(contents.notices),
            is_down=is_down,
        )

    def _patiently(self, channel: OpenChannel, contents: Contents, messages: Messages) -> str | None:
        """Sends; a failure that is told at once is tried again, after a second or two."""
        attempts = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, DeliveryError) and error.again),
            wait=wait_exponential_jitter(multiplier=0.5, max=4, jitter=0.5),
            stop=stop_after_attempt(self.policy.tries),
            reraise=True,
        )
        return attempts(channel.send, contents, messages)

    def _failure(self, letter: Letter, error: DeliveryError) -> Callable[[Connection], None]:
        """What is to be written of a letter that was not sent."""
        now, tries = self.clock(), letter.tries + 1
        given_up = now - letter.composed_at >= timedelta(days=self.policy.give_up_days) and tries >= LEAST_TRIES
        pause = min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), _LONGEST_PAUSE)
        wish = min(timedelta(seconds=error.retry_after_s or 0), _LONGEST_WISH)
        return partial(
            letters.mark_failed,
            letter_id=letter.letter_id,
            tries=tries,
            retry_at=None if given_up else now + max(pause, wish),
            error=str(error),
        )


def _rests(letter: Letter, now: datetime) -> bool:
    """True where the pause after a failure is not over."""
    return letter.retry_at is not None and now < letter.retry_at <= now + _LONGEST_WISH
