"""What the head of a screen says of a schedule (who runs it, that a fresh server is starting) and of old verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pages.ui import freshness, schedule
from reconcile import Account, AccountHealth
from reconcile.text import LANGUAGES, Text

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def health(state: str, by: str | None) -> AccountHealth:
    return AccountHealth(
        account=Account(
            name="mihon",
            company_code="ill",
            base_url="https://crossmall.jp/webapi2",
            shop_ids=(),
            options={},
            collect_phase="発送待機",
            shipped_phase="QXPRESS発送済み",
            is_demo=False,
            created_at=NOW,
        ),
        state="ok",
        last_sync_at=NOW,
        last_sync_state="complete",
        last_error_key=None,
        smartship_state="ok",
        smartship_snapshot_at=NOW,
        smartship_coverage_from=NOW,
        orders=1,
        waiting=0,
        by_state={},
        phase_warning=None,
        schedule=state,
        schedule_by=by,
        next_sync_at=NOW + timedelta(minutes=21),
        failures=3,
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_server_that_runs_the_schedule_is_starting_until_it_has_a_leader(
    lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = Text(lang)
    monkeypatch.delenv(schedule.SWITCH, raising=False)
    told = schedule.words(text, health("waiting", None), NOW)
    assert text("schedule.by.starting") in told
    monkeypatch.setenv(schedule.SWITCH, "off")
    told = schedule.words(text, health("waiting", None), NOW)
    assert text("schedule.by.nobody") in told


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("by", ["here", "dashboard", "serve", None])
@pytest.mark.parametrize("state", ["off", "waiting", "due", "running", "retrying", "refused"])
def test_every_state_has_its_words_and_the_time_where_there_is_one(
    state: str, by: str | None, lang: str
) -> None:
    told = schedule.words(Text(lang), health(state, by), NOW)
    assert ("10:21" in told) == (state in ("waiting", "retrying", "refused"))
    elsewhere = by in ("dashboard", "serve") and state not in ("off", "running")
    assert (Text(lang)(f"schedule.by.{by}") in told if by and by != "here" else False) == elsewhere


@pytest.mark.parametrize("lang", LANGUAGES)
def test_verdicts_that_are_old_are_said_to_be(lang: str) -> None:
    text, new = Text(lang), replace(health("waiting", None), judged_at=NOW)
    old = replace(new, judged_at=NOW - timedelta(hours=15))
    assert text.age(old.judged_at, NOW) in freshness.judged_words(text, [new, old], NOW)
    assert freshness.judged_words(text, [new, health("waiting", None)], NOW) == ""
