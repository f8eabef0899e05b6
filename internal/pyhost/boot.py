import sys
if sys.path[:1] == [""] and not getattr(sys.flags, "safe_path", False): del sys.path[0]
import io, json, os
os.write(4, json.dumps({"protocol": 1, "version": list(sys.version_info[:2])}).encode("ascii") + b"\n")
start = json.loads(io.open(3, "rb", closefd=False).readline().decode("utf-8"))
exec(compile(start["program"], "<fastmigrate>", "exec"), {"__name__": "fastmigrate", "start": start})
