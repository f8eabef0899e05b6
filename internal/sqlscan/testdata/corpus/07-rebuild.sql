-- Change the type of a column, in the twelve steps of the manual.
PRAGMA foreign_keys=OFF;
BEGIN IMMEDIATE TRANSACTION;

CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, born TEXT, height REAL);
CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INT REFERENCES people(id) ON DELETE CASCADE, name TEXT);
INSERT INTO people(name, born, height) VALUES ('Kim', '1980-01-01', 1.75), ('Lee', NULL, NULL);
INSERT INTO pets(owner, name) SELECT id, name || '''s pet; the ' || id || '.' FROM people;
CREATE INDEX people_name ON people(name);

CREATE TABLE people_new (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  born INTEGER,
  height_cm INTEGER GENERATED ALWAYS AS (CAST(round(height * 100) AS INTEGER)) VIRTUAL,
  height REAL,
  initials TEXT AS (substr(name, 1, 1) || ';') STORED,
  CONSTRAINT "tall;enough" CHECK (height IS NULL OR height > 0.3),
  CONSTRAINT named UNIQUE (name, born) ON CONFLICT ABORT
);
INSERT INTO people_new (id, name, born, height) SELECT id, coalesce(name, '?'), CAST(strftime('%s', born) AS INTEGER), height FROM people;
DROP TABLE people;
ALTER TABLE people_new RENAME TO people;
CREATE INDEX people_initials ON people(initials, height_cm DESC) WHERE name NOT NULL;
CREATE TRIGGER people_guard BEFORE UPDATE OF id ON people BEGIN SELECT RAISE(FAIL, 'ids don''t change; ever'); END;
PRAGMA foreign_key_check;
PRAGMA main.foreign_key_check('pets');
COMMIT TRANSACTION;
PRAGMA foreign_keys=ON;
ALTER TABLE pets ADD COLUMN species TEXT NOT NULL DEFAULT 'cat' COLLATE NOCASE;
ALTER TABLE pets DROP COLUMN name;
ALTER TABLE pets RENAME TO animals;
PRAGMA user_version = 7;
PRAGMA application_id=0x0f055112;
ANALYZE;
ANALYZE main.people;
REINDEX people_initials;
