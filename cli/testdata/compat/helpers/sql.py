"""Runs statements on a database and prints their rows: sql.py DB STATEMENT..."""
import sqlite3
import sys

conn = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    for row in conn.execute(statement):
        print("|".join("NULL" if v is None else str(v) for v in row))
