"""Empties products.slug again. Run as `python 0009-fill-product-slugs.py DATABASE`."""

import sqlite3
import sys

db = sqlite3.connect(sys.argv[1])
with db:
    db.execute("UPDATE products SET slug = NULL")
db.close()
