DROP INDEX book_author;
INSERT INTO log VALUES (13, 1);
