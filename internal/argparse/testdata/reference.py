"""Answers, for a batch of command lines, what Python's own argparse does with each.

Reads {"parsers": [Parser], "cases": [{"parser": index, "args": [text]}]} on
stdin, with Parser as in argparse.go, and writes a list of {"code", "stdout",
"stderr", "values"}, the values only where the line is accepted.
"""

import argparse
import contextlib
import io
import json
import os
import sys

os.environ["COLUMNS"] = "80"


def build(spec):
    parser = argparse.ArgumentParser(prog=spec["Program"], description=spec["Description"])
    for option in spec["Options"]:
        names = ["--" + option["Long"]]
        if option["Short"]:
            names.insert(0, "-" + chr(option["Short"]))
        text = option["Help"]
        if option["Default"]:
            text += " (default: %s)" % option["Default"]
        text = text.replace("%", "%%")
        if option["Value"]:
            parser.add_argument(*names, metavar=option["Value"], default=option["Default"], help=text, dest=option["Long"])
        else:
            parser.add_argument(*names, action="store_true", help=text, dest=option["Long"])
    return parser


def answer(parser, args):
    out, err = io.StringIO(), io.StringIO()
    result = {"code": 0}
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            result["values"] = vars(parser.parse_args(args))
        except SystemExit as exit:
            result["code"] = exit.code
    return result | {"stdout": out.getvalue(), "stderr": err.getvalue()}


batch = json.load(sys.stdin)
parsers = [build(spec) for spec in batch["parsers"]]
json.dump([answer(parsers[case["parser"]], case["args"]) for case in batch["cases"]], sys.stdout)
