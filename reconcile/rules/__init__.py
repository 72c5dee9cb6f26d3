"""The failure catalogue: judge an account, and say what was found in words."""

from reconcile.rules.limits import RuleLimits
from reconcile.rules.registry import MISSING_CODES, RULE_BY_ID, RULES
from reconcile.rules.rule import Rule
from reconcile.rules.run import Evaluation, evaluate
from reconcile.rules.words import explain, missing_title, title

__all__ = [
    "MISSING_CODES",
    "RULES",
    "RULE_BY_ID",
    "Evaluation",
    "Rule",
    "RuleLimits",
    "evaluate",
    "explain",
    "missing_title",
    "title",
]
