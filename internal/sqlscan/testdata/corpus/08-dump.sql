PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "schema_migrations" (version varchar(128) primary key);
INSERT INTO schema_migrations VALUES('20200101000000');
CREATE TABLE tracks
(
    [TrackId] INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    [Name] NVARCHAR(200)  NOT NULL,
    [Milliseconds] INTEGER  NOT NULL,
    [UnitPrice] NUMERIC(10,2)  NOT NULL
);
INSERT INTO tracks VALUES(1,'For Those About To Rock (We Salute You)',343719,0.99);
INSERT INTO tracks VALUES(2,'Balls to the Wall; Live',342562,0.99);
INSERT INTO tracks VALUES(3,'Don''t You Cry',261000,0.0);
INSERT INTO tracks VALUES(4,replace('two\nlines','\n',char(10)),-1,1e99);
INSERT INTO tracks VALUES(5,'Über; "München"',9223372036854775807,-9.0e+999);
CREATE TABLE blobs(id integer primary key, data blob, note);
INSERT INTO blobs VALUES(1,X'00ff3b27',NULL);
INSERT INTO blobs VALUES(2,x'','');
INSERT INTO blobs VALUES(3,unistr('\u000a;'),'-- x');
PRAGMA writable_schema=ON;
PRAGMA writable_schema=OFF;
CREATE INDEX [IFK_TrackName] ON "tracks" ([Name]);
CREATE TRIGGER tracks_update_time AFTER UPDATE ON tracks WHEN NEW.Name IS NOT OLD.Name
BEGIN
  UPDATE tracks SET Milliseconds = CASE WHEN NEW.Milliseconds < 0 THEN 0 ELSE NEW.Milliseconds END WHERE rowid = NEW.rowid;
END;
CREATE VIEW v_tracks AS SELECT t.Name, t.Milliseconds / 1000.0 AS "seconds;" FROM tracks t WHERE t.UnitPrice BETWEEN 0 AND 1;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('tracks',5);
COMMIT;
