-- The part of a product's address on the web site. It is filled by the next migration, and made unique by the one after.
ALTER TABLE products ADD COLUMN slug TEXT;
