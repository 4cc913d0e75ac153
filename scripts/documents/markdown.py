"""Markdown as the documents use it: fenced blocks, the comment above a block, headings and their anchors, links.
Knows nothing of programs or pages."""
import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^ *(`{3,}|~{3,}) *([^`\s]*).*$")
MARK = re.compile(r"^<!-- *([a-z]+)(?: \((\d+)\))?: *(.*?) *-->$")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^()\s>]*(?:\([^()\s]*\)[^()\s>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)")
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")
MATH = re.compile(r"\$`(.+?)`\$|\$\$(.+?)\$\$|(?<![\\\w$])\$(?![\s$])([^$\n]*?[^\s\\$])\$(?![\w$])", re.S)


@dataclass
class Block:
    kind: str            # "c", "text", "sh", "math" ...
    line: int            # of its first line of contents, from 1
    lines: list = field(default_factory=list)
    mark: tuple = None   # ("output", "examples/slides/neuron --out out", 0) from a comment directly above

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)


def slug(heading):
    """The anchor that GitHub gives a heading, but for the number of a repeated one."""
    heading = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    heading = re.sub(r"[`*]|<[^>]*>", "", heading).strip().lower()
    return "".join(c for c in heading.replace(" ", "-") if c.isalnum() or c in "-_")


class Document:
    def __init__(self, path):
        self.path = Path(path)
        self.blocks = []
        self.prose = []      # (line number, text) of all that is outside blocks
        self.anchors = {}    # anchor -> heading
        self.headings = []   # (level, text, anchor)
        self.title = ""
        self.errors = []
        self._read(self.path.read_text(encoding="utf-8").split("\n"))

    def _read(self, lines):
        fence, block, mark = None, None, None
        for number, line in enumerate(lines, 1):
            if fence:
                if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                    fence = None
                else:
                    block.lines.append(line)
                continue
            start = FENCE.match(line)
            if start:
                fence = start[1]
                block = Block(start[2], number + 1, mark=mark)
                self.blocks.append(block)
            else:
                self.prose.append((number, line))
                heading = re.match(r"^(#{1,6}) +(.*?) *#*$", line)
                if heading:
                    self._head(len(heading[1]), heading[2])
                for anchor in ANCHOR.findall(line):
                    self.anchors[anchor] = anchor
            found = MARK.match(line.strip())
            mark = (found[1], found[3], int(found[2] or 0)) if found else None
        if fence:
            self.errors.append((block.line - 1, "a block without end"))

    def _head(self, level, heading):
        base = anchor = slug(heading)
        count = 0
        while anchor in self.anchors:
            count += 1
            anchor = f"{base}-{count}"
        self.anchors[anchor] = heading
        self.headings.append((level, heading, anchor))
        self.title = self.title or heading

    def links(self):
        """(line number, is a picture, target) of each link outside code."""
        for number, line in self.prose:
            for picture, _, target in LINK.findall(re.sub(r"`[^`]*`", lambda m: "`" * len(m[0]), MATH.sub("", line))):
                yield number, bool(picture), target
