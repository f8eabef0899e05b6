INSERT INTO author (id, name) VALUES (1, 'O''Neill; or; not'), (2, 'Ümit -- no comment'), (3, '数据');
INSERT INTO book (author_id, title)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
SELECT 1 + i % 3, 'a title that takes some room, number ' || i FROM n;
INSERT INTO log VALUES (4, 1);
