-- Names and texts as people type them; each is a trap for a program that splits SQL at semicolons.
-- One literal below has a CRLF inside: fastmigrate reads scripts as text, so the database gets a plain newline.

INSERT INTO categories (id, parent_id, name) VALUES
    (1, NULL, 'Tea; coffee'),
    (2, 1, 'Green tea -- loose'),
    (3, 1, 'Café ☕'),
    (4, NULL, 'Cups /* and saucers */');

/* A comment; with a semicolon, an 'unclosed quote and a "double one */
INSERT INTO products (id, category_id, sku, name, description, price_cents) VALUES
    (1, 2, 'TEA-001', 'O''Reilly''s "Breakfast"', 'Strong; malty. -- not a comment', 495),
    (2, 2, 'TEA-002', '煎茶 (Sencha)', 'Line one
line two', 1250),
    (3, 3, 'COF-001', 'Espresso ☕🔥', '/* not a comment; */ 100% Arabica', 899),
    (4, 3, 'COF-002', 'Decaf', '', 850),
    (5, 4, 'CUP-001', 'Tasse «Zoë»', 'BEGIN; COMMIT; END; $$ $tag$ `x` [y] \ \'' {"a": "b"}', 1600),
    (6, 4, 'CUP-002', '  Spaces around  ', 'DROP TABLE products;--', 0);

INSERT INTO customers (id, email, name, address) VALUES
    (1, 'Zoe@example.com', 'Zoë O''Neil', '{"city": "Kraków", "street": "ul. \"Długa\" 5; m. 2"}'),
    (2, 'li@example.com', '李小龍', '{"city": "香港"}'),
    (3, 'semi;colon@example.com', 'Robert''); DROP TABLE customers;--', '{}');

INSERT INTO orders (id, customer_id, status, placed_at) VALUES
    (1, 1, 'sent', '2026-01-05 09:30:00'),
    (2, 1, 'new', '2026-02-01 10:00:00'),
    (3, 2, 'paid', '2026-02-02 23:59:59');

INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES
    (1, 1, 2, 495), (1, 5, 1, 1600),
    (2, 3, 1, 899),
    (3, 2, 3, 1250), (3, 4, 1, 850); -- the last statement; a comment trails it
