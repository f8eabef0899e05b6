-- Stock changes by entries in a ledger only; a trigger keeps products.stock as their sum.

CREATE TABLE stock_entries (
    id         INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id),
    kind       TEXT NOT NULL CHECK (kind IN ('received', 'sold', 'counted')),
    quantity   INTEGER NOT NULL CHECK (quantity >= 0),
    at         TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;

CREATE INDEX stock_entries_by_product ON stock_entries (product_id);

CREATE TRIGGER stock_entries_apply AFTER INSERT ON stock_entries
BEGIN
    UPDATE products
       SET stock = CASE new.kind
                       WHEN 'received' THEN stock + new.quantity
                       WHEN 'sold' THEN stock - new.quantity
                       ELSE new.quantity
                   END
     WHERE id = new.product_id;
    SELECT CASE WHEN stock < 0 THEN RAISE(ABORT, 'not enough in stock; receive some first') END
      FROM products
     WHERE id = new.product_id;
END;

INSERT INTO stock_entries (product_id, kind, quantity, at) VALUES
    (1, 'received', 40, '2026-01-02 08:00:00'),
    (3, 'received', 25, '2026-01-02 08:00:00'),
    (5, 'counted', 7, '2026-01-03 18:00:00'),
    (1, 'sold', 2, '2026-01-05 09:30:00'),
    (5, 'sold', 1, '2026-01-05 09:30:00');
