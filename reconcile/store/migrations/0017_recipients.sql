-- Recipients: a keyed hash by which two shipments are seen to go to one person, and, where it is switched on, who that is, sealed.

ALTER TABLE cm_order ADD COLUMN recipient_hash TEXT;           -- name of the key, a colon, keyed hash; NULL = not known
ALTER TABLE ss_shipment_line ADD COLUMN recipient_hash TEXT;

CREATE TABLE cm_recipient (
    account        TEXT NOT NULL,
    order_number   TEXT NOT NULL,
    day            DATE NOT NULL,              -- of the order (JST), from which its days count
    sealed         TEXT NOT NULL,              -- encrypted with the key of that day
    PRIMARY KEY (account, order_number)
);
