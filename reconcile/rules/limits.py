"""From when on a wait counts as trouble: one setting per limit, each with its unit and evidence mark."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLimits:
    """All limits of the rules. Marks: [S] seen in the vendor's text, [I] inferred, [D] our decision."""

    pull_interval_min: int = field(default=60, metadata={"unit": "min", "mark": "S"})
    pull_lag_warn_min: int = field(default=70, metadata={"unit": "min", "mark": "I"})
    pull_lag_error_min: int = field(default=130, metadata={"unit": "min", "mark": "I"})
    writeback_lag_error_min: int = field(default=120, metadata={"unit": "min", "mark": "I"})
    before_phase_limit_h: int = field(default=24, metadata={"unit": "h", "mark": "D"})
    dead_shop_min_orders: int = field(default=3, metadata={"unit": "orders", "mark": "D"})
    coverage_grace_min: int = field(default=10, metadata={"unit": "min", "mark": "D"})

    hidden_stay_max_min: int = field(default=1, metadata={"unit": "min", "mark": "D"})
    assigning_grace_min: int = field(default=5, metadata={"unit": "min", "mark": "S"})
    resync_deadline_d: int = field(default=14, metadata={"unit": "days", "mark": "S"})
    stale_file_h: int = field(default=24, metadata={"unit": "h", "mark": "D"})
    burst_min_orders: int = field(default=5, metadata={"unit": "orders", "mark": "D"})
    periodic_min_times: int = field(default=3, metadata={"unit": "times", "mark": "D"})
    rhythm_days: int = field(default=28, metadata={"unit": "days", "mark": "D"})
    rhythm_min_orders: int = field(default=20, metadata={"unit": "orders", "mark": "D"})
    rhythm_min_others: int = field(default=5, metadata={"unit": "orders", "mark": "D"})
    silence_min_h: int = field(default=12, metadata={"unit": "h", "mark": "D"})
    silence_factor: int = field(default=2, metadata={"unit": "times", "mark": "D"})

    def parameters(self) -> dict[str, int]:
        """The limits by name, as the SQL blocks bind them."""
        return {item.name: getattr(self, item.name) for item in fields(self)}
