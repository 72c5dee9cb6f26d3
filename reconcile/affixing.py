"""What stands around order numbers on one side only, as people decide about it: shown with examples, confirmed, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reconcile.errors import UsageError
from reconcile.rules.affixes import AFFIX_DECIDED, AFFIX_STATES, Affix, affix_values, affixes
from reconcile.store import patterns
from reconcile.store.chain import Entry
from reconcile.store.projections import catch_up
from reconcile.triage_acts import person
from reconcile.wiring import Wiring

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedAffix:
    """One addition of one shop. id: `shop:longer:prefix*suffix`; pattern: `prefix*suffix`, * being the other side's number.

    longer: crossmall | smartship, the side whose number has the addition. support: orders joined by another key that
    show it. alone: orders that it alone joins, or would join once confirmed. examples: numbers at CROSS MALL and at
    Smartship. decided_by, decided_at: the last decision.
    """

    id: str
    pattern: str
    shop_code: str
    longer: str
    prefix: str
    suffix: str
    state: str
    support: int
    alone: int
    examples: tuple[tuple[str, str], ...]
    decided_by: str | None
    decided_at: datetime | None


class AffixDesk(Wiring):
    """Decisions about additions to order numbers."""

    def affixes(self, account: str) -> tuple[LearnedAffix, ...]:
        """Every addition learned or decided for an account, undecided ones first, then by support."""
        self._accounts.one(account)
        with self._db.read() as cursor:
            known = affixes(cursor, account)
            pairs = patterns.affix_pairs(cursor, account, EXAMPLES)
        acts = {_key(entry): entry for entry in self._decisions(account)}
        return tuple(
            _learned(one, pairs.get(_of(one), (0, ())), acts.get(_of(one))) for one in known
        )

    def decide_affix(self, account: str, wanted: str, state: str, *, by: str | None = None) -> None:
        """Confirm or reject an addition, or set it back to `proposed`; the account is judged again.

        wanted: its id, or its pattern where only one has it. The decision is a line of the ledger with the person's
        name; deciding again undoes it. Raises UsageError for another state, or if none or several are meant.
        """
        if state not in AFFIX_STATES:
            raise UsageError("error.affix.state", state=state, known=list(AFFIX_STATES))
        chosen = self._accounts.one(account)
        one = _meant(self.affixes(account), wanted)
        values = affix_values(
            Affix(
                shop_code=one.shop_code,
                longer=one.longer,
                prefix=one.prefix,
                suffix=one.suffix,
                support=one.support,
                state=one.state,
            ),
            state,
        )
        self._ledger.append(AFFIX_DECIDED, account, values, actor=person(by))
        with self._db.write() as cursor:
            catch_up(cursor, self._ledger)
        self._judge(chosen)

    def _decisions(self, account: str) -> list[Entry]:
        """Decisions about additions in the order in which they were made; the last one of each counts."""
        return [
            entry
            for entry in self._ledger.entries()
            if entry.event == AFFIX_DECIDED and entry.account == account
        ]


def _meant(known: Sequence[LearnedAffix], wanted: str) -> LearnedAffix:
    found = [one for one in known if one.id == wanted] or [
        one for one in known if one.pattern == wanted
    ]
    if len(found) != 1:
        key = "error.affix.several" if found else "error.affix.unknown"
        raise UsageError(key, wanted=wanted[:80], known=[one.id for one in found or known])
    return found[0]


def _of(affix: Affix) -> patterns.AffixKey:
    return affix.shop_code, affix.longer, affix.prefix, affix.suffix


def _key(entry: Entry) -> patterns.AffixKey:
    values = entry.values
    return values["shop_code"], values["longer"], values["prefix"], values["suffix"]


def _learned(
    affix: Affix, pairs: tuple[int, tuple[patterns.Pair, ...]], act: Entry | None
) -> LearnedAffix:
    pattern = f"{affix.prefix}*{affix.suffix}"
    return LearnedAffix(
        id=f"{affix.shop_code}:{affix.longer}:{pattern}",
        pattern=pattern,
        shop_code=affix.shop_code,
        longer=affix.longer,
        prefix=affix.prefix,
        suffix=affix.suffix,
        state=affix.state,
        support=affix.support,
        alone=pairs[0],
        examples=pairs[1],
        decided_by=act.actor if act else None,
        decided_at=act.at if act else None,
    )
