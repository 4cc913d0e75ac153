#!/usr/bin/env python3
"""The checker of the documents, checked: right.md passes, and each file of wrong/ fails for the reason that its first line gives, and for no other.
stored.py SOURCE WORK CC LINK"""
import re
import subprocess
import sys
from pathlib import Path

source, work, cc, link = sys.argv[1:]
here = Path(__file__).resolve().parent
failed = []


def check(document):
    done = subprocess.run([sys.executable, Path(source) / "scripts/documents/check.py", "--source", source, "--build", here / "programs", "--work", work,
                           "--cc", cc, "--link", link, document], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


status, said = check(here / "right.md")
if status != 0:
    failed.append(f"right.md is found wrong:\n{said}")
stored = sorted(p for p in (here / "wrong").glob("*.md") if p.name != "README.md")
for document in stored:
    expected = re.match(r"<!-- expected: (.*) -->", document.read_text())[1]
    status, said = check(document)
    if status != 1 or expected not in said or "\n1 wrong\n" not in said:
        failed.append(f"{document.name}: expected one mistake, \"{expected}\", but the checker said\n{said}")
print("\n".join(failed))
print(f"{len(stored)} wrong documents, {len(failed)} not found out")
sys.exit(bool(failed) or not stored)
