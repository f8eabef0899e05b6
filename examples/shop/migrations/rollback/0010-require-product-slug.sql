DROP TRIGGER products_need_slug;
DROP INDEX products_by_slug;
