"""S10: recipients are hashed, not kept; where they are kept it is sealed, for days, shown on request, then gone for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.fernet import InvalidToken

from reconcile import JST, UsageError, Workspace
from reconcile.errors import SecretsUnavailable
from reconcile.recipients import FIELDS, HASH, SEALS, _read
from tests.integration.conftest import KEY, rows
from tests.reliability.canaries import Canary, hits
from tests.reliability.plain import PlainReader

LONG = 9  # bytes of a text that stands nowhere by chance


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    return tmp_path


@pytest.fixture
def shop(sandbox):
    """Every order of the shop as the API tells it, read by code that shares none with ours."""
    reader = PlainReader(sandbox.url, KEY, "ill")
    found = reader.orders()
    reader.close()
    return found


class Clock:
    """The workspaces' clock, which a test sets."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def desk(home, clock, **settings):
    return Workspace.open(home / "data", clock=clock, **settings)


def synced(home, clock, sandbox, **settings):
    made = desk(home, clock, **settings)
    made.add_account("shop", company_code="ill", key=KEY, base_url=sandbox.url)
    made.sync("shop")
    return made


def found_in(home, shop):
    """Where names and addresses of the shop's customers stand, in any file and any form."""
    texts = {
        row[name] for row in shop.values() for name in FIELDS if len(row[name].encode()) >= LONG
    }
    canaries = [Canary("person", text) for text in sorted(texts)[:12]]
    assert canaries
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "store.duckdb" for path in files)
    return [hit for path in files for hit in hits(path.name, path.read_bytes(), canaries)]


def ordered_on(row):
    return date.fromisoformat(row["order_date"][:10].replace("/", "-"))


def kept(workspace):
    return [number for (number,) in rows(workspace, "SELECT order_number FROM cm_recipient")]


def test_as_delivered_nothing_but_a_mark_is_kept(home, clock, sandbox, shop):
    made = synced(home, clock, sandbox)
    hashes = dict(rows(made, "SELECT order_number, recipient_hash FROM cm_order"))
    assert all(hashes.values())
    assert kept(made) == []
    assert found_in(home, shop) == []
    with pytest.raises(UsageError, match=r"recipient\.none"):
        made.show_recipient("shop", next(iter(hashes)))
    same = {(shop[one]["ship_name"], shop[one]["ship_zip"]): found for one, found in hashes.items()}
    assert len(set(hashes.values())) == len(same) > 1  # one for each recipient


def test_the_mark_of_a_shipment_is_that_of_its_order(home, clock, sandbox):
    made = synced(home, clock, sandbox)
    data, headers = sandbox.file("orders")
    made.import_files("shop", [(headers.get_filename(), data)])
    pairs = rows(
        made,
        "SELECT DISTINCT o.recipient_hash, l.recipient_hash FROM order_link k"
        " JOIN cm_order o USING (account, order_number)"
        " JOIN ss_shipment_line l ON l.account = k.account AND l.line_key = k.line_key"
        " WHERE NOT k.is_weak",
    )
    assert len(pairs) > 10
    assert all(one == other is not None for one, other in pairs)


def test_another_folder_makes_other_hashes(home, clock, sandbox):
    made = synced(home, clock, sandbox)
    other = synced(home / "other", clock, sandbox)
    mine, theirs = (
        dict(rows(one, "SELECT order_number, recipient_hash FROM cm_order"))
        for one in (made, other)
    )
    assert mine.keys() == theirs.keys()
    assert not set(mine.values()) & set(theirs.values())
    assert not {one.split(":")[0] for one in mine.values()} & {
        one.split(":")[0] for one in theirs.values()
    }


def test_a_kept_recipient_is_sealed_and_shown_to_who_asks_which_is_recorded(
    home, clock, sandbox, shop
):
    made = synced(home, clock, sandbox, recipient_days=30)
    oldest = clock.now.astimezone(JST).date() - timedelta(days=29)
    young = {number for number, row in shop.items() if ordered_on(row) >= oldest}
    assert set(kept(made)) == young
    assert len(young) > len(shop) / 2
    made.backup(home / "backup.zip")
    assert found_in(home, shop) == []
    number = min(young)
    before = len(made._ledger.entries())
    told = made.show_recipient("shop", number, by="佐藤")
    assert told == {name: shop[number][name] for name in FIELDS if shop[number][name]}
    (line,) = made._ledger.entries()[before:]
    assert (line.event, line.account, line.actor) == ("order_recipient.shown", "shop", "佐藤")
    assert line.values == {"order_number": number}
    assert found_in(home, shop) == []


def test_days_are_counted_from_the_order_and_then_no_copy_can_be_read(home, clock, sandbox):
    made = synced(home, clock, sandbox, recipient_days=30)
    made.backup(home / "backup.zip")
    sealed = rows(made, "SELECT order_number, day, sealed FROM cm_recipient ORDER BY day")
    number, day, _ = sealed[-1]
    last = made.recipient_kept_until("shop", number)
    assert last == day + timedelta(days=29)
    clock.now += last - clock.now.astimezone(UTC).date() + timedelta(days=-1)
    assert desk(home, clock, recipient_days=30).show_recipient("shop", number)
    clock.now += timedelta(days=3)
    later = desk(home, clock, recipient_days=30)
    later.restore(home / "backup.zip")
    later = desk(home, clock, recipient_days=30)
    assert later.recipient_kept_until("shop", number) is None
    with pytest.raises(UsageError, match=r"recipient\.none"):
        later.show_recipient("shop", number)
    later.sync("shop")
    assert number not in kept(later)
    seals = _read(later._accounts.secrets.get(SEALS).reveal())
    for (
        _,
        day,
        text,
    ) in (
        sealed
    ):  # whoever holds an old copy and today's key: no key of any day that follows opens it
        assert day < seals.oldest
        assert seals.of(day) is None
        for ahead in range(60):
            with pytest.raises(InvalidToken):
                seals.of(seals.oldest + timedelta(days=ahead)).decrypt(text)


def test_an_order_too_old_is_not_kept_and_a_shorter_time_counts_at_once(home, clock, sandbox):
    made = synced(home, clock, sandbox, recipient_days=30)
    days = dict(rows(made, "SELECT order_number, day FROM cm_recipient"))
    newest = max(days.values())
    clock.now = datetime(newest.year, newest.month, newest.day, 3, tzinfo=UTC)
    shorter = desk(home, clock, recipient_days=1)
    shorter.sync("shop", full=True)
    assert set(kept(shorter)) == {one for one, day in days.items() if day == newest}
    none = desk(home, clock)
    none.sync("shop")
    assert kept(none) == []
    assert none._accounts.secrets.get(SEALS) is None


def test_with_the_last_account_both_keys_go(home, clock, sandbox):
    made = synced(home, clock, sandbox, recipient_days=30)
    secrets = made._accounts.secrets
    assert secrets.get(HASH) is not None
    made.remove_account("shop")
    assert secrets.get(HASH) is None
    assert secrets.get(SEALS) is None
    assert not (home / "data" / "secrets.enc").exists()
    assert kept(made) == []


@pytest.mark.parametrize("days", ["31", "-1", "2.5"])
def test_more_than_thirty_days_are_refused(home, days, monkeypatch):
    monkeypatch.setenv("TOTSUGO_RECIPIENT_DAYS", days)
    with pytest.raises(UsageError):
        Workspace.open(home / "data")


def test_a_sync_goes_on_where_the_key_of_the_seals_has_no_place(home, clock, sandbox, monkeypatch):
    made = synced(home, clock, sandbox, recipient_days=30)
    monkeypatch.setattr(type(made._recipients), "_seals", refused)
    assert made.sync("shop", full=True).complete


def refused(_):
    raise SecretsUnavailable("error.secrets.unwritable", file="secrets.enc")
