"""Orders of both sides: join keys, phase roles, and phase names that only look right."""

from reconcile.orders.keys import code_points, join_key, tracking_key
from reconcile.orders.lookalike import Lookalike, PhaseCheck, check_phase, difference
from reconcile.orders.roles import DEFAULT_ROLES, ROLES, default_roles, role_of

__all__ = [
    "DEFAULT_ROLES",
    "ROLES",
    "Lookalike",
    "PhaseCheck",
    "check_phase",
    "code_points",
    "default_roles",
    "difference",
    "join_key",
    "role_of",
    "tracking_key",
]
