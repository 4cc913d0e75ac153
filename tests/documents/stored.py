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
# ---- examples of the API reference ----

HEADER = """/* One.
 * Shapes: x's.
 * Errors: none. */

WG_API wg_tensor *wg_one(int x); /* x + 1 */
WG_API int wg_two(int x); /* x + 2 */
"""
EXAMPLES = """/* Examples. */
int main(void)
{
    int x = 3;
    printf("%d\\n", wg_one(x)); /* 4 */
    printf("%d\\n", wg_two(x)); /* 5 */
}
"""
WRONG = {
    "": (HEADER, EXAMPLES, "4 5"),
    "says 5, prints 6": (HEADER, EXAMPLES, "4 6"),
    "says 5, prints ": (HEADER, EXAMPLES, "4"),
    "prints more than it says: 6": (HEADER, EXAMPLES, "4 5 6"),
    "exit status 3": (HEADER, EXAMPLES, "4 5; exit 3"),
    "wg_two has no example": (HEADER, EXAMPLES.replace("two", "one"), "4 5"),
    "says nothing of shapes": (HEADER.replace("Shapes: x's", "Nothing more"), EXAMPLES, "4 5"),
    "says nothing of errors": (HEADER.replace("Errors: none.", "Two.").replace("x + 1", "Errors: no"), EXAMPLES, "4 5"),
    "wg_two has no description": (HEADER.replace(" /* x + 2 */", ""), EXAMPLES, "4 5"),
}
for reason, (header, examples, printed) in WRONG.items():
    tree = Path(work) / "tree"
    for name, text in {"include/wengert/index.h": header, "examples/api/index.c": examples, "build/examples/api/index": f"#!/bin/sh\necho {printed}\n"}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    (tree / "build/examples/api/index").chmod(0o755)
    done = subprocess.run([sys.executable, "-B", Path(source) / "scripts/documents/check_examples.py", "--source", tree, "--build", tree / "build"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if bool(reason) != bool(done.returncode) or reason not in done.stdout:
        failed.append(f"check_examples.py: expected \"{reason}\", but it said\n{done.stdout}")
print("\n".join(failed))
print(f"{len(stored)} wrong documents, {len(failed)} not found out")
sys.exit(bool(failed) or not stored)
