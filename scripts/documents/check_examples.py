#!/usr/bin/env python3
"""Holds the API reference to its promise: each public function has a description, its shapes if it
records, its errors, and an example in examples/api/HEADER.c; and
what the examples say they print is what they print (numbers to a tolerance).

    check_examples.py --source TREE --build BUILD"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import headers
from numbers_shown import same_line
from snippets import Examples

OPS = {"contract", "effect", "elementwise", "grad", "index", "layout", "loss", "random", "reduce"}  # headers of functions that record

def promises(source, errors):
    """How many functions there are; errors gets what each lacks."""
    count = 0
    for path in sorted(source.glob("include/wengert/*.h")):
        header = headers.read(path)
        if not header.functions:
            continue
        file = source / "examples/api" / f"{path.stem}.c"
        examples = Examples(file) if file.is_file() else None
        for name, text in header.functions.items():
            count += 1
            parts = {part for part, _ in headers.paragraphs(text)} if text else set()
            if None not in parts:
                errors.append(f"{path.name}: {name} has no description")
            shaped = header.returns[name].startswith("wg_tensor") and path.stem in OPS
            if shaped and not {"Shapes"} & {*parts, *header.family[name]} and not re.search(r"\[|\b(shape|scalar|vector|extent|ax[ei]s)", text):
                errors.append(f"{path.name}: {name} says nothing of shapes (a line `Shapes: ...`, or in words)")
            if "Errors" not in parts and "Errors" not in header.family[name]:
                errors.append(f"{path.name}: {name} says nothing of errors (a line `Errors: ...`, there or in the header's first comment)")
            if not examples or not examples.of(name):
                errors.append(f"{path.name}: {name} has no example in examples/api/{path.stem}.c")
    return count


def prints(file, program, errors):
    """How many statements of an example were held to what they print."""
    if not program.is_file():
        errors.append(f"{file.name}: there is no {program}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([program.resolve()], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    printed = done.stdout.decode(errors="replace").split()
    if done.returncode:
        errors.append(f"{file.name}: exit status {done.returncode}")
    count = at = 0
    for statement in Examples(file).statements:
        shown = statement.shown
        if shown is None:
            continue
        count += 1
        words = shown.split()
        real = printed[at:at + len(words)]
        at += len(words)
        if len(real) < len(words) or not all(same_line(a, b) for a, b in zip(words, real)):
            errors.append(f"{file.name}:{statement.line}: says {shown}, prints {' '.join(real)}")
            return count
    if at < len(printed):
        errors.append(f"{file.name}: prints more than it says: {' '.join(printed[at:at + 20])}")
    return count


def main():
    parser = argparse.ArgumentParser()
    for name in ("source", "build"):
        parser.add_argument("--" + name, type=Path, required=True)
    options = parser.parse_args()
    errors = []
    functions = promises(options.source, errors)
    files = sorted(options.source.glob("examples/api/*.c"))
    checked = sum(prints(f, options.build / "examples/api" / f.stem, errors) for f in files)
    print("\n".join(errors + [f"{functions} functions, {len(files)} files of examples, {checked} statements, {len(errors)} wrong"]))
    return 1 if errors or not functions or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
