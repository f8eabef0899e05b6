-- What the shop sells. Money is in cents, so that sums are exact.

CREATE TABLE categories (
    id        INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES categories (id) ON DELETE RESTRICT,
    name      TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE products (
    id          INTEGER PRIMARY KEY,
    category_id INTEGER NOT NULL REFERENCES categories (id) ON DELETE RESTRICT,
    sku         TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
    vat_percent REAL NOT NULL DEFAULT 20.0,
    -- Prices are shown with tax everywhere; computed here, once.
    gross_cents INTEGER NOT NULL GENERATED ALWAYS AS (CAST(round(price_cents * (1 + vat_percent / 100)) AS INTEGER)) VIRTUAL,
    stock       INTEGER NOT NULL DEFAULT 0,
    active      INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

CREATE INDEX products_by_category ON products (category_id);
CREATE INDEX products_active_by_price ON products (gross_cents) WHERE active = 1;
