CREATE TABLE customers (
    id         INTEGER PRIMARY KEY,
    email      TEXT NOT NULL,
    name       TEXT NOT NULL,
    address    TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(address)),
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- One account for an address, however it is typed.
CREATE UNIQUE INDEX customers_by_email ON customers (lower(email));
CREATE INDEX customers_by_city ON customers (json_extract(address, '$.city'));
