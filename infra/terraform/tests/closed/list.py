#!/usr/bin/env python3
"""Lists what the configuration deploys, as sorted lines "address  attribute = value", and what no state shows.

    terraform test -test-directory=tests/closed -json -verbose | tests/closed/list.py    in infra/terraform

References between resources are written as <address.attribute>. A line with [*] holds for every instance. Left out are
attributes that only AWS can set, and empty ones. Files of the repository in user data are named, not repeated.
"""
import base64
import collections
import gzip
import hashlib
import json
import pathlib
import re
import sys

import yaml

MOCKED = re.compile("[a-z0-9]{8}")  # what terraform makes up for a string
WHOLE = {"Effect", "Type", "type"}  # statements, states and widgets are one line each
HERE = pathlib.Path(".")
SOURCES = [*sorted(HERE.glob("*.tf")), *sorted(HERE.glob("modules/*/*.tf"))]
WORDS = set(MOCKED.findall(" ".join(file.read_text() for file in SOURCES)))
FILES = {file.read_text(): file for folder in ("../../systemd", "../../configs", "modules/fleet/files") for file in HERE.glob(folder + "/*.*")}
SQL = set("\n".join(file.read_text() for file in HERE.glob("../sql/athena-*.sql")).replace(";", "").splitlines())


def mocked(value):
    return isinstance(value, str) and MOCKED.fullmatch(value) and value not in WORDS


def compact(value):
    return json.dumps(value, ensure_ascii=False)


def settable(values, block, names):
    """The attributes that the configuration has set: neither empty, nor possible for AWS only, nor made up."""
    kept = {}
    for name, value in values.items():
        attribute = block.get("attributes", {}).get(name, {})
        inner = block.get("block_types", {}).get(name)
        if inner and isinstance(value, list):
            value = [settable(each, inner["block"], names) for each in value]
        elif attribute.get("computed"):
            made_up = value in (0, False) or mocked(value) and value not in names
            if made_up or not attribute.get("optional"):
                continue
        if value not in (None, "", [], {}):
            unordered = inner["nesting_mode"] == "set" if inner else "set" in attribute.get("type", ())
            kept[name] = sorted(value, key=lambda each: named(compact(each), names)) if unordered else value
    return kept


def named(text, names):
    return re.sub("|".join(map(re.escape, sorted(names, key=len, reverse=True))), lambda found: names[found.group()], text)


def user_data(text):
    """The files and commands of cloud-init, each as an attribute."""
    first, rest = gzip.decompress(base64.b64decode(text)).decode().split("\n", 1)
    yield "first line", first
    for key, value in yaml.safe_load(rest).items():
        if key != "write_files":
            yield key, value
            continue
        for index, file in enumerate(value):
            content = file.pop("content")
            path = file.pop("path")
            yield f"file {index} {path}", file
            if content in FILES:
                yield f"file {path}", f"{FILES[content]} of the repository"
            else:
                for line in content.splitlines():
                    yield f"file {path} line", line


def lines(path, value):
    """One line for each value; blocks and JSON texts are taken apart."""
    if path == "user_data":
        for key, each in user_data(value):
            yield f"user_data {key} = {compact(each)}"
    elif path == "query":
        yield f"query = statement of infra/sql with {compact([line for line in value.splitlines() if line not in SQL])}"
    elif isinstance(value, str) and value.startswith("{") and len(value) > 2:
        yield from lines(f"{path} (JSON)", json.loads(value))
    elif isinstance(value, dict) and (WHOLE & value.keys() or path.startswith("input.")):
        yield f"{path} = {compact(value)}"
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from lines(f"{path}.{key}" if path else key, each)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for index, each in enumerate(value):
            yield from lines(path if len(value) == 1 else f"{path}[{index}]", each)
    else:
        yield f"{path} = {compact(value)}"


def modules(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from modules(child)


def deployed(state):
    schemas = {}
    for provider in state["provider_schemas"].values():
        for mode, kind in (("managed", "resource_schemas"), ("data", "data_source_schemas")):
            schemas.update({f"{mode} {name}": schema["block"] for name, schema in provider.get(kind, {}).items()})
    all_resources = [(each, schemas[f"{each['mode']} {each['type']}"]) for each in modules(state["root_module"])]
    names = {hashlib.sha256(file.read_bytes()).hexdigest(): f"<sha256 of {file}>" for file in SOURCES}
    for resource, schema in all_resources:
        for name, value in resource["values"].items():
            attribute = schema["attributes"].get(name, {})
            if mocked(value) and (name == "id" or not (attribute.get("optional") or attribute.get("required"))):
                names[value] = f"<{resource['address']}.{name}>"
            elif resource["type"] == "aws_athena_named_query" and name == "query":
                names[compact(value)[1:-1]] = f"<{resource['address']}.{name}>"
    resources = {resource["address"]: settable({**resource["values"], "id": None}, schema, names) for resource, schema in all_resources}
    outputs = {f"output {name}": {"value": output["value"]} for name, output in state["outputs"].items()}
    same = collections.defaultdict(dict)
    for address, kept in {**resources, **outputs}.items():
        text = [named(line, names) for line in lines("", kept)] or ["(no attribute is set)"]
        same[re.sub(r'\[[^\]]*\]', "[*]", address)][address] = text
    for general, instances in sorted(same.items()):
        shared = [line for line in min(instances.values(), key=len) if all(line in text for text in instances.values())]
        if len(instances) == 1:
            general, shared = next(iter(instances)), []
        else:
            yield f"{general}  instances: {', '.join(instances)}"
        yield from (f"{general}  {line}" for line in shared)
        for address, text in instances.items():
            yield from (f"{address}  {line}" for line in text if line not in shared)


def written():
    """What no state shows: lifecycle, depends_on, defaults of variables, the provider and its version."""
    for file in SOURCES:
        for block in re.findall(r"^\w[^\n]* \{\n.*?^\}$", file.read_text(), re.M | re.S):
            head, body = block.split("\n", 1)
            head = head[:-2]
            if head.startswith(("resource", "data", "module")):
                parts = re.findall(r"^  (?:lifecycle \{.*?^  \}|depends_on = \[.*?\])$", body, re.M | re.S)
            elif head.startswith("variable"):
                parts = re.findall(r"^  (?:type|default|nullable|sensitive|ephemeral) .*?$(?=\n  \w|\n\n|\n\})", body, re.M | re.S)
            elif head.startswith(("locals", "output")):
                continue
            else:
                parts = [body[:-2]]
            for part in parts:
                yield f"{file}: {head}: {' '.join(re.sub('^ *#.*', '', part, flags=re.M).split())}"


def main():
    messages = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    state = [message["test_state"] for message in messages if message["type"] == "test_state"]
    if len(state) != 1 or not any(message.get("test_run", {}).get("status") == "pass" for message in messages):
        sys.exit("\n".join(message["@message"] for message in messages if message["type"] == "diagnostic") or "no state")
    print("# Everything that is deployed, and how; written by tests/check.sh --write, compared by its step closed.")
    print("\n".join(deployed(state[0])))
    print("\n# What no state shows")
    print("\n".join(written()))


main()
