CREATE VIEW by_shelf AS SELECT label, count(*) AS books FROM shelf JOIN book ON book.shelf_id = shelf.id GROUP BY label;
INSERT INTO log VALUES (10, 1);
