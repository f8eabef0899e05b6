-- Counters, kept by upserts.
CREATE TABLE counters(key TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, seen TEXT) STRICT;
CREATE TABLE kv(k TEXT, scope TEXT, v ANY, PRIMARY KEY(k, scope)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX kv_live ON kv(k) WHERE scope IS NOT NULL;

INSERT INTO counters(key, n) VALUES ('a;b', 1) ON CONFLICT (key) DO UPDATE SET n = n + excluded.n, seen = datetime('now') WHERE excluded.n > 0;
INSERT INTO counters VALUES('x', 1, NULL) ON CONFLICT DO NOTHING;
INSERT INTO kv VALUES('k', 's', 1.5) ON CONFLICT(k) WHERE scope IS NOT NULL DO UPDATE SET v = excluded.v
  ON CONFLICT(k, scope) DO NOTHING
  RETURNING k, v AS "value;";
REPLACE INTO counters(key, n) VALUES('y', 2), ('z', 3);
INSERT OR ROLLBACK INTO counters(key) VALUES('rb');
WITH new(k, n) AS (VALUES('p', 1), ('q', 2)) INSERT INTO counters(key, n) SELECT k, n FROM new WHERE true ON CONFLICT(key) DO UPDATE SET n = excluded.n RETURNING *;
UPDATE counters SET (n, seen) = (SELECT n + 1, 'x') WHERE key = 'y' RETURNING key, n;
DELETE FROM counters WHERE n < 0 RETURNING key;
SAVEPOINT "sp;1";
INSERT INTO counters(key) VALUES(';');
ROLLBACK TO "sp;1";
RELEASE SAVEPOINT "sp;1";
