-- Which rejected pairs the last judging left out: only when one of them is rejected no more, an act needs a new judging.

CREATE TABLE mapping_left_out (                -- rebuilt by mapping
    account        TEXT NOT NULL,
    case_key       TEXT NOT NULL,
    sku_no         TEXT NOT NULL,
    PRIMARY KEY (account, case_key, sku_no)
);

INSERT INTO mapping_left_out SELECT DISTINCT account, case_key, sku_no FROM mapping_rejected; -- not known of older judgings
