# psycopg 3 in its async form, on PostgreSQL.
import psycopg


async def get_connection(db):
    return await psycopg.AsyncConnection.connect(db, autocommit=True)


async def close_connection(conn):
    await conn.close()


async def ensure_meta_table(conn):
    await conn.execute("CREATE TABLE IF NOT EXISTS _meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)")
    await conn.execute("INSERT INTO _meta (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING")


async def get_version(conn):
    cursor = await conn.execute("SELECT version FROM _meta WHERE id = 1")
    return (await cursor.fetchone())[0]


async def set_version(conn, version):
    await conn.execute("UPDATE _meta SET version = %s WHERE id = 1", (version,))


async def execute_sql(conn, sql):
    async with conn.transaction():
        await conn.execute(sql)
