"""Fills products.slug from the names: something that SQL alone does badly.

fastmigrate runs it as `python 0009-fill-product-slugs.py DATABASE`. It may be run again: it fills only what is empty.
"""

import re
import sqlite3
import sys
import unicodedata


def slug(name, product_id):
    """Return the name in lower-case ASCII words joined by dashes, and the id, so that no two are the same."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join([*words, str(product_id)])


def main(path):
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("BEGIN IMMEDIATE")
        empty = db.execute("SELECT id, name FROM products WHERE slug IS NULL ORDER BY id").fetchall()
        for product_id, name in empty:
            db.execute("UPDATE products SET slug = ? WHERE id = ?", (slug(name, product_id), product_id))
        db.execute("COMMIT")
    finally:
        db.close()
    print(f"filled {len(empty)} slugs")


if __name__ == "__main__":
    main(sys.argv[1])
