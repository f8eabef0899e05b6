/*** Comments in odd places ***/;;
--
--;
/**/CREATE/**/TABLE/*;*/ogre -- the name
(/* columns; */a/**/INTEGER--pk;
PRIMARY/* 'half */KEY,b -- "b
TEXT/*
;
*/)--end
;-- trailing; comment
INSERT/*+*/INTO ogre/**/VALUES(1/*one*/,'a'/*';*/||'b')--;
;
;/* an empty one before */;
CREATE -- ;
TEMP /* ; */ TRIGGER/**/ogre_ai AFTER INSERT ON ogre -- BEGIN
BEGIN -- ;
SELECT 1 /* END; */; -- END;
SELECT/**/CASE/**/WHEN 1 THEN 2/**/END--END
;/* ; */ -- END
END -- the real one
/* and more */;
SELECT 1--1
+2/* /* not nested */;
SELECT 4/2/*/ tricky /*/-1;
SELECT 1 /****/ - /* -- */ -1 -- ';
, 'x' --'
;
DELETE FROM ogre WHERE b = '/*' OR b = '*/' OR b = '--';
/* the last one is not closed: 'so what; SELECT 2
