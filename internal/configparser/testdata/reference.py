"""Answers, for a batch of ini texts, what Python's own configparser makes of each.

Reads a JSON list of texts (base64, since they may be no UTF-8) on stdin and
writes a JSON list of answers: {"error": kind} or {"sections": {section:
{option: {"value": text} or {"error": kind}}}}, [DEFAULT] under its own name.

The differences on purpose are put in here, where they can be counted: a byte
order mark is cut off ("bom"), and a percent sign that starts neither %% nor %(
is doubled, which is what accepting it means ("lone").
"""

import base64
import configparser
import io
import json
import re
import sys


def double(value):
    return re.sub(r"%%|%\(|%", lambda m: "%%" if m[0] == "%" else m[0], value)


def answer(data):
    result = {"bom": data.startswith(b"\xef\xbb\xbf"), "lone": 0}
    parser = configparser.ConfigParser()
    try:
        if result["bom"]:
            data = data[3:]
        parser.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"), "file.ini")
    except (configparser.Error, UnicodeDecodeError) as error:
        return result | {"error": type(error).__name__}

    for options in [parser._defaults, *parser._sections.values()]:
        for name, value in options.items():
            options[name] = double(value)
            result["lone"] += options[name] != value

    result["sections"] = {}
    for section in ["DEFAULT", *parser.sections()]:
        names = parser.defaults() if section == "DEFAULT" else parser.options(section)
        found = result["sections"][section] = {}
        for name in names:
            try:
                found[name] = {"value": parser.get(section, name)}
            except configparser.Error as error:
                found[name] = {"error": type(error).__name__}
    return result


json.dump([answer(base64.b64decode(text)) for text in json.load(sys.stdin)], sys.stdout)
