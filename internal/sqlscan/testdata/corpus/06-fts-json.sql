-- Search and JSON
CREATE VIRTUAL TABLE notes USING fts5(title, body, tokenize = "unicode61 remove_diacritics 2", prefix='2 3');
CREATE TABLE notes_src(id INTEGER PRIMARY KEY, title TEXT, body TEXT, meta TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)));
CREATE VIRTUAL TABLE notes_ext USING fts5(title, body, content='notes_src', content_rowid='id', columnsize=0);
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1, +label TEXT);
CREATE TRIGGER notes_src_ai AFTER INSERT ON notes_src BEGIN
  INSERT INTO notes_ext(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER notes_src_ad AFTER DELETE ON notes_src BEGIN
  INSERT INTO notes_ext(notes_ext, rowid, title, body) VALUES('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER notes_src_au AFTER UPDATE ON notes_src BEGIN
  INSERT INTO notes_ext(notes_ext, rowid, title, body) VALUES('delete', old.id, old.title, old.body);
  INSERT INTO notes_ext(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
INSERT INTO notes(title, body) VALUES('hello', 'wörld; "quoted" -- not a comment');
INSERT INTO notes_src(title, body, meta) VALUES('t', 'b', '{"a": [1, 2, {"b;": "it''s"}], "c": null}');
INSERT INTO notes(notes) VALUES('optimize');
INSERT INTO notes_ext(notes_ext, rank) VALUES('rank', 'bm25(10.0, 5.0)');
SELECT title, highlight(notes, 1, '<b>', '</b>'), snippet(notes, -1, '[', ']', '…', 8) FROM notes WHERE notes MATCH 'hello OR "w* ;"' ORDER BY rank;
SELECT meta->'$.a', meta->>'$.a[2]."b;"', meta -> 'c' ->> 0, json_extract(meta, '$.a[#-1]') FROM notes_src WHERE meta ->> 'c' IS NULL;
SELECT j.key, j.value, j.fullkey FROM notes_src, json_each(notes_src.meta, '$.a') AS j WHERE j.type <> 'null';
UPDATE notes_src SET meta = json_set(meta, '$.x;y', json_array(1, 'two', NULL), '$.z', json('[]')) WHERE json_type(meta, '$.a') = 'array';
SELECT json_group_object(title, json(meta)) FILTER (WHERE id > 0) FROM notes_src;
CREATE INDEX notes_src_c ON notes_src(meta->>'$.c') WHERE meta->>'$.c' IS NOT NULL;
SELECT id FROM boxes WHERE x0 >= -1.0 AND x1 <= +1e3;
