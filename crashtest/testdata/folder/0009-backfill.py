"""Fills a column, and leaves a line beside the database and a row in it for each time that it ran."""
import sqlite3
import sys

with open(sys.argv[1] + ".ran", "a") as ran:
    ran.write("9\n")
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA synchronous = FULL")
with db:
    db.execute("CREATE TABLE IF NOT EXISTS ran (version INTEGER)")
    db.execute("UPDATE author SET born = 1900 + id")
    db.execute("INSERT INTO ran VALUES (9)")
db.close()
