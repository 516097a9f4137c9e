"""Puts what exists at the service into half of the requests that are made up: else nearly all would be about an audience, a request or a sign-in
that there is not. Loaded by schemathesis; `check_api.py` says in the environment what exists."""
import collections
import json
import os
import zlib

import schemathesis

SEED = json.loads(os.environ["SYMBOLON_API_SEED"])
CALLS = collections.Counter()


def chosen(value, among):
    """One of them or none, by the value alone: a run can be repeated."""
    number = zlib.crc32(repr(value).encode())
    return among[number // 2 % len(among)] if number % 2 else None


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    for name, value in list((path_parameters or {}).items()):
        among = SEED.get(name)
        if name == "nonce" and context.operation.path.endswith("/events"):
            # A stream of one that is pending does not end.
            among = SEED["decided"]
        if name == "client" and context.operation.method.upper() == "DELETE":
            # What is removed is missing for everything that comes later.
            among = SEED["spare"]
        if among and (real := chosen(value, among)) is not None:
            path_parameters[name] = real
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    for name, value in list((query or {}).items()):
        if SEED["query"].get(name) and (real := chosen(value, SEED["query"][name])) is not None:
            query[name] = real
    return query


@schemathesis.hook
def map_body(context, body):
    if context.operation.path in ("/v1/operator/notes", "/v1/operator/bans") and isinstance(body, dict):
        for name, among in SEED["body"].items():
            if name in body and (real := chosen(body[name], among)) is not None:
                body[name] = real
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    # Where a browser is sent is not ours to test.
    kwargs["allow_redirects"] = False
    cookie = SEED["cookies"].get((case.path_parameters or {}).get("handle"))
    if cookie:
        case.headers["Cookie"] = cookie
    token = SEED["token"]
    # Once in a while with the audience's token, which is none of an operator. Counted by operation: they are made up side by side, and a run can be repeated.
    CALLS[case.operation.label] += 1
    if case.operation.path.startswith("/v1/operator/") and CALLS[case.operation.label] % 16:
        token = SEED["operator"]
    case.headers["Authorization"] = "Bearer " + token
