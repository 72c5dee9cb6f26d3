"""Where Totsugo keeps what it knows: the DuckDB mirror and the ledger of human acts."""
