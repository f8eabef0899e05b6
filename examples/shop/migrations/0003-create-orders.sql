CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    status      TEXT NOT NULL DEFAULT 'new',
    placed_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE order_items (
    order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id  INTEGER NOT NULL REFERENCES products (id),
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    price_cents INTEGER NOT NULL,
    line_cents  INTEGER NOT NULL GENERATED ALWAYS AS (quantity * price_cents) STORED,
    PRIMARY KEY (order_id, product_id)
) WITHOUT ROWID;

CREATE INDEX orders_by_customer ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('new', 'paid');

-- The price of the day is kept with the order: what a product costs later must not change it.
CREATE TRIGGER order_items_keep_price BEFORE UPDATE OF price_cents ON order_items
BEGIN
    SELECT RAISE(ABORT, 'the price of an ordered item can''t change');
END;
