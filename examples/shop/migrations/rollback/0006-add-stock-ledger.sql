DROP TABLE stock_entries; -- its trigger and its index go with it
UPDATE products SET stock = 0;
