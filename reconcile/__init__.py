"""Totsugo core: joins CROSS MALL and Smartship and says what does not agree, why, and what to do."""
