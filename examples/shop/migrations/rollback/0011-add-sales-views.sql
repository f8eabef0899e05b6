DROP VIEW till_orders; -- its trigger goes with it
DROP VIEW sales_by_month;
DROP VIEW category_paths;
