CREATE TRIGGER book_gone AFTER DELETE ON book BEGIN
	UPDATE shelf SET label = CASE WHEN label LIKE '%*' THEN label ELSE label || '*' END WHERE id = OLD.shelf_id;
END;
DELETE FROM book WHERE id % 50 = 0;
INSERT INTO log VALUES (11, 1);
