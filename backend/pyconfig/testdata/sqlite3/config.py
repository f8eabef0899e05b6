# SQLite by Python's own module.
import sqlite3
import time


def get_connection(db):
    conn = sqlite3.connect(db, isolation_level=None, timeout=30)
    conn.create_function("sleep", 1, time.sleep)
    return conn


def close_connection(conn):
    conn.close()


def ensure_meta_table(conn):
    conn.execute("CREATE TABLE IF NOT EXISTS _meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)")
    conn.execute("INSERT OR IGNORE INTO _meta VALUES (1, 0)")


def get_version(conn):
    return conn.execute("SELECT version FROM _meta WHERE id = 1").fetchone()[0]


def set_version(conn, version):
    conn.execute("UPDATE _meta SET version = ? WHERE id = 1", (version,))


def execute_sql(conn, sql):
    try:
        conn.executescript("BEGIN;\n" + sql + "\n;COMMIT;")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
