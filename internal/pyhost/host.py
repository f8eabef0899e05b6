"""Runs the hooks of a config.py.

It answers requests, one at a time, that come as lines of JSON on descriptor 3,
with lines of JSON on descriptor 4: standard input and output belong to the
hooks. All hooks run in one task of one event loop, so that what an earlier one
left in a context variable, or entered, is there for a later one.
"""

import asyncio
import importlib.util
import inspect
import json
import os
import pathlib
import re
import signal
import sys
import traceback

REQUESTS, REPLIES = 3, 4
REQUIRED = ("get_connection", "ensure_meta_table", "get_version", "execute_sql", "set_version")


class Stopped(KeyboardInterrupt):
    """The run was told to stop. "except Exception" does not catch it."""


class Faulty(Exception):
    """What is wrong with config.py, in words of our own."""


def given(db):
    """Returns what get_connection gets: a path object where db is a path."""
    if not db or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", db):
        return db
    path = pathlib.Path(db)
    if "=" in db and str(path) != db:
        return db  # "host=/run//pg dbname=x" must not lose a slash
    return path


class Host:
    def __init__(self, config, db):
        self.config = config
        self.db = db
        self.pid = os.getpid()
        self.module = None
        self.connection = None
        self.connected = False
        self.calling = False  # a hook is running
        self.stopped = 0  # the signal that told it to stop
        self.exiting = None  # the status that a task of a hook's wants to exit with
        self.task = self.loop = None

    # Signals, and children of hooks.

    def guard(self):
        for fd in (REQUESTS, REPLIES):
            os.set_inheritable(fd, False)
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, self.on_signal)
        os.register_at_fork(after_in_child=self.in_child)

    def in_child(self):
        """A child that a hook forks must not keep us or our descriptors."""
        for fd in (REQUESTS, REPLIES):
            try:
                os.close(fd)
            except OSError:
                pass
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
        except ValueError:
            pass

    def on_signal(self, signum, frame):
        if not self.calling:
            return  # the hook was quicker
        self.stopped = signum
        while frame is not None:
            if frame.f_code in (Host.attempt.__code__, Host.load.__code__):
                raise Stopped()
            frame = frame.f_back
        self.cancel()

    def cancel(self):
        """Ends the hook where it waits for something in the loop."""
        self.task.cancel()
        self.loop.call_soon_threadsafe(lambda: None)

    # The hooks.

    def load(self):
        """Loads config.py and returns the answer."""
        self.calling = True
        try:
            spec = importlib.util.spec_from_file_location("fastmigrate_config", self.config)
            self.module = importlib.util.module_from_spec(spec)
            source = spec.loader.get_data(self.config)
            exec(spec.loader.source_to_code(source, self.config), self.module.__dict__)
            self.check()
        except BaseException as e:
            self.calling = False
            return self.failure(e)
        self.calling = False
        return {
            "locks": callable(self.hook("lock")) and callable(self.hook("unlock")),
            "closes": callable(self.hook("close_connection")),
        }

    def check(self):
        missing = [name for name in REQUIRED if not hasattr(self.module, name)]
        if missing:
            raise Faulty("config.py is missing required function(s): " + ", ".join(missing))
        for name in REQUIRED + ("close_connection",):
            hook = self.hook(name)
            if not callable(hook) and (name in REQUIRED or hook is not None):
                raise Faulty("config.py function %r is not callable" % name)

    def hook(self, name):
        return getattr(self.module, name, None)

    async def attempt(self, name, args):
        """Calls a hook and returns the answer."""
        self.calling, self.stopped = True, 0
        try:
            if name == "close_connection":
                self.connected = False  # that it may fail is no reason to try again
            if self.exiting is not None and name not in ("unlock", "close_connection"):
                raise SystemExit(self.exiting)
            result = self.hook(name)(*args)
            if inspect.isawaitable(result):
                result = await result
            answer = self.answer(name, result)
        except BaseException as e:
            self.calling = False
            answer = self.failure(e)
        self.calling = False
        if os.getpid() != self.pid:
            os._exit(0)  # a child that was forked in the hook has come out of it
        if self.stopped and hasattr(self.task, "uncancel"):
            self.task.uncancel()  # or else the next hook would seem to be cancelled
        return answer

    def answer(self, name, result):
        if name == "get_connection":
            self.connection, self.connected = result, True
        elif name == "get_version":
            try:
                return {"version": int(result)}
            except (TypeError, ValueError, OverflowError):
                raise Faulty("get_version returned %.100r, which is not a version" % (result,)) from None
        elif name == "execute_sql" and result is not None and not result:
            raise Faulty("execute_sql returned %.100r, which means that it failed" % (result,))
        elif name == "lock":
            return {"locked": result is None or bool(result)}
        return {}

    def failure(self, e):
        """Returns the answer that tells of an exception."""
        if isinstance(e, SystemExit):
            return {"exit": status(e.code)}
        if self.exiting is not None and isinstance(e, asyncio.CancelledError):
            code, self.exiting = self.exiting, None
            return {"exit": code}
        if self.stopped and isinstance(e, (Stopped, asyncio.CancelledError)):
            return {"stopped": int(self.stopped)}
        if isinstance(e, Faulty):
            return {"error": {"message": str(e)}}
        frames = e.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename == "<fastmigrate>":
            frames = frames.tb_next
        try:
            message = str(e)
        except Exception:
            message = ""
        error = {
            "type": type(e).__name__,
            "message": message[:10000],
            "traceback": "".join(traceback.format_exception(type(e), e, frames))[-100000:],
            "line": self.line(e),
        }
        if isinstance(e, ModuleNotFoundError) and e.name:
            error["module"] = e.name
        return {"error": error}

    def line(self, e):
        """Returns the line of config.py that an exception came through, or 0."""
        if isinstance(e, SyntaxError) and e.filename == self.config:
            return e.lineno or 0
        lines = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == self.config]
        return lines[-1] or 0 if lines else 0

    # The requests.

    def arguments(self, name, request, payload):
        if name == "get_connection":
            return (given(self.db),)
        if name == "set_version":
            return (self.connection, request["version"])
        if name == "execute_sql":
            return (self.connection, payload.decode("utf-8"))
        return (self.connection,)

    def run(self):
        """Runs the loop, whatever the tasks that hooks start do to it."""
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self.task = self.loop.create_task(self.serve())
        while not self.task.done():
            try:
                self.loop.run_until_complete(self.task)
            except SystemExit as e:
                self.exiting = status(e.code)
                if self.calling:
                    self.stopped = self.stopped or signal.SIGTERM
                    self.task.cancel()
            except (KeyboardInterrupt, OSError):
                pass
        self.close()

    def close(self):
        """Ends the loop as asyncio.run does."""
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        if hasattr(self.loop, "shutdown_default_executor"):
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        self.loop.close()

    async def serve(self):
        requests = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: Protocol(self, requests), open(REQUESTS, "rb", buffering=0))
        try:
            while True:
                line = await requests.readline()
                if not line:
                    break
                request = json.loads(line)
                payload = await requests.readexactly(request.get("size", 0))
                arguments = self.arguments(request["call"], request, payload)
                del payload
                answer = await self.attempt(request["call"], arguments)
                del arguments
                send(answer)
        finally:
            # Whoever asked is gone without a farewell.
            if self.connected and callable(self.hook("close_connection")):
                await self.attempt("close_connection", (self.connection,))


class Protocol(asyncio.StreamReaderProtocol):
    def __init__(self, host, requests):
        super().__init__(requests)
        self.host = host

    def eof_received(self):
        if self.host.calling:
            self.host.stopped = signal.SIGTERM
            self.host.cancel()
        return super().eof_received()


def status(code):
    """Returns the exit status that sys.exit(code) stands for."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def send(answer):
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    line = json.dumps(answer).encode("ascii") + b"\n"
    while line:
        line = line[os.write(REPLIES, line):]


def main():
    host = Host(start["config"], start["db"])
    host.guard()
    answer = host.load()
    if os.getpid() != host.pid:
        os._exit(0)
    send(answer)
    if "locks" in answer:
        host.run()


main()
