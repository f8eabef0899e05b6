--'
--"; unbalanced quotes in comments must not matter: it's so
/* nor here: ' " ` [ */
CREATE TABLE "weird;table"("a;b" INT, [c;d] TEXT, `e;f` TEXT, 'g;h' TEXT, "quote""d" TEXT, `tick``ed` TEXT, [dou"ble] TEXT, "it's" TEXT, " " INT, "end" INT, [create] INT, `trigger` INT);
INSERT INTO "weird;table"("a;b",[c;d],`e;f`,'g;h') VALUES(1,'--',' /* ',' */ ');
INSERT INTO [weird;table] VALUES(2,'''','''''',''';''','"','`','[',']',';',0,0,0);
INSERT INTO `weird;table`("quote""d","it's") VALUES('multi
line; string
-- not a comment', '
');
CREATE INDEX "weird;index" ON "weird;table"("a;b", [c;d] COLLATE "nocase");
CREATE TRIGGER "trig;ger" AFTER UPDATE ON "weird;table" BEGIN UPDATE "weird;table" SET "end" = 1 WHERE [create] = "trigger"; SELECT "end", 'END;' AS "END;"; END;
SELECT "a;b", [c;d], `e;f`, "g;h" FROM "weird;table" WHERE "it's" = 'it''s' OR "quote""d" IS NULL;
SELECT "end", [end], `end` AS "end" FROM "weird;table" AS [select];
SELECT 'a' 'alias;', 'b' "alias 2", 'c' [alias;3], 'd' AS `alias;4`;
SELECT naïve, ｆｕｌｌ, 名前 FROM (SELECT 1 AS naïve, '名前;' AS 名前, 3 AS ｆｕｌｌ);
SELECT $tcl::var(a;b), @x::y, :z FROM (SELECT 1);
SELECT a$b, _c FROM (SELECT 1 AS a$b, 2 AS _c);
UPDATE "weird;table" SET "a;b" = - -1, `tick``ed` = '\', [dou"ble] = '\'';' WHERE 1;
ALTER TABLE "weird;table" RENAME COLUMN "a;b" TO [a;b;c];
ALTER TABLE "weird;table" ADD COLUMN "new;column" TEXT DEFAULT 'de;fault' CHECK ("new;column" <> ';');
DROP INDEX "weird;index";
