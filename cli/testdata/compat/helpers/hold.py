"""Keeps a transaction open until a file named release appears, or 40 s:
hold.py DB STATEMENT... It makes a file named held once the statements ran."""
import os
import sqlite3
import sys
import time

conn = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    conn.execute(statement).fetchall()
open("held", "w").close()
end = time.time() + 40
while not os.path.exists("release") and time.time() < end:
    time.sleep(0.01)
conn.rollback()
