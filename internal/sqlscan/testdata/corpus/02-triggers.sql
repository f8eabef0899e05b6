/* Triggers: the statements with semicolons inside. */
CREATE TABLE doc(id INTEGER PRIMARY KEY, title TEXT, body TEXT, version INT DEFAULT 1, "end" TEXT, kind TEXT);
CREATE TABLE doc_log(at TEXT, what TEXT, doc_id INT, old TEXT, new TEXT);
CREATE VIEW doc_titles AS SELECT id, title, "end" FROM doc;

CREATE TRIGGER doc_ai AFTER INSERT ON doc
BEGIN
    INSERT INTO doc_log VALUES (datetime('now'), 'insert;', new.id, NULL, new.title);
END;

CREATE TRIGGER IF NOT EXISTS doc_au AFTER UPDATE OF title, body ON doc
FOR EACH ROW WHEN old.title IS NOT new.title OR CASE WHEN old.body = '' THEN 0 ELSE old.body <> new.body END
BEGIN
    -- a comment; with END; in it
    INSERT INTO doc_log (at, what, doc_id, old, new)
    VALUES (CURRENT_TIMESTAMP,
            CASE WHEN new.title = 'END;' THEN 'end' WHEN new.title LIKE '%;%' THEN 'semi' ELSE 'plain' END,
            new.id, old.title, new.title);
    UPDATE doc SET version = version + 1, "end" = CASE kind WHEN 'a' THEN 1 WHEN 'b' THEN CASE 1 WHEN 1 THEN 2 END END
     WHERE id = new.id; /* END; */
    SELECT CASE WHEN new.version > 1000 THEN RAISE(ABORT, 'too many versions; stop') END;
END;

create temp trigger doc_ad before delete on doc begin delete from doc_log where doc_id = old.id; end;
CREATE TEMPORARY TRIGGER doc_ad2 AFTER DELETE ON doc BEGIN SELECT RAISE(IGNORE) WHERE old.id < 0; SELECT 1;END ;

CREATE TRIGGER doc_titles_ii INSTEAD OF INSERT ON doc_titles BEGIN
  INSERT INTO doc(title, "end") VALUES(new.title, new."end");
END
;
CREATE TRIGGER doc_titles_iu INSTEAD OF UPDATE ON doc_titles
BEGIN
  UPDATE doc SET title = new.title, [end] = new.[end], `kind` = 'view' WHERE id = old.id;
  REPLACE INTO doc_log(what) VALUES('BEGIN');
  WITH x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM doc_log LIMIT 2) SELECT n FROM (SELECT 1 AS n);
END;

INSERT INTO doc(title, body) VALUES('first', 'BEGIN; END;'), ('END;', 'CREATE TRIGGER');
UPDATE doc SET title = title || '; changed' WHERE id = 1;
DROP TRIGGER doc_ad2;
EXPLAIN CREATE TRIGGER doc_x AFTER INSERT ON doc BEGIN SELECT 1; END;
EXPLAIN QUERY PLAN CREATE TEMP TRIGGER doc_y AFTER INSERT ON doc BEGIN SELECT 1; SELECT 2; END;
SELECT what, old, new FROM doc_log ORDER BY rowid DESC
