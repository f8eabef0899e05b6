-- Every migration says in this table that it was here. Nothing keeps a row from
-- being there twice, so that a migration applied twice, or by half, shows.
CREATE TABLE log (version INTEGER, part INTEGER);
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO log VALUES (2, 1);
