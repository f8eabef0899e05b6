PRAGMA foreign_keys=off;
BEGIN TRANSACTION;
CREATE TABLE author_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''), born INTEGER);
INSERT INTO author_new (id, name) SELECT id, name FROM author;
DROP TABLE author;
ALTER TABLE author_new RENAME TO author;
INSERT INTO log VALUES (7, 1);
COMMIT;
PRAGMA foreign_keys=on;
