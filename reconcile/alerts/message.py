"""The words of a message, and how each kind of channel wants them. Holds order numbers, rule ids, counts and times only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconcile.rules.words import title
from reconcile.text import Text

FINDINGS, SYNC, TEST, STORE = "findings", "sync", "test", "store"  # what a message is about
SHOWN_ORDERS = 5  # of each rule; a message is read on a telephone
SHOWN_RULES = 10
_NUMBER = re.compile(r"[0-9A-Za-z._-]{1,40}")  # anything else from outside is counted, not repeated


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as people read it, and as a program would. message_id: the same at each try, so that repeats show."""

    message_id: str
    subject: str
    lines: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The whole of it below its subject."""
        return "\n".join(self.lines)


def safe_numbers(numbers: Sequence[str]) -> list[str]:
    """The order numbers that may stand in a message: those that look like one."""
    return [one for one in numbers if _NUMBER.fullmatch(one)][:SHOWN_ORDERS]


def written(
    message_id: str, facts: Mapping[str, Any], lang: str, *, desk_url: str, may_repeat: bool
) -> Message:
    """The message that tells these facts. may_repeat: an earlier try may have arrived, and it says so."""
    text = Text(lang)
    topic = str(facts["topic"])
    subject, lines = _WRITERS[topic](text, facts)
    if may_repeat:
        subject = text("alerts.subject.repeat", subject=subject)
        lines.append(text("alerts.line.repeat"))
    if desk_url:
        lines.append(text("alerts.line.desk", address=desk_url))
    lines.append(text("alerts.line.end"))
    return Message(
        message_id=message_id,
        subject=subject,
        lines=tuple(lines),
        facts={"id": message_id, "may_repeat": may_repeat, **facts},
    )


def _of_findings(text: Text, facts: Mapping[str, Any]) -> tuple[str, list[str]]:
    rules = facts["rules"]
    total = sum(one["count"] for one in rules)
    lines = [text("alerts.line.first" if facts["first"] else "alerts.line.new", n=total)]
    for one in rules[:SHOWN_RULES]:
        known = text.has(f"rule.{one['rule']}.title")  # not so after a change of the catalogue
        name = title(one["rule"], text.lang) if known else "–"
        lines.append(text("alerts.line.rule", rule=one["rule"], title=name, n=one["count"]))
        if one["orders"]:
            lines.append("  " + text("alerts.line.orders", numbers=one["orders"]))
    if len(rules) > SHOWN_RULES:
        lines.append(text("alerts.line.more", n=len(rules) - SHOWN_RULES))
    return text("alerts.subject.findings", account=facts["account"], n=total), lines


def _of_sync(text: Text, facts: Mapping[str, Any]) -> tuple[str, list[str]]:
    lines = []
    for one in facts["sync"]:
        since = one["since"] and datetime.fromisoformat(one["since"])
        if one["kind"] == "recovered":
            lines.append(text("alerts.line.recovered"))
            continue
        at = text.time(since) if since else text("age.never")
        lines += [text("alerts.line.overdue", at=at), text(f"alerts.cause.{one['reason']}")]
    last = facts["sync"][-1]["kind"]
    return text(f"alerts.subject.{last}", account=facts["account"]), lines


def _of_test(text: Text, facts: Mapping[str, Any]) -> tuple[str, list[str]]:
    return text("alerts.subject.test"), [text("alerts.line.test", name=facts["channel"])]


def _of_store(text: Text, facts: Mapping[str, Any]) -> tuple[str, list[str]]:  # noqa: ARG001 (one of the writers)
    return text("alerts.subject.store"), [text("alerts.line.store"), text("alerts.line.store.cure")]


_WRITERS = {FINDINGS: _of_findings, SYNC: _of_sync, TEST: _of_test, STORE: _of_store}


def payload(kind: str, message: Message) -> bytes:
    """The body that a channel of that kind takes: Slack, Teams (an Adaptive Card), or a plain document."""
    if kind == "slack":
        words = _slack(f"*{message.subject}*\n{message.text}")
        document: dict[str, Any] = {"text": words, "unfurl_links": False, "unfurl_media": False}
    elif kind == "teams":
        document = _card(message)
    else:
        document = {"subject": message.subject, "text": message.text, **message.facts}
    return json.dumps(document, ensure_ascii=False).encode()


def _slack(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(message: Message) -> dict[str, Any]:
    """Text runs are not Markdown: nothing in them becomes a link or a mention."""
    head = {"type": "TextRun", "text": message.subject, "weight": "Bolder"}
    rest = [{"type": "TextRun", "text": line} for line in message.lines]
    blocks = [{"type": "RichTextBlock", "inlines": [run]} for run in (head, *rest)]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": content}]}
