CREATE TABLE book (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author (id) ON DELETE CASCADE, title TEXT);
CREATE INDEX book_author ON book (author_id);
INSERT INTO log VALUES (3, 1);
