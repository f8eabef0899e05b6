-- A schema of what a dump may hold; pg_dump of it is scanned too.
CREATE TYPE mood AS ENUM ('sad;', 'it''s ok', 'happy');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the id; of course
    name text NOT NULL DEFAULT 'no;body',
    mood mood DEFAULT 'happy',
    "odd;""name" text,
    note text,
    data jsonb DEFAULT '{"a": "b;c"}'
);
COMMENT ON TABLE person IS E'It''s \'a\';\n-- /* person';
COMMENT ON COLUMN person."odd;""name" IS 'backslash \; /* ';
CREATE TABLE d (a text);
CREATE TABLE event (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_rest PARTITION OF event DEFAULT;
CREATE INDEX person_name ON person (lower(name)) WHERE name <> ';';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.note := 'x;' || coalesce(NEW.note, '$'); -- it's;
    RETURN NEW;
END;
$$;
CREATE OR REPLACE FUNCTION nested(a int) RETURNS text LANGUAGE plpgsql AS $outer$
DECLARE r text;
BEGIN
    EXECUTE $q$SELECT 'a;b' || $q$ || quote_literal($$;$$) INTO r;
    RETURN r;
END $outer$;
CREATE TRIGGER person_touch BEFORE UPDATE ON person FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION answer(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC
    SELECT CASE WHEN x > 0 THEN CASE x WHEN 1 THEN 2 ELSE 3 END ELSE 4 END;
    SELECT (CASE WHEN true THEN 41 END) + 1;
END;
CREATE OR REPLACE PROCEDURE log_it(a text) LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO event VALUES (now(), a || ';');
    DELETE FROM event WHERE what = 'END;';
END;
CREATE FUNCTION plain(x int) RETURNS int IMMUTABLE RETURN CASE WHEN x = 1 THEN 2 END;
CREATE RULE guard AS ON DELETE TO person DO INSTEAD (UPDATE person SET note = ';' WHERE id = OLD.id; SELECT 1;);
CREATE VIEW happy AS SELECT id, name AS "n;" FROM person WHERE mood = 'happy';
CREATE MATERIALIZED VIEW counts AS SELECT mood, count(*) AS n FROM person GROUP BY mood;
INSERT INTO person (name, mood, "odd;""name", note) VALUES
    ('a;b', 'sad;', '''', E'tab\t;'), ('ü€𝄞', 'it''s ok', NULL, $$dollar;$$), (U&'d\0061t\+000061;', NULL, '\', B'101'::text);
INSERT INTO event VALUES ('2024-02-03', E'line\nline;'), ('2030-01-01', '\.');
COPY d (a) FROM STDIN;
one;two
it's
\\.
-- $$ /*
\.
COPY d FROM stdin WITH (FORMAT csv);
"quoted, 'x;
"
\.
copy d from STDIN csv; -- none
\.
SELECT 1 + 2, 4 / 2, 3 -1, 2 * -1, 5 % 3, 'a' 'b' 'c', 1::text, a[1:2], $1 FROM (SELECT ARRAY[1,2,3] AS a) s;
SELECT '{"a":1}'::jsonb -> 'a', '{"a;":1}'::jsonb #>> '{a;}', '{}'::jsonb ?| ARRAY['a'], @ -1, 5 !=-3, E'\\';
SELECT E'one\'s;', 'plain\'
    ' ;', U&"d\0061t;" FROM (SELECT 1 AS "dat;") s;
SELECT x'1f', X'00', b'01;' , n'n;', e'', 1.5e-3, .5, 1e10, 10.;
