-- Full-text search over the products. The index holds no copy of the texts: three triggers keep it in step.

CREATE VIRTUAL TABLE product_search USING fts5 (
    name, description,
    content = 'products', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER products_search_insert AFTER INSERT ON products
BEGIN
    INSERT INTO product_search (rowid, name, description) VALUES (new.id, new.name, new.description);
END;

CREATE TRIGGER products_search_delete AFTER DELETE ON products
BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', old.id, old.name, old.description);
END;

CREATE TRIGGER products_search_update AFTER UPDATE OF name, description ON products
BEGIN
    INSERT INTO product_search (product_search, rowid, name, description)
    VALUES ('delete', old.id, old.name, old.description);
    INSERT INTO product_search (rowid, name, description) VALUES (new.id, new.name, new.description);
END;

INSERT INTO product_search (product_search) VALUES ('rebuild');
