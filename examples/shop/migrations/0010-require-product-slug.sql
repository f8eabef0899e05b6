CREATE UNIQUE INDEX products_by_slug ON products (slug);

CREATE TRIGGER products_need_slug BEFORE INSERT ON products
WHEN new.slug IS NULL OR new.slug GLOB '*[^a-z0-9-]*'
BEGIN
    SELECT RAISE(ABORT, 'a product needs a slug of a-z, 0-9 and -');
END;
