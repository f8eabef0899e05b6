ALTER TABLE notes ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));

INSERT INTO notes (title, body, pinned)
VALUES ('Welcome', 'Add a file 0004-something.sql to the folder, and run `up` again.', 1);
