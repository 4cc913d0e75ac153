#!/usr/bin/env python3
"""Holds the documents to what is so.  Fails, naming file and line, where

  output    a ```text block below `<!-- output: examples/slides/NAME [arguments] -->` is not what that program prints (numbers to a
            tolerance; a line `...` stands for any lines), or the program is missing or fails.  `<!-- output (1): ... -->` expects exit status 1
  program   a ```c block with a main() that begins with /* examples/NAME.c ... is not that file; one of no file does not compile, or does not
            print the ```text block that follows
  excerpt   a block below `<!-- excerpt: PATH -->` has lines that the file has not, or in another order
  command   a line of a ```sh block runs a program of the examples that fails, or names a script, a preset or a target that there is not
  link      a relative link, a picture or an anchor leads nowhere, or a picture of the guide is larger than 60 kB or shown nowhere
  name      a word wg_... or WG_... is in no header

    check.py --source TREE --build BUILD --work SCRATCH --cc CC --link "LIBRARIES" [document ...]
"""
import argparse
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

from markdown import Document
from numbers_shown import first_missing

TIME = 120      # seconds for a program
PICTURE = 60000  # bytes of a picture of the guide


def documents_of(source):
    """All documents of a source tree but those that are wrong on purpose."""
    found = [*source.glob("*.md"), *source.glob("docs/**/*.md"), *source.glob("examples/**/*.md")]
    return sorted(found)


class Checker:
    def __init__(self, options):
        self.source, self.build, self.work = options.source.resolve(), options.build.resolve(), options.work.resolve()
        self.cc, self.link = options.cc, shlex.split(options.link)
        self.errors, self.checked = [], {}
        self.documents = {}
        self.runs = {}
        headers = [*self.source.glob("include/*.h"), *self.source.glob("include/wengert/*.h")]
        self.names = set(re.findall(r"\b(?:wg|WG)_\w+", "\n".join(h.read_text() for h in headers)))

    def wrong(self, document, line, text):
        self.errors.append(f"{os.path.relpath(document.path, self.source)}:{line}: {text}")

    def count(self, kind):
        self.checked[kind] = self.checked.get(kind, 0) + 1

    def read(self, path):
        path = path.resolve()
        if path not in self.documents:
            self.documents[path] = Document(path)
        return self.documents[path]

    # ---- programs ----

    def run(self, words, folder="run"):
        """(exit status, printed lines) of a program of the build tree with its arguments; runs each once."""
        key = tuple(words)
        if key not in self.runs:
            self.runs[key] = self._run(words, folder)
        return self.runs[key]

    def _run(self, words, folder):
        program = self.build / words[0]
        if not program.is_file():
            return None, []
        cwd = self.work / folder / re.sub(r"\W+", "-", " ".join(words))[:80]
        cwd.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run([program, *words[1:]], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                  timeout=TIME)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"it could not be run: {error}", []
        return done.returncode, done.stdout.decode(errors="replace").split("\n")

    def compare(self, document, block, command, status, printed, expected):
        if status is None:
            return self.wrong(document, block.line - 2, f"no program {command} in the build tree")
        if isinstance(status, str):
            return self.wrong(document, block.line - 2, f"{command}: {status}")
        if status != expected:
            return self.wrong(document, block.line - 2, f"{command}: exit status {status}, expected {expected}")
        shown = list(block.lines)
        while shown and not shown[-1].strip():
            shown.pop()
        while printed and not printed[-1].strip():
            printed = printed[:-1]
        at = first_missing(shown, printed)
        if at is not None:
            line = shown[at] if at < len(shown) else "the end of the block"
            self.wrong(document, block.line + at,
                       f"{command} does not print this line here (a line `...` stands for what is left out):\n    shown   {line}\n"
                       + "".join(f"    printed {p}\n" for p in self.near(line, printed)))

    @staticmethod
    def near(line, printed):
        """The printed lines that look most like the shown one."""
        def letters(text):
            return re.sub(r"[-+\d.\s]+(?:e[-+]\d+)?", " ", text)
        same = [p for p in printed if letters(p) == letters(line)]
        return (same or printed)[:6]

    def outputs(self, document):
        for block in document.blocks:
            if block.mark and block.mark[0] == "output" and block.kind != "text":
                self.wrong(document, block.line - 1, "an output mark stands above a ```text block")
            if not block.mark or block.mark[0] != "output" or block.kind != "text":
                continue
            words = shlex.split(block.mark[1])
            if not words:
                self.wrong(document, block.line - 2, "an output mark names a program")
                continue
            self.count("outputs")
            self.compare(document, block, " ".join(words), *self.run(words), block.mark[2])
        for number, line in document.prose:
            if re.match(r"^ *<!-- *(output|excerpt)", line) and not any(b.line - 2 == number and b.mark for b in document.blocks):
                self.wrong(document, number, "the line below is not the beginning of a block")

    def programs(self, document):
        for i, block in enumerate(document.blocks):
            if block.kind != "c" or block.mark and block.mark[0] == "excerpt" or not re.search(r"^int main\(", block.text, re.M):
                continue
            self.count("programs")
            following = document.blocks[i + 1] if i + 1 < len(document.blocks) else None
            named = re.search(r"examples/[\w/-]+[.]c", block.lines[0])
            if named:
                file = self.source / named[0]
                if not file.is_file() or file.read_text() != block.text:
                    self.wrong(document, block.line, f"the program shown is not {named[0]}")
                    continue
                status, printed = self.run([named[0][:-2]])
            else:
                status, printed = self.compile(block.text, f"{document.path.stem}-{block.line}")
            if not following or following.kind != "text":
                if not named:
                    self.wrong(document, block.line, "a program without the text block of its output")
            elif not following.mark:
                self.compare(document, following, named[0][:-2] if named else "the program above", status, printed, 0)

    def compile(self, text, name):
        folder = self.work / "compiled"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.c").write_text(text)
        made = subprocess.run([self.cc, "-std=c11", f"-I{self.source / 'include'}", f"{name}.c", "-o", name, *self.link], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if made.returncode:
            return "it does not compile: " + made.stdout, []
        done = subprocess.run([folder / name], cwd=folder, stdout=subprocess.PIPE, text=True, timeout=TIME)
        return done.returncode, done.stdout.split("\n")

    def excerpts(self, document):
        for block in document.blocks:
            if not block.mark or block.mark[0] != "excerpt":
                continue
            self.count("excerpts")
            file = self.source / block.mark[1]
            if not file.is_file():
                self.wrong(document, block.line - 2, f"there is no {block.mark[1]}")
                continue
            rest = [line.strip() for line in file.read_text().split("\n")]
            for number, line in enumerate(block.lines):
                if line.strip() in ("", "...", "/* ... */"):
                    continue
                if line.strip() not in rest:
                    self.wrong(document, block.line + number, f"{block.mark[1]} does not have this line here: {line.strip()}")
                    break
                rest = rest[rest.index(line.strip()) + 1:]

    def commands(self, document):
        presets = (self.source / "CMakePresets.json").read_text() if (self.source / "CMakePresets.json").is_file() else ""
        for block in document.blocks:
            if block.kind != "sh":
                continue
            for number, line in enumerate(block.lines):
                words = shlex.split(line, comments=True)
                while words and re.match(r"^\w+=", words[0]):
                    words = words[1:]
                if not words:
                    continue
                at = block.line + number
                path = re.match(r"^(?:\./)?build/[\w-]+/(examples/[\w/-]+)$", words[0])
                if path and not set(words) & {"|", ">", "&&", "<"}:
                    self.count("commands")
                    status, _ = self.run([path[1], *words[1:]])
                    if status != 0:
                        self.wrong(document, at, f"{path[1]}: " + ("no such program in the build tree" if status is None else f"exit status {status}"))
                elif re.match(r"^(\./)?(scripts|[.]ci)/", words[0]):
                    self.count("commands")
                    if not os.access(self.source / words[0], os.X_OK):
                        self.wrong(document, at, f"there is no {words[0]} that could be run")
                elif words[0] == "cmake" and "--preset" in words:
                    self.count("commands")
                    preset = words[words.index("--preset") + 1]
                    if f'"name": "{preset}"' not in presets and not re.fullmatch(r"[A-Z]+", preset):
                        self.wrong(document, at, f"there is no preset {preset}")

    # ---- links, names ----

    def links(self, document):
        for number, picture, target in document.links():
            if re.match(r"^[a-z][a-z0-9+.-]*:", target):
                continue
            self.count("links")
            path, _, anchor = unquote(target).partition("#")
            file = (document.path.parent / path).resolve() if path else document.path.resolve()
            if not file.exists():
                self.wrong(document, number, f"{target}: there is no such {'picture' if picture else 'file'}")
            elif self.source not in [file, *file.parents]:
                self.wrong(document, number, f"{target} lies outside the source tree")
            elif anchor and file.suffix == ".md" and anchor not in self.read(file).anchors:
                self.wrong(document, number, f"{target}: {file.name} has no heading for #{anchor}")

    def pictures(self):
        shown = {(d.path.parent / unquote(t)).resolve() for d in self.documents.values() for _, picture, t in d.links() if picture}
        for picture in sorted(self.source.glob("docs/**/pictures/*")):
            name = os.path.relpath(picture, self.source)
            self.count("pictures")
            if picture.stat().st_size > PICTURE:
                self.errors.append(f"{name}: {picture.stat().st_size} bytes, more than {PICTURE}")
            if picture.resolve() not in shown:
                self.errors.append(f"{name}: no document shows it")

    def known(self, name):
        """wg_add; wg_set_* and WG_OP_... for all that begin so; WG_API's own kin of the build are the source tree's, not the headers'."""
        return name in self.names or (name.endswith("_") and any(n.startswith(name) for n in self.names))

    def words(self, document):
        own = set()
        for block in document.blocks:
            own |= set(re.findall(r"^#define (WG_\w+)", block.text, re.M))
        lines = [(n, re.sub(r"<!--.*?-->", "", l)) for n, l in document.prose] + [(b.line + i, l) for b in document.blocks for i, l in enumerate(b.lines)]
        for number, line in lines:
            for name in re.findall(r"(?<![\w/])(?:wg|WG)_\w+", line):
                self.count("names")
                if not self.known(name) and name not in own:
                    self.wrong(document, number, f"{name} is in no header")

    def check(self, paths):
        documents = [self.read(path) for path in paths]
        wanted = [shlex.split(b.mark[1]) for d in documents for b in d.blocks if b.mark and b.mark[0] == "output" and b.kind == "text"]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda w: self.run(w) if w else None, {tuple(w): w for w in wanted}.values()))
        for document in documents:
            for line, text in document.errors:
                self.wrong(document, line, text)
            for look in (self.outputs, self.programs, self.excerpts, self.commands, self.links, self.words):
                look(document)


def main():
    parser = argparse.ArgumentParser()
    for name in ("source", "build", "work"):
        parser.add_argument("--" + name, type=Path, required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--link", default="")
    parser.add_argument("documents", nargs="*", type=Path)
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    checker = Checker(options)
    paths = options.documents or documents_of(checker.source)
    if not paths:
        sys.exit("there is no document")
    checker.check(paths)
    if not options.documents:
        checker.pictures()
    for error in checker.errors:
        print(error)
    print(f"{len(paths)} documents: " + ", ".join(f"{n} {kind}" for kind, n in sorted(checker.checked.items())))
    print(f"{len(checker.errors)} wrong")
    return 1 if checker.errors else 0


if __name__ == "__main__":
    sys.exit(main())
