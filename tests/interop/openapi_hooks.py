"""Hooks of the schemathesis run in tests/interop_openapi.rs: random ids seldom name anything, so some of them become ids
that are there. Which do depends on the value alone, so that a run with the same seed is the same run."""

import json
import os
import zlib

import schemathesis

KNOWN = json.loads(os.environ["WAYPOST_KNOWN_IDS"])
# Of a hundred values, so many are replaced.
SHARE = 70


def chosen(value):
    return zlib.crc32(repr(value).encode()) % 100 < SHARE


def known(name):
    return KNOWN.get(name.lower())


def members(value):
    """An object with known ids in place of some of its own, at any depth."""
    if isinstance(value, list):
        return [members(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: known(name)
        if known(name) is not None and isinstance(own, int) and not isinstance(own, bool) and chosen((name, own))
        else members(own)
        for name, own in value.items()
    }


def spares(context):
    """Whether the operation would take away what the others are tried on."""
    operation = getattr(context, "operation", None)
    if operation is None:
        return True
    ends = ("withdrawuser", "deactivate-user", "/transfer")
    return operation.method.upper() != "DELETE" and not operation.path.endswith(ends)


@schemathesis.hook
def map_query(context, query):
    return members(query) if isinstance(query, dict) and spares(context) else query


@schemathesis.hook
def map_body(context, body):
    return members(body) if spares(context) else body


@schemathesis.hook
def map_headers(context, headers):
    """Most calls are by somebody who is there, and name no revision: nobody would get further otherwise."""
    if not headers:
        return headers
    own = dict(headers)
    for name in list(own):
        if not chosen((name, own[name])):
            continue
        if name.lower() == "if-match":
            del own[name]
        elif name.lower() == "current-user-id":
            own[name] = str(KNOWN["userid"])
    return type(headers)(own)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters or not spares(context):
        return path_parameters
    operation = getattr(context, "operation", None)
    path = operation.path if operation is not None else ""
    own = dict(path_parameters)
    for name, value in path_parameters.items():
        # The plain `id` of a path is that of what stands before it.
        before = path.split("{" + name + "}")[0].rstrip("/").rsplit("/", 1)[-1]
        found = known(before) if name == "id" else known(name)
        if found is not None and isinstance(value, int) and chosen((path, name, value)):
            own[name] = found
    return own
