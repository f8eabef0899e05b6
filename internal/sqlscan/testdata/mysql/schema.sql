-- A schema of what a dump may hold; mariadb-dump of it is scanned too.
CREATE TABLE person (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, -- the id; of course
    name varchar(100) NOT NULL DEFAULT 'no;body', # it's
    mood enum('sad;', 'it''s ok', 'it\'s "better"', 'happy') DEFAULT 'happy',
    `odd;``name` text,
    note text COMMENT "with ;, \" and 'quotes'",
    born date
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='It''s /* a; -- person';
CREATE TABLE d (a text);
CREATE TABLE event (at date NOT NULL, what varchar(50)) PARTITION BY RANGE (year(at)) (
    PARTITION p0 VALUES LESS THAN (2025), PARTITION p1 VALUES LESS THAN MAXVALUE);
/*!40101 SET @saved = @@session.sql_mode */;
/*!50001 CREATE VIEW happy AS SELECT id, name AS `n;` FROM person WHERE mood = 'happy' */;
DELIMITER ;;
CREATE TRIGGER person_touch BEFORE UPDATE ON person FOR EACH ROW
BEGIN
    /* it is; */
    SET NEW.note = CONCAT('x;', COALESCE(NEW.note, "';")); -- it's;
    IF NEW.name = ';' THEN SET NEW.name = IF(1, 'a', 'b'); END IF; # done
END;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t2 AFTER INSERT ON person FOR EACH ROW BEGIN SET @x = 1; SET @y = ';'; END */;;
DELIMITER //
create procedure fill(n int) comment 'it''s //'
begin
    declare i int default case when n > 0 then 1 else 0 end;
    declare continue handler for sqlstate '23000' begin set i = i; end;
    while i < n do
        insert into d values (repeat('a;', i));
        set i = i + 1;
    end while;
    case i when 1 then select 1; else begin end; end case;
    lbl: loop leave lbl; end loop lbl;
    repeat set i = 0; until i = 0 end repeat;
end//
create function answer(x int) returns int deterministic return case x when 1 then 2 else 3 end //
delimiter $$
CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY DISABLE DO BEGIN DELETE FROM d WHERE a = '$$;'; DELETE FROM event; END$$
DELIMITER ;
INSERT INTO person (name, mood, `odd;``name`, note) VALUES
    ('a;b', 'sad;', '''', 'tab\t;\\'), ('ü€𝄞', 'it''s ok', NULL, "dollar;""'"), (_utf8mb4'x;', NULL, N'\';', b'101');
INSERT INTO event VALUES ('2024-02-03', 'line\nline;'), ('2030-01-01', '\\'), (20300101, X'3b');
SELECT 1 + 2, 4 / 2, 3 -1, 3--1, 2 * -1, 5 % 3, 'a' 'b', @x, @`a;b`, @'c;', @@sql_mode, \N, 0x3b, 1e-5, .5;
SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1 /*! + 1 */ /*M!100100 , ';' */ , a -> '$.x;' FROM (SELECT 1 AS a) s;
SET @a := 1, @b = 'x';
SELECT `a``;`, "b"";", 'c\\' FROM d; SELECT 2; -- two on a line
