# SQLAlchemy on PostgreSQL, with the driver psycopg2.
from sqlalchemy import create_engine, text


def get_connection(db):
    return create_engine(db.replace("postgres://", "postgresql://", 1))


def close_connection(engine):
    engine.dispose()


def ensure_meta_table(engine):
    with engine.begin() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS _meta (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)"))
        conn.execute(text("INSERT INTO _meta (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING"))


def get_version(engine):
    with engine.connect() as conn:
        return conn.execute(text("SELECT version FROM _meta WHERE id = 1")).scalar_one()


def set_version(engine, version):
    with engine.begin() as conn:
        conn.execute(text("UPDATE _meta SET version = :version WHERE id = 1"), {"version": version})


def execute_sql(engine, sql):
    # The driver takes several statements at once, as long as there are no parameters.
    with engine.begin() as conn:
        conn.exec_driver_sql(sql.replace("%", "%%"))
