-- Gives orders a check on their status, and a note. SQLite can't add a check to a table, so the table is built anew,
-- by the steps of "Making Other Kinds Of Table Schema Changes" in its documentation of ALTER TABLE. With foreign keys
-- on, DROP TABLE would delete the items of every order; and they can be switched off outside a transaction only, so
-- the script begins and commits its own.

PRAGMA foreign_keys = off;
BEGIN TRANSACTION;

CREATE TABLE orders_new (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    status      TEXT NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'paid', 'sent', 'returned')),
    placed_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    note        TEXT NOT NULL DEFAULT ''
);

INSERT INTO orders_new (id, customer_id, status, placed_at)
SELECT id, customer_id, status, placed_at FROM orders;

DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;

-- The old table took its indexes with it.
CREATE INDEX orders_by_customer ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('new', 'paid');

PRAGMA foreign_key_check;

COMMIT;
PRAGMA foreign_keys = on;
