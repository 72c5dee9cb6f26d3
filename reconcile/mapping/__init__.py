"""SKU mapping: which names are the same, why others are not, and how CROSS MALL stands against Smartship."""

from reconcile.mapping.classify import CLASS_CODES, causes
from reconcile.mapping.compare import LINK_CAUSES, MAPPING_CLASSES, evaluate_mapping
from reconcile.mapping.difference import Change, Correction, corrected_text, difference
from reconcile.mapping.match import MatchResult, match_tables
from reconcile.mapping.normalize import canonical_key
from reconcile.mapping.words import Words, cause_words, class_words, stock_words

__all__ = [
    "CLASS_CODES",
    "LINK_CAUSES",
    "MAPPING_CLASSES",
    "Change",
    "Correction",
    "MatchResult",
    "Words",
    "canonical_key",
    "cause_words",
    "causes",
    "class_words",
    "corrected_text",
    "difference",
    "evaluate_mapping",
    "match_tables",
    "stock_words",
]
