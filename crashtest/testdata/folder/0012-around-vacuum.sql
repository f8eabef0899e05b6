CREATE TABLE loan (book_id INTEGER REFERENCES book (id), since TEXT);
INSERT INTO log VALUES (12, 1);
VACUUM;
INSERT INTO loan SELECT id, '2024-01-01' FROM book WHERE id % 10 = 1;
INSERT INTO log VALUES (12, 2);
PRAGMA synchronous = NORMAL;
CREATE INDEX loan_book ON loan (book_id);
INSERT INTO log VALUES (12, 3);
