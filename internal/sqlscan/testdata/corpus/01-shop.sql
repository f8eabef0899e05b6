-- fastmigrate: no-transaction
-- The tables of a small shop; everything below is written as people write it.

PRAGMA foreign_keys = ON;

BEGIN;

CREATE TABLE customers (
    id          INTEGER PRIMARY KEY,
    email       TEXT NOT NULL UNIQUE COLLATE NOCASE,  -- it's the login; keep it unique
    name        TEXT NOT NULL DEFAULT '',
    created_at  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    deleted     INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
);

CREATE TABLE IF NOT EXISTS orders (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id  INTEGER NOT NULL REFERENCES customers (id) ON DELETE CASCADE ON UPDATE SET NULL,
    state        TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent;done')),
    total_cents  INTEGER NOT NULL DEFAULT 0, /* never a float! */
    placed_at    TEXT
);

create table order_lines(
  order_id integer not null, line integer not null, sku text not null,
  quantity integer not null default 1, price real not null default 1.5e0,
  primary key (order_id, line),
  foreign key (order_id) references orders(id) deferrable initially deferred
) without rowid;

CREATE UNIQUE INDEX customers_email ON customers (lower(email));
CREATE INDEX orders_open ON orders (customer_id, placed_at DESC) WHERE state = 'open';
CREATE INDEX order_lines_sku ON order_lines(sku COLLATE RTRIM ASC);

CREATE VIEW order_totals (order_id, total) AS
    SELECT order_id, sum(quantity * price) FROM order_lines GROUP BY order_id;

COMMIT;

INSERT INTO customers (email, name) VALUES
    ('ada@example.com', 'Ada; Countess'),
    ('obrien@example.com', 'Pat O''Brien'),
    ('ümlaut@example.com', 'Jürgen "Jimmy" Müßig');

INSERT INTO orders(customer_id, total_cents) SELECT id, 100*id FROM customers WHERE name <> '';
INSERT INTO order_lines VALUES(1,1,'A-1',2,9.99);
INSERT INTO order_lines VALUES(1,2,'B--2',1,0.5);INSERT INTO order_lines VALUES(2,1,'C/*3*/',1,1e2);
INSERT OR IGNORE INTO order_lines DEFAULT VALUES;

UPDATE orders SET state = CASE WHEN total_cents > 100 THEN 'paid' ELSE state END WHERE id IN (1, 2);
UPDATE OR REPLACE orders AS o SET total_cents = t.total FROM order_totals AS t WHERE t.order_id = o.id;
DELETE FROM orders WHERE placed_at IS NULL AND NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id);
SELECT count(*), max(total_cents) FROM orders;
