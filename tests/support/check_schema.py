# SPDX-License-Identifier: Apache-2.0
"""Checks YAML files against a JSON Schema: `check_schema.py SCHEMA FILE...`

Prints one line a file, `FILE: ok` or `FILE: PATH: MESSAGE`, and ends with 0 when all are ok, 1 when
one is not, 77 when a module is missing. A file that is no YAML is not ok.
"""
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(missing)
    sys.exit(77)


def problem_of(validator, path):
    try:
        with open(path, "rb") as file:
            document = yaml.safe_load(file)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return f"no YAML: {error}".replace("\n", " ")
    error = next(iter(validator.iter_errors(document)), None)
    return None if error is None else f"{error.json_path}: {error.message}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    status = 0
    for path in sys.argv[2:]:
        problem = problem_of(validator, path)
        status = status or (0 if problem is None else 1)
        print(f"{path}: {problem or 'ok'}")
    return status


sys.exit(main())
