# A database that is a file of lines: what was asked of the hooks.
import os


def note(conn, *what):
    with open(conn, "a") as log:
        print(*what, file=log)


def get_connection(db):
    note(db, "get_connection", type(db).__name__.replace("Windows", "").replace("Posix", ""), db)
    return db


def ensure_meta_table(conn):
    note(conn, "ensure_meta_table")


def get_version(conn):
    note(conn, "get_version")
    try:
        with open(str(conn) + ".version") as version:
            return int(version.read())
    except FileNotFoundError:
        return 0


def execute_sql(conn, sql):
    note(conn, "execute_sql", repr(sql))
    for line in sql.splitlines():
        if line.startswith("do "):
            exec(line[3:])
        if line.startswith("return "):
            return eval(line[7:])


def set_version(conn, version):
    note(conn, "set_version", repr(version))
    with open(str(conn) + ".version", "w") as f:
        f.write(str(version))


def close_connection(conn):
    note(conn, "close_connection")
