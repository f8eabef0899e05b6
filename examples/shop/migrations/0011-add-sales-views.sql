CREATE VIEW category_paths (id, path) AS
WITH RECURSIVE tree (id, path) AS (
    SELECT id, name FROM categories WHERE parent_id IS NULL
    UNION ALL
    SELECT categories.id, tree.path || ' > ' || categories.name
      FROM categories JOIN tree ON categories.parent_id = tree.id
)
SELECT id, path FROM tree;

CREATE VIEW sales_by_month AS
SELECT strftime('%Y-%m', orders.placed_at) AS month,
       count(DISTINCT orders.id)           AS orders,
       sum(order_items.quantity)           AS items,
       sum(order_items.line_cents)         AS cents
  FROM orders JOIN order_items ON order_items.order_id = orders.id
 WHERE orders.status <> 'returned'
 GROUP BY month;

-- Orders are written through this view by the till, which knows a customer's e-mail address only.
CREATE VIEW till_orders AS
SELECT orders.id, customers.email, orders.note
  FROM orders JOIN customers ON customers.id = orders.customer_id;

CREATE TRIGGER till_orders_insert INSTEAD OF INSERT ON till_orders
BEGIN
    INSERT INTO orders (customer_id, note)
    SELECT id, coalesce(new.note, '') FROM customers WHERE lower(email) = lower(new.email);
    SELECT CASE changes() WHEN 0 THEN RAISE(ABORT, 'no customer has this e-mail address') END;
END;
