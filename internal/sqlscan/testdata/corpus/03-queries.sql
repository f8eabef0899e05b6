-- Queries of many forms
CREATE TABLE emp(id INTEGER PRIMARY KEY, boss INT REFERENCES emp(id), name TEXT, dept TEXT, salary NUMERIC, hired TEXT);
INSERT INTO emp VALUES(1,NULL,'Root','top',9000,'2001-01-01'),(2,1,'A','x',10.5,'2010-12-31'),(3,1,'B','x',-1,NULL),(4,2,'C','y',0x1F,'2020-02-29');

WITH RECURSIVE chain(id, name, depth, path) AS (
    SELECT id, name, 0, name FROM emp WHERE boss IS NULL
    UNION ALL
    SELECT e.id, e.name, c.depth + 1, c.path || ' > ' || e.name
      FROM emp AS e JOIN chain AS c ON e.boss = c.id
     ORDER BY 3 DESC
)
SELECT printf('%*s%s', depth * 2, '', name), path FROM chain;

WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2 AS x)
SELECT * FROM a UNION ALL SELECT * FROM b EXCEPT SELECT 3 INTERSECT SELECT 1 ORDER BY 1 LIMIT 10 OFFSET 0;

SELECT name, dept,
       row_number() OVER (PARTITION BY dept ORDER BY salary DESC NULLS LAST) AS "rank;",
       sum(salary) FILTER (WHERE salary > 0) OVER w AS total,
       lag(name, 1, '--none--') OVER (PARTITION BY dept ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES),
       ntile(4) OVER ()
  FROM emp
WINDOW w AS (PARTITION BY dept ORDER BY hired RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

SELECT e.name, b.name AS boss FROM emp e LEFT OUTER JOIN emp b ON b.id = e.boss
 WHERE e.hired BETWEEN '2000-01-01' AND '2030-12-31' AND e.name NOT LIKE '\_%' ESCAPE '\' AND e.dept GLOB '[a-z;]*'
 GROUP BY e.dept HAVING count(*) >= 1;
SELECT CASE dept WHEN 'x' THEN 1 WHEN 'y' THEN 2 ELSE NULL END AS k, CAST(salary AS INTEGER) % 7 << 2 | 1 & ~3 FROM emp WHERE (id, dept) IN (VALUES (1, 'top'), (2, 'x'));
SELECT x'3B27', X'', 0x3b, 1_000_000, .5, 5., 1.5E-3, 'a' || 'b', 1 <> 2, 1 != 2, 1 == 1, 3 <= 4, 4 >> 1, -  -1, +2;
SELECT name FROM emp WHERE id = ?1 OR name = :name OR dept = @dept OR salary > $min OR id = ?;
SELECT a.id, b.id FROM emp a CROSS JOIN emp b USING (id) NATURAL LEFT JOIN (SELECT 1 AS one) ORDER BY a.name COLLATE NOCASE;
VALUES (1, 'one;'), (2, 'two');
SELECT max(id), min(id), total(salary), group_concat(name, ';') FROM emp WHERE hired IS NOT DISTINCT FROM NULL;
SELECT EXISTS(SELECT 1 FROM emp), (SELECT name FROM emp ORDER BY id LIMIT 1), iif(1, 'then;', "else");
EXPLAIN QUERY PLAN SELECT * FROM emp WHERE id = 1;
EXPLAIN SELECT temp, trigger FROM (SELECT 1 AS temp, 2 AS trigger);
