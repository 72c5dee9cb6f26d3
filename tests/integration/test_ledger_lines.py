"""Each change that people make is a line of the ledger with who, when and what; a method without one fails here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconcile import Login, TriageFilter, Workspace, demo
from reconcile.access import ACTIONS, READING
from reconcile.demo import NAME
from reconcile.mapping_import import NEEDED

WHO = "admin@shop.example"
HOOK = "https://hooks.example.com/T0/B0/secret-part"
NO_LINE = {
    "audit": "reads",
    "backup": "copies the folder, and changes nothing in it",
    "check_alerts": "what is told stands in the outbox",
    "export_audit": "reads",
    "logins": "opens the book of sign-ins, each of which is a line",
    "mapping_import": "shows what a list would change; kept for 7 days",
    "mapping_preview": "freezes a list; kept for 7 days",
    "packet": "makes a file for whoever asked",
    "restore": "brings back the lines of a backup beside those since; the files replaced stay aside",
    "scheduler": "runs syncs",
    "sync": "what is read stands in the tables of runs and observations",
    "test_account": "reads",
    "test_alert_channel": "sends a message, and changes nothing here",
    "triage_preview": "freezes a list; kept for 7 days",
}


@dataclass
class Act:
    """One act on the demo's desk: what it must be called in the ledger, on which account, and what it must say."""

    event: str
    do: Callable[[Workspace], Any]
    account: str | None = NAME
    says: dict[str, Any] = field(default_factory=dict)


def last(desk: Workspace, area: str) -> int:
    """The number of the newest act of an area."""
    return [one.sequence for one in desk._ledger.entries() if one.event.startswith(area)][-1]


def finding(desk: Workspace) -> str:
    return desk.triaged(TriageFilter(account=NAME)).rows[0].finding_key


def case(desk: Workspace) -> Any:
    rows = desk.mapping(NAME).table.rows
    return rows[(rows["mapping_class"] != "linked") & rows["item_code"].notna()].iloc[0]


def a_list_of_links(desk: Workspace) -> str:
    row = case(desk)
    cells = [row["item_code"], row["attribute1_name"], row["attribute2_name"], "", "no_counterpart"]
    text = "\n".join(",".join(line) for line in ([*NEEDED, "decision"], cells))
    return desk.mapping_import(NAME, "links.csv", text.encode()).id


def a_class(desk: Workspace) -> str:
    return desk.mapping_class_record(NAME)[0].code


def learned(desk: Workspace) -> str:
    """An addition to order numbers, as a run of the rules leaves it."""
    with desk._db.write() as cursor:
        cursor.execute(
            "INSERT INTO order_affix VALUES ($a, '1', 'smartship', 'R-', '', 3, 'proposed', now()::TIMESTAMP, NULL)",
            {"a": NAME},
        )
    return "R-*"


def orders_file(desk: Workspace) -> bytes:
    """The demo's order file without its last row."""
    sample = next(demo.sample_files(desk.accounts()[0].base_url)).data
    return sample.rstrip().rpartition(b"\r\n")[0]


def forget_files(desk: Workspace) -> None:
    with desk._db.write() as cursor:
        cursor.execute("DELETE FROM ss_import")


ACTS: dict[str, Act] = {
    "provision_demo": Act("account.added", lambda desk: desk.provision_demo(), says={"is_demo": True}),
    "import_demo_files": Act("file.imported", lambda desk: (forget_files(desk), desk.import_demo_files(NAME))),
    "import_files": Act(
        "file.imported",
        lambda desk: desk.import_files(NAME, [("orders.csv", orders_file(desk))], kind="orders"),
        says={"file": "orders.csv", "kind": "orders"},
    ),
    "set_phase_role": Act(
        "phase_role.set",
        lambda desk: desk.set_phase_role(NAME, "確認待ち", "before"),
        says={"phase_name": "確認待ち", "role": "before"},
    ),
    "set_stock_scope": Act(
        "account.changed",
        lambda desk: desk.set_stock_scope(NAME, tolerance=2),
        says={"stock_tolerance": 2},
    ),
    "decide_affix": Act(
        "order_affix.decided",
        lambda desk: desk.decide_affix(NAME, learned(desk), "confirmed"),
        says={"prefix": "R-", "state": "confirmed"},
    ),
    "triage": Act(
        "triage.noted",
        lambda desk: desk.triage(NAME, [finding(desk)], "note", text="電話で聞いた"),
        says={"text": "電話で聞いた"},
    ),
    "triage_bulk": Act(
        "triage.ignored",
        lambda desk: desk.triage_bulk(desk.triage_preview(TriageFilter(account=NAME)), "ignore", reason="棚卸し"),
        says={"reason": "棚卸し"},
    ),
    "triage_undo": Act("triage.undone", lambda desk: desk.triage_undo(last(desk, "triage."))),
    "triage_redo": Act("triage.redone", lambda desk: desk.triage_redo(last(desk, "triage.ignored"))),
    "mapping_decide": Act(
        "mapping.decided",
        lambda desk: desk.mapping_decide(NAME, [case(desk)["case_key"]], "later", why="来週"),
        says={"decision": "later", "why": "来週"},
    ),
    "mapping_decide_list": Act(
        "mapping.decided",
        lambda desk: desk.mapping_decide_list(desk.mapping_preview(NAME, decision="later").id, "later"),
        says={"decision": "later"},
    ),
    "mapping_undo": Act("mapping.undone", lambda desk: desk.mapping_undo(last(desk, "mapping."))),
    "mapping_redo": Act("mapping.redone", lambda desk: desk.mapping_redo(last(desk, "mapping.decided"))),
    "mapping_import_apply": Act(
        "mapping.imported",
        lambda desk: desk.mapping_import_apply(a_list_of_links(desk)),
        says={"file": "links.csv"},
    ),
    "mapping_class_automatic": Act(
        "mapping.class_set",
        lambda desk: desk.mapping_class_automatic(NAME, a_class(desk), on=False),
        says={"on": False},
    ),
    "recovery_sheet": Act(
        "recovery_sheet.made",
        lambda desk: desk.recovery_sheet(NAME, [number := desk.orders().table.rows["order_number"].iloc[0]],
                                         including_blocked={number: "確認済み"}),
        says={"format": "xlsx"},
    ),
    "show_recipient": Act(
        "order_recipient.shown",
        lambda desk: desk.show_recipient(NAME, desk.orders().table.rows["order_number"].iloc[0]),
    ),
    "save_view": Act("view.saved", lambda desk: desk.save_view("朝の確認", {"rule": "F07"}), None, {"name": "朝の確認"}),
    "remove_view": Act("view.removed", lambda desk: desk.remove_view("朝の確認"), None, {"name": "朝の確認"}),
    "set_alert_channel": Act(
        "alert.set",
        lambda desk: desk.set_alert_channel("team", kind="slack", secret=HOOK),
        None,
        {"name": "team"},
    ),
    "remove_alert_channel": Act("alert.removed", lambda desk: desk.remove_alert_channel("team"), None, {"name": "team"}),
    "add_account": Act(
        "account.added",
        lambda desk: desk.add_account("mihon", company_code="ill", key="k" * 8, base_url="http://127.0.0.1:9/"),
        "mihon",
        {"company_code": "ill"},
    ),
    "change_account": Act(
        "account.changed",
        lambda desk: desk.change_account("mihon", sync_every_min=0),
        "mihon",
        {"sync_every_min": 0},
    ),
    "remove_account": Act("account.removed", lambda desk: desk.remove_account("mihon"), "mihon"),
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(demo, "ORDERS", 30)
    monkeypatch.setenv("TOTSUGO_RECIPIENT_DAYS", "30")
    made = Workspace.open(tmp_path / "data")
    now = made.now()
    login = Login(name=WHO, role="admin", begun_at=now, seen_at=now)
    yield made.for_login(login)
    demo.stop(made._demo_folder())


def test_every_action_that_changes_something_is_known_here_or_has_a_reason() -> None:
    assert set(ACTS) | set(NO_LINE) == set(ACTIONS) - set(READING)
    assert not set(ACTS) & set(NO_LINE)


def test_every_change_is_a_line_with_who_when_and_what(desk: Workspace) -> None:
    silent = []
    for action, act in ACTS.items():
        before, begun = len(desk._ledger.entries()), datetime.now(UTC)
        act.do(desk)
        new = desk._ledger.entries()[before:]
        told = [one for one in new if (one.event, one.account) == (act.event, act.account)]
        if not any(act.says.items() <= one.values.items() for one in told):
            silent.append(f"{action}: {[(one.event, one.account) for one in new]}")
        assert {one.actor for one in new} <= {WHO}, action
        assert all(begun <= one.at <= datetime.now(UTC) for one in new), action
    assert silent == []
    assert desk.export("audit").rows == len(desk._ledger.entries())


def test_a_key_that_is_rotated_is_a_line_without_the_key(desk: Workspace) -> None:
    ACTS["add_account"].do(desk)
    desk.change_account("mihon", key="a-new-key-123")
    line = desk._ledger.entries()[-1]
    assert (line.event, line.account, line.actor, dict(line.values)) == (
        "key.rotated",
        "mihon",
        WHO,
        {},
    )
    assert "a-new-key-123" not in desk._ledger.path.read_text("utf-8")


def test_the_end_of_a_sign_in_is_a_line(desk: Workspace) -> None:
    desk.sign_out()
    line = desk._ledger.entries()[-1]
    assert (line.event, line.actor) == ("session.ended", WHO)
