# asyncpg on PostgreSQL, with an advisory lock of the server.
import asyncpg

LOCK = 7301


async def get_connection(db):
    return await asyncpg.connect(db)


async def close_connection(conn):
    await conn.close()


async def lock(conn):
    return await conn.fetchval("SELECT pg_try_advisory_lock($1)", LOCK)


async def unlock(conn):
    await conn.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def ensure_meta_table(conn):
    await conn.execute("CREATE TABLE IF NOT EXISTS _meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)")
    await conn.execute("INSERT INTO _meta (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING")


async def get_version(conn):
    return await conn.fetchval("SELECT version FROM _meta WHERE id = 1")


async def set_version(conn, version):
    await conn.execute("UPDATE _meta SET version = $1 WHERE id = 1", version)


async def execute_sql(conn, sql):
    async with conn.transaction():
        await conn.execute(sql)
