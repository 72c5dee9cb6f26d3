"""Roles: the whole matrix of actions and roles, sign-ins and their ends, and under whose name acts are recorded."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reconcile import NotAllowed, UsageError, Workspace, least_role
from reconcile.access import (
    ACTIONS,
    IDLE,
    LOCAL,
    LONGEST,
    READING,
    ROLES,
    Login,
    guarded,
    role_of,
)
from reconcile.errors import SignInNeeded
from reconcile.settings import resolve

NOW = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
WITHIN_AN_ACTION = {"export_audit"}  # rows of the table that are a part of a method
LISTS = """
[access]
viewer = ["group:support", "miru@shop.example"]
operator = ["Sagyo@Shop.example"]
approver = ["shonin@shop.example"]
admin = ["group:owners"]
"""


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path / "keys"))
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "settings.toml").write_text(LISTS, encoding="utf-8")
    yield Workspace.open(home, clock=clock)


def claims(clock: Clock, **given: Any) -> dict[str, Any]:
    told = {"iss": "https://login.example", "sub": "s-1", "nonce": "n-1"}
    return told | {"iat": int(clock.now.timestamp()), "email_verified": True} | given


def login(role: str, clock: Clock) -> Login:
    return Login(name=f"{role}@shop.example", role=role, begun_at=clock.now, seen_at=clock.now)


def methods() -> dict[str, Any]:
    return {
        name: method
        for name, method in inspect.getmembers(Workspace, inspect.isfunction)
        if not name.startswith("_")
    }


def test_every_public_method_stands_in_the_table_and_nothing_else() -> None:
    assert set(methods()) | WITHIN_AN_ACTION == set(ACTIONS)


def test_the_table_knows_each_action_once() -> None:
    assert len(READING) == len(set(READING))
    assert set(ACTIONS.values()) == {*ROLES, LOCAL}


def test_each_action_is_refused_below_its_role_before_it_looks_at_anything(
    workspace: Workspace, clock: Clock
) -> None:
    """Called without arguments, an action that is let through fails for want of them, or does its work."""
    tried = 0
    for role in ROLES:
        mine = workspace.for_login(login(role, clock))
        for action, method in methods().items():
            least = least_role(action)
            reaches = least != LOCAL and ROLES.index(role) >= ROLES.index(least)
            assert mine.may(action) == reaches
            if not reaches:
                with pytest.raises(NotAllowed) as refused:
                    getattr(mine, action)()
                assert refused.value.values["role"] == role
            elif needs_arguments(method):
                with pytest.raises(TypeError, match="missing"):
                    getattr(mine, action)()
            elif action == "sign_out":
                workspace.for_login(login(role, clock)).sign_out()
            elif action != "provision_demo":  # it would start a shop
                getattr(mine, action)()
            tried += 1
    assert tried == len(ROLES) * len(methods())
    assert not workspace.accounts()


def needs_arguments(method: Any) -> bool:
    return any(
        one.default is one.empty and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
        for one in list(inspect.signature(method).parameters.values())[1:]
    )


def test_an_action_that_is_not_in_the_table_is_the_local_users_alone(clock: Clock) -> None:
    @guarded
    class Desk:
        _login: Login | None = login("admin", clock)

        def _instant(self) -> datetime:
            return clock.now

        def forgotten(self) -> str:
            return "done"

    desk = Desk()
    with pytest.raises(NotAllowed):
        desk.forgotten()
    desk._login = None
    assert desk.forgotten() == "done"


def test_what_everybody_did_is_shown_to_approvers_only(workspace: Workspace, clock: Clock) -> None:
    assert workspace.for_login(login("approver", clock)).export("audit").rows == 0
    with pytest.raises(NotAllowed):
        workspace.for_login(login("operator", clock)).export("audit")


def test_an_action_may_use_others_that_its_person_may_not_call(
    workspace: Workspace, clock: Clock
) -> None:
    key = "k" * 8
    workspace.add_account("mihon", company_code="ill", key=key, base_url="http://127.0.0.1:9/")
    mine = workspace.for_login(login("approver", clock))
    assert mine.set_stock_scope("mihon", tolerance=2).stock_tolerance == 2
    with pytest.raises(NotAllowed):
        mine.change_account("mihon", stock_tolerance=3)


def test_acts_are_recorded_under_the_name_that_signed_in(
    workspace: Workspace, clock: Clock
) -> None:
    mine = workspace.for_login(login("admin", clock))
    mine.add_account("mihon", company_code="ill", key="k" * 8, base_url="http://127.0.0.1:9/")
    mine.set_phase_role("mihon", "発送待機", "collect")
    mine.set_stock_scope("mihon", tolerance=1)
    mine.save_view("朝の確認", {"state": "act_now"}, by="somebody else")
    mine.remove_view("朝の確認", by="somebody else")
    entries = mine._ledger.entries()
    assert len(entries) == 5
    assert {entry.actor for entry in entries} == {"admin@shop.example"}
    workspace.save_view("昼の確認", {"state": "act_now"}, by="佐藤")
    assert workspace._ledger.entries()[-1].actor == "佐藤"


def test_a_sign_in_ends_after_half_an_hour_without_an_act(
    workspace: Workspace, clock: Clock
) -> None:
    held = login("operator", clock)
    mine = workspace.for_login(held)
    clock.now += IDLE - timedelta(seconds=1)
    mine.accounts()  # reading goes on by itself on an open page; it is no act
    clock.now += timedelta(seconds=1)
    with pytest.raises(SignInNeeded) as over:
        mine.accounts()
    assert over.value.help_key == "error.access.idle"
    held.seen(clock.now)
    assert held.over(clock.now) == "idle"


def test_acts_keep_a_sign_in_alive_until_eight_hours_after_its_start(clock: Clock) -> None:
    held = login("operator", clock)
    while clock.now < NOW + LONGEST:
        held.check("save_view", clock.now)
        clock.now += timedelta(minutes=20)
    with pytest.raises(SignInNeeded) as over:
        held.check("save_view", clock.now)
    assert over.value.help_key == "error.access.too_long"


def test_signing_out_ends_it_for_a_copied_cookie_too(workspace: Workspace, clock: Clock) -> None:
    book = workspace.logins()
    mine = workspace.for_login(book.of(claims(clock, email="sagyo@shop.example")))
    mine.sign_out()
    again = book.of(claims(clock, email="sagyo@shop.example"))
    with pytest.raises(SignInNeeded):
        workspace.for_login(again).accounts()
    fresh = book.of(claims(clock, email="sagyo@shop.example", nonce="n-2"))
    assert workspace.for_login(fresh).accounts() == ()
    told = [(one.event, one.actor) for one in workspace._ledger.entries()]
    assert told == [
        ("session.begun", "sagyo@shop.example"),
        ("session.ended", "sagyo@shop.example"),
        ("session.begun", "sagyo@shop.example"),
    ]


def test_a_sign_in_from_before_the_server_started_is_over(
    workspace: Workspace, clock: Clock
) -> None:
    before = claims(clock, email="sagyo@shop.example")
    clock.now += timedelta(minutes=5)
    assert workspace.logins().of(before).over(clock.now) == "restarted"


@pytest.mark.parametrize(
    ("told", "role"),
    [
        ({"email": "miru@shop.example"}, "viewer"),
        ({"email": "SAGYO@shop.example"}, "operator"),
        ({"email": "shonin@shop.example", "groups": ["support"]}, "approver"),
        ({"groups": ["support", "owners"]}, "admin"),
        ({"email": "shonin@shop.example", "email_verified": False}, None),
        ({"email": "shonin@shop.example", "email_verified": "true"}, None),
        ({"email": "shonin@shop.example.attacker.example"}, None),
        ({"email": "group:owners"}, None),
        ({"email": ""}, None),
        ({"groups": "owners"}, None),
        ({"groups": ["Owners"]}, None),
        ({}, None),
    ],
)
def test_the_list_gives_the_highest_role_and_nothing_to_others(
    workspace: Workspace, clock: Clock, told: dict[str, Any], role: str | None
) -> None:
    assert role_of(claims(clock, **told), workspace.settings.access) == role
    if role is None:
        with pytest.raises(NotAllowed):
            workspace.logins().of(claims(clock, **told))
    else:
        assert workspace.logins().of(claims(clock, **told)).role == role


@pytest.mark.parametrize("iat", [None, "yesterday", True])
def test_an_identity_without_its_time_is_refused(
    workspace: Workspace, clock: Clock, iat: object
) -> None:
    with pytest.raises(NotAllowed):
        workspace.logins().of(claims(clock, email="sagyo@shop.example", iat=iat))


def test_a_name_nobody_verified_cannot_pass_for_another(workspace: Workspace, clock: Clock) -> None:
    told = {"email": "shonin@shop.example", "email_verified": False, "groups": ["support"]}
    one = workspace.logins().of(claims(clock, **told))
    other = workspace.logins().of(claims(clock, **told, sub="s-2"))
    assert one.name != "shonin@shop.example" != other.name != one.name
    long = {"name": "a\u202e\n" * 99, "groups": ["support"]}
    assert len(workspace.logins().of(claims(clock, **long)).name) <= 60


@pytest.mark.parametrize(
    "lists",
    [
        'access = ["a@b.example"]',
        '[access]\nboss = ["a@b.example"]',
        '[access]\nadmin = "a@b.example"',
        "[access]\nadmin = [1]",
        '[access]\nadmin = ["owners"]',
        '[access]\nadmin = ["group:"]',
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(lists: str) -> None:
    with pytest.raises(UsageError):
        resolve({}, {}, lists)
