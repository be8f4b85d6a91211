"""What people ask of an archive, and what each column of it is for."""

from __future__ import annotations

import pytest
from watched import BODY, PORTAL, Watched, article, at

from storage import (
    files,
    forms,
    history,
    imports,
    letters,
    measures,
    notices,
    outbox,
    portal_status,
    queries,
    queue,
    rereading,
    runs,
    schema,
    sealing,
)
from storage.absences import GonePolicy
from storage.conditions import HealthPolicy, settle_condition
from storage.listing_readings import keep_listing
from storage.portals import as_known, remember_portal
from storage.records import Attachment, Change, FieldChange, Image, Listing, Posting, Problem, ReadBy, Related
from storage.robots import RobotsFile, keep_robots
from storage.troubles import settle_troubles
from storage.vocabulary import Absence, ChangeKind, FoundIn, OutcomeKind, Role, Weight


@pytest.fixture
def told(watched: Watched) -> list[Change]:
    """Four changes: three new at hours 0, 1 and 2, and one gone at 3."""
    first = 0
    for hour in range(3):
        first = first or watched.new(watched.begin(hour), f"tin-{hour}", tell=True)
        if hour:
            watched.new(watched.begin(hour), f"tin-{hour}", tell=True)
    run = watched.begin(3)
    watched.listing(run, ["tin-1"])
    watched.absent(run, "tin-0", first)
    watched.finish(run)
    return watched.changes()


def ids(watched: Watched, **conditions: object) -> list[int]:
    with watched.archive.reading() as connection:
        return [change.change_id for change in queries.read_changes(connection, **conditions)]  # type: ignore[arg-type]


def test_changes_are_read_in_order_of_recording(watched: Watched, told: list[Change]) -> None:
    assert [change.change_id for change in told] == [1, 2, 3, 4]
    assert [change.kind.value for change in told] == ["new", "new", "new", "gone"]


@pytest.mark.parametrize(
    "conditions, expected",
    [
        ({"after": 2}, [3, 4]),
        ({"after": 4}, []),
        ({"since": at(1)}, [2, 3, 4]),  # the instant itself belongs to it
        ({"until": at(1)}, [1]),  # and not to this
        ({"since": at(1), "until": at(3)}, [2, 3]),
        ({"since": at(3), "until": at(1)}, []),
        ({"kinds": [ChangeKind.GONE, ChangeKind.MOVED]}, [4]),
        ({"kinds": []}, [1, 2, 3, 4]),
        ({"portals": [PORTAL, "x"]}, [1, 2, 3, 4]),
        ({"portals": ["ninh-thuan"]}, []),
        ({"after": 1, "kinds": [ChangeKind.NEW], "until": at(2)}, [2]),
    ],
)
def test_changes_are_chosen(
    watched: Watched, told: list[Change], conditions: dict[str, object], expected: list[int]
) -> None:
    assert ids(watched, **conditions) == expected


def test_new_of_the_first_crawl_says_so(watched: Watched, told: list[Change]) -> None:
    assert [change.first_crawl for change in told] == [True, False, False, False]


def test_bookmark_remembers_for_each_reader(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        assert queries.read_bookmark(connection, "cron") == (0, None)
        queries.set_bookmark(connection, "cron", 7, at(0))
        queries.set_bookmark(connection, "bàn đọc", 3, at(1))
        queries.set_bookmark(connection, "cron", 9, at(2))
        assert queries.read_bookmark(connection, "cron") == (9, at(2))
        assert queries.read_bookmark(connection, "bàn đọc") == (3, at(1))


def test_article_is_found_by_the_key_its_address_has_in_each_portal(watched: Watched) -> None:
    article_id = watched.new(watched.begin(0), "hop")
    watched.second_address("moi", article_id)

    def found(**keys: str) -> int | None:
        with watched.archive.reading() as connection:
            one = queries.find_by_key(connection, {name.replace("_", "-"): key for name, key in keys.items()})
        return one.article_id if one else None

    assert found(ninh_thuan="hop", lao_cai="hop") == article_id
    assert found(lao_cai="moi") == article_id
    assert found(ninh_thuan="hop") is None
    assert found() is None


def test_address_without_an_article_is_none(watched: Watched) -> None:
    watched.discover("hop")
    with watched.archive.reading() as connection:
        assert queries.find_by_key(connection, {PORTAL: "hop"}) is None


def test_evidence_says_where_the_bytes_are(watched: Watched) -> None:
    run = watched.begin(0)
    kept = watched.keep(run, "hop", b"tin")
    with watched.archive.reading() as connection:
        evidence = queries.read_evidence(connection, kept.capture_id)
    data = (watched.archive.path / evidence["warc_file"]).read_bytes()
    assert len(data) == evidence["warc_offset"] + evidence["warc_length"]
    assert (evidence["url"], evidence["status"]) == ("http://lao-cai.example/hop", 200)


def test_portal_never_crawled_has_an_empty_status(watched: Watched) -> None:
    with watched.archive.reading() as connection:
        found = portal_status.read_portal_status(connection, PORTAL)
    assert (found.last_run, found.last_success, found.outcomes, found.fill) == (None, None, {}, {})
    assert (found.live, found.gone, found.waiting) == (0, 0, 0)


def test_status_of_a_portal_counts_articles_fields_and_addresses(watched: Watched) -> None:
    run = watched.begin(0)
    watched.new(run, "a", article("Một", byline="Thanh Bình", lead=None, section="Chính trị"))
    watched.new(run, "b", article("Hai", byline=None, published_on=None, section=None))
    gone = watched.new(run, "c", article("Ba", byline="Người khác", lead="Sapô"))
    watched.discover("d", "e")
    with watched.archive.writing() as connection:
        history.set_status(connection, gone, "gone")
        found = portal_status.read_portal_status(connection, PORTAL)
    assert (found.live, found.gone, found.waiting) == (2, 1, 2)
    assert found.fill == {"lead": 0.0, "byline": 0.5, "section": 0.5, "published": 0.5}
    assert found.outcomes == {OutcomeKind.NEW: 3}


@pytest.mark.parametrize(
    "code, is_success",
    [("layout", True), ("shrunken", True), ("blind", False), ("failing", False), ("vanishing", False)],
)
def test_last_success_is_the_last_finished_run_without_a_grave_problem(
    watched: Watched, code: str, is_success: bool
) -> None:
    for hour, problems in ((0, []), (1, [Problem(code=code, count=1, of=2, what="")])):
        run = watched.begin(hour)
        with watched.archive.writing() as connection:
            runs.finish_run(connection, run, at(hour), state="finished", problems=problems)
    last = watched.begin(2)
    with watched.archive.reading() as connection:
        found = portal_status.read_portal_status(connection, PORTAL)
    assert found.last_success is not None
    assert found.last_success.started_at == at(1 if is_success else 0)
    assert found.last_run == last


@pytest.mark.parametrize("kind, is_success", [(OutcomeKind.LISTING, True), (OutcomeKind.ROBOTS, False)])
def test_run_that_left_addresses_to_the_next_is_a_success_where_it_read_some(
    watched: Watched, kind: OutcomeKind, is_success: bool
) -> None:
    run = watched.begin(0)
    watched.visit(run, "tin", kind, role=Role.LISTING)
    with watched.archive.writing() as connection:
        runs.finish_run(connection, run, at(0), state="partial", problems=[])
        found = portal_status.read_portal_status(connection, PORTAL)
    assert (found.last_success is not None) == is_success


def test_runs_are_those_that_began_in_the_span_or_the_last(watched: Watched) -> None:
    for hour in (0, 10, 20):
        watched.begin(hour)

    def began(**span: object) -> list[object]:
        with watched.archive.reading() as connection:
            found = portal_status.read_runs(connection, PORTAL, **span)  # type: ignore[arg-type]
        return [run.started_at for run in found]

    assert began() == [at(20)]
    assert began(since=at(10)) == [at(10), at(20)]
    assert began(until=at(20)) == [at(0), at(10)]
    assert began(since=at(1), until=at(2)) == [at(20)]


def test_portals_are_those_that_were_crawled(watched: Watched) -> None:
    with watched.archive.writing() as connection:
        for portal in ("ninh-thuan", "lao-cai", "ninh-thuan"):
            runs.begin_run(connection, portal, at(0), sweep=False)
        assert portal_status.read_portals(connection) == ["lao-cai", "ninh-thuan"]


def test_every_column_is_used(watched: Watched) -> None:
    """A year of a small portal's life, after which no column of any table is empty."""
    run = watched.begin(0, sweep=True)
    text = article(
        "Tin", lead="Sapô", byline="Thanh Bình", published_at=at(-3), language="vi", warnings=("x",),
        related=(Related(title="t", url="u", published_on=at(0).date(), published_raw="(13/04)"),),
        attachments=(Attachment(title="t", url="u"),), images=(Image(url="u", caption="c"),),
    )  # fmt: skip
    hop, other = watched.new(run, "hop", text, tell=True), watched.new(run, "other")
    watched.discover("target", moved_from=other, listing="tin", page=2)
    watched.listing(run, ["hop", "other"], next_key="tin?2")
    watched.finish(run)
    run = watched.begin(30, sweep=True)
    watched.listing(run, ["other"])
    watched.absent(run, "hop", hop)
    kept = [watched.keep(run, "other", b"same bytes") for _ in range(2)][1]
    watched.visit(run, "other", OutcomeKind.UNCHANGED, kept=kept, article_id=other, read_as="tandan", detail="x")
    watched.finish(run)
    absent = watched.new(watched.begin(31), "absent")
    with watched.archive.writing() as connection:
        (first,), (second,) = (queries.read_versions(connection, number) for number in (hop, other))
        field = FieldChange(field="title", cls="name", old="a", new="b")
        history.add_change(
            connection, run, ChangeKind.MOVED, second, url="u", at=at(31), fetched_at=at(31), weight=Weight.MINOR,
            previous=first, fields=[field], moved_to="v",
        )  # fmt: skip
        history.set_checked_by(connection, other, ReadBy("f", "2"))
        history.set_page(connection, PORTAL, "other", "0" * 64, at(31))
        keep_robots(connection, RobotsFile(origin="http://a.vn", text="", fetched_at=at(31), unchanged_since=at(0)))
        history.set_moved_into(connection, other, hop)
        queries.set_bookmark(connection, "cron", 1, at(31))
        connection.execute(schema.addresses.update().values(etag='"1"', last_modified="Tue"))
        forms.keep_form(connection, PORTAL, "tin?2", Posting(url="u", body=b"trang=2", address="u#2"), at(31))
        keep_listing(connection, PORTAL, "tin", "0" * 64, Listing(url="u", entries=(), next_url=None, platform=None))
        known = as_known(PORTAL, name="Cổng", province="ha-giang", retired_on=at(0).date(), successor="tuyen-quang")
        remember_portal(connection, known, at(31))
        rereading.begin_reparse(connection, PORTAL, ReadBy("f", "2"), at(31))
        rereading.end_reparse(connection, PORTAL, at(31))
        outbox.post_changes(connection, {PORTAL: lambda change, text: [outbox.Addressee("x", "f")]}, after=0)
        letters.add_letter(connection, outbox.read_waiting(connection)[-1:], part=1, parts=1, now=at(31))
        letters.mark_failed(connection, 1, tries=1, retry_at=at(32), error="HTTP 500")
        connection.execute(schema.letters.update().values(sent_at=at(33)))
        connection.execute(schema.changes.update().where(schema.changes.c.change_id == 1).values(flapping="quiet"))
        measures.take_measures(connection, run)
        trouble = Problem(code="lost", count=0, of=9, what="byline", usual=96)
        lasting = settle_troubles(connection, run, [trouble], [], at(31))
        notice = settle_condition(connection, run, lasting, at(31), HealthPolicy(confirmations=1, min_hours=0))
        assert notice is not None
        notices.post_notice(connection, notice, [outbox.Addressee("x", "f")])
        connection.execute(schema.notice_outbox.update().values(letter_id=1))
        settle_troubles(connection, run, [], lasting, at(32))
        attached = [("tep", Attachment(title="Tệp", url="u"))]
        files.expect(connection, PORTAL, attached, at(31))
        files.link(connection, hop, attached)
        known_file = files.StoredFile(digest="sha256:0", size=1, length="1", candidate="sha256:1")
        files.set_file(connection, PORTAL, "tep", known_file, kept.capture_id)
        connection.execute(schema.files.update().values(missing_since=at(31)))
        imports.set_facts(
            connection,
            imports.begin_import(connection, "ninh-thuan", "cu.warc.gz", at(31)),
            {"first_crawl": True, "sweep": True},
        )
        origin = {"run_id": run.run_id, "kind": "absent", "absence": "404", "detail": "x", "article_id": hop}
        connection.execute(schema.origins.insert().values(capture_id=kept.capture_id, record="urn:uuid:1", **origin))
        query = queue.begin_query(connection, "u", at(0), at(1), at(31))
        queue.end_listing(connection, query.query_id, at(31))
        listed = queue.Listed(portal=PORTAL, url="u", captured_at=at(0), digest="ABC")
        queue.add_listed(connection, query.query_id, [listed])
        queue.set_state(connection, [listed], queue.FAILED, "HTTP 500")
    run = watched.begin(32)
    parted = [watched.new(run, key, article(key, body=" ".join(f"từ{n}" for n in range(80)))) for key in ("x", "y")]
    watched.version(watched.fetch(run, "joins"), parted[0], article(body=BODY))
    watched.listing(run, ["hop"])
    watched.absent(run, "absent", absent, Absence.LOGIN)
    watched.finish(run, GonePolicy())
    watched.discover("rss", found_in=FoundIn.FEED, published_raw="13/04/2021", published_in="http://a.vn/rss")
    with watched.archive.writing() as connection:
        sealing.seal_closed_runs(watched.archive.path, connection, PORTAL, at(33))
    with watched.archive.reading() as connection:
        unused = [
            f"{table.name}.{column.name}"
            for table in schema.metadata.sorted_tables
            for column in table.columns
            if not connection.exec_driver_sql(f"SELECT count({column.name}) FROM {table.name}").scalar()
        ]
    assert not unused, "\n".join(unused)
