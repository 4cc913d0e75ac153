#!/usr/bin/env python3
"""The public headers' plain comments, read as a reader does:

- one above a declaration is about all declarations that follow without a blank line or another comment between;
- one behind a declaration is about that one;
- fields that have none of their own are described by that of their struct or enum; wg_x_as and wg_x_axes also by that of wg_x;
- the first one is about the header; `/* ---- title ---- */` begins a section.

A line that begins with `Shapes:`, `Cost:`, `Errors:` (or NULL: what comes back when it fails) begins that part of the description.
In the first comment of a header, or in one that stands by itself, such parts hold for each function below it that does not say otherwise.

As a program: Doxygen's input filter.  Prints the header with its comments as Doxygen wants them, their text kept as it is.
"""
import re
import sys
from dataclasses import dataclass, field

PARTS = ("Shapes", "Cost", "Errors")
FUNCTION = re.compile(r"^WG_API\b[^;(]*?\b(wg_\w+)\(")
SECTION = re.compile(r"^/\* ---- (.*?) ----(?: \*/)?$")


@dataclass
class Header:
    name: str
    head: str = ""
    functions: dict = field(default_factory=dict)   # name -> text of its own description
    returns: dict = field(default_factory=dict)     # name -> type
    family: dict = field(default_factory=dict)      # name -> {part: text} of the statements that hold for it
    sections: dict = field(default_factory=dict)    # name of the first function -> title
    order: list = field(default_factory=list)       # all names that are declared, as they stand


def plain(lines):
    """The text between /* and */ of a comment's lines, without the stars on the left."""
    text = "\n".join(lines).strip()
    text = re.sub(r"^/\*+<? ?|\s*\*/$", "", text)
    return "\n".join(re.sub(r"^\s*\* ?", "", line) if i else line for i, line in enumerate(text.split("\n"))).rstrip()


def one_line(remark):
    """A remark behind a declaration, whose lines are as short as there was room."""
    return re.sub(r"(?<=[.;:])\n", "  ", remark).replace("\n", " ")


def sentence(text):
    """The text, ended as one that another follows."""
    return text if text.endswith((".", ":", ";")) else text + "."


def paragraphs(text):
    """[(part or None, [lines])]: the description, divided where a line begins a part, and at blank lines."""
    result, current = [], None
    for line in text.split("\n"):
        part = next((p for p in PARTS if line.startswith(p + ":")), None)
        if part:
            line = line[len(part) + 1:].strip()
        elif re.match(r"NULL\b(?! (is|are) fine)(?!,? a)", line) and not (current and current[0] == "Errors"):
            part = "Errors"
        if not line.strip():
            current = None
        elif part or current is None:
            current = (part, [line])
            result.append(current)
        else:
            current[1].append(line)
    return result


def family_of(text):
    return {part: "\n".join(lines) for part, lines in paragraphs(text) if part}


def read(path):
    header = Header(str(path).split("include/")[-1])
    Walk(path.read_text().split("\n"), header)
    return header


class Walk:
    """Goes through a header once; collects what is said of what, and what the filter prints."""

    def __init__(self, lines, header):
        self.header, self.out = header, []
        self.run, self.family = "", {}
        self.body, self.field = None, ""  # inside a struct or enum: whether it is described; what is said of the fields that follow
        i = 0
        while i < len(lines):
            i = self.line(lines, i)

    @staticmethod
    def comment(lines, i):
        """The index after the comment that begins in line i."""
        while "*/" not in lines[i]:
            i += 1
        return i + 1

    @staticmethod
    def verbatim(kind, text):
        return f"/**{kind} @verbatim\n{text}\n@endverbatim */"

    def line(self, lines, i):
        line = lines[i]
        if line.startswith("/*"):
            end = self.comment(lines, i)
            text = plain(lines[i:end])
            if i == 0:
                self.header.head, self.family = text, family_of(text)
                self.out.append(f"/** @file\n@verbatim\n{text}\n@endverbatim */")
            elif SECTION.match(line):
                self.title = re.sub(r" ?----$|^---- ?", "", text)
                self.run = ""
                self.out += lines[i:end]
            elif end < len(lines) and not lines[end].strip():  # by itself
                self.family = {**self.family, **family_of(text)}
                self.run = ""
                self.out += lines[i:end]
            else:
                self.run = text
            return end
        if not line.strip():
            self.run = ""
        return self.declaration(lines, i)

    title = None

    def declaration(self, lines, i):
        line = lines[i]
        code, star, tail = line.partition("/*")
        own, end = "", i + 1
        if star:
            end = self.comment([""] * i + [star + tail] + lines[i + 1:], i)
            own = plain([star + tail] + lines[i + 1:end])
            after = lines[end - 1].rpartition("*/")[2].strip()
            own = own.rpartition("*/")[0].rstrip() if after else own
            if not code.strip():  # above fields
                self.field = own
                return end
        if re.match(r"^#define (WG_API|WG_\w+_)\b", line):  # the headers' own business
            return end
        declares = re.match(r"^(WG_API|typedef|#define WG_|#define wg_|enum)\b|^#define (WG|wg)_", line)
        if self.body is not None:
            self.fields(lines[i:end], code, own)
        else:
            self.top(lines[i:end], code, own, declares)
        if declares and "{" in code and "}" not in code:
            self.body, self.field = bool(self.run), ""
        if star and after:
            self.out.append(after)
        if line.startswith("}") or star and after.startswith("}"):
            self.body, self.run = None, ""
        return end

    def fields(self, lines, code, own):
        if not code.strip():
            self.field = ""
        several = re.match(r"^\s*((?:const )?\w+) (\*?\w+(?:, \*?\w+)+);", code)
        if several and self.body:  # Doxygen would take the description for the first of them alone
            for one in several[2].split(", "):
                self.out += [self.verbatim("", own or self.field or "-"), f"{several[1]} {one};"]
        elif own:
            self.out.append(f"{code.rstrip()} {self.verbatim('<', own)}")
        else:
            if self.body and code.strip() and not code.startswith("}"):
                self.out.append(self.verbatim("", self.field or "-"))
            self.out += lines

    def top(self, lines, code, own, declares):
        own = one_line(own)
        if declares and self.run:
            self.out.append(self.verbatim("", self.run))
        function = FUNCTION.match(code)
        found = function or re.match(r"^#define (\w+)|^typedef (?:struct|enum) (\w+)|^typedef [\w ]*\**\b(\w+)\(|^enum { (\w+)", code)
        name = next(filter(None, found.groups()), None) if declares and found else None
        if name and name not in self.header.order:
            self.header.order.append(name)
            if self.title:
                self.header.sections[name], self.title = self.title, None
        if function:
            texts = [own, self.run]
            base = re.sub(r"_(as|axes)$", "", name)
            if base != name and not own and self.header.functions.get(base, self.run) != self.run:
                texts[0] = self.header.functions[base].removesuffix(self.run).strip()
            self.header.returns[name] = re.sub(r"^WG_API ", "", code).split(name)[0].strip()
            both = [sentence(texts[0]), texts[1]] if all(texts) else filter(None, texts)
            self.header.functions[name] = "\n".join(both)
            self.header.family[name] = self.family
        self.out += [f"{code.rstrip()} {self.verbatim('<', own)}"] if own else lines


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        walk = Walk(file.read().split("\n"), Header(sys.argv[1]))
    print("\n".join(walk.out))
