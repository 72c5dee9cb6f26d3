"""The failure catalogue: judge an account, and say what was found in words."""

from reconcile.rules.affixes import (
    AFFIX_DECIDED,
    AFFIX_STATES,
    Affix,
    affix_values,
    affixes,
    apply_affix_decision,
    propose_affixes,
)
from reconcile.rules.limits import RuleLimits
from reconcile.rules.registry import MISSING_CODES, NOT_RULES, RULE_BY_ID, RULES
from reconcile.rules.rule import Rule
from reconcile.rules.run import Evaluation, evaluate
from reconcile.rules.words import explain, missing_title, title

__all__ = [
    "AFFIX_DECIDED",
    "AFFIX_STATES",
    "MISSING_CODES",
    "NOT_RULES",
    "RULES",
    "RULE_BY_ID",
    "Affix",
    "Evaluation",
    "Rule",
    "RuleLimits",
    "affix_values",
    "affixes",
    "apply_affix_decision",
    "evaluate",
    "explain",
    "missing_title",
    "propose_affixes",
    "title",
]
