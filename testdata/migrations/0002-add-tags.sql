CREATE TABLE tags (
    note INTEGER NOT NULL REFERENCES notes (id),
    name TEXT NOT NULL,
    PRIMARY KEY (note, name)
) WITHOUT ROWID;
