"""Runs the Python snippet of docs/keys.md, which the test puts on the path, on the tokens of a file."""

import json
import sys

import jwt
from snippet import verify

with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)
for name, token in given["tokens"]:
    try:
        said = verify(token, given["keys"])["sub"]
    except jwt.InvalidTokenError:
        said = "refused"
    print(f"{name}: {said}")
