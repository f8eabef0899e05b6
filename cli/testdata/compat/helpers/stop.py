"""Starts a program, waits for a moment, sends a signal and tells how the program
ended: stop.py SIGNAL WHEN PROGRAM...

WHEN is a file that is to be there, or DB@N: the database is at version N and
somebody is writing to it."""
import os
import signal
import sqlite3
import subprocess
import sys
import time


def come(when):
    db, at, version = when.rpartition("@")
    if not at:
        return os.path.exists(when)
    try:
        conn = sqlite3.connect(db)
        try:
            here = conn.execute("SELECT version FROM _meta").fetchone() == (int(version),)
        finally:
            conn.close()
    except sqlite3.OperationalError:
        return False
    return here and os.path.exists(db + "-journal")


program = subprocess.Popen(sys.argv[3:])
end = time.time() + 60
while not come(sys.argv[2]):
    if time.time() > end or program.poll() is not None:
        program.kill()
        sys.exit("did not come: " + sys.argv[2])
    time.sleep(0.02)
time.sleep(0.2)
began = time.time()
program.send_signal(getattr(signal, sys.argv[1]))
print("exit", program.wait())
if time.time() - began > 20:
    print("slow")
