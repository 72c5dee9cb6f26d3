"""Brings the vendor's present into the mirror: plan, fetch, apply, in steps that survive a crash anywhere."""
