"""Examples of the API reference: examples/api/NAME.c belongs to include/wengert/NAME.h, and what a statement prints stands in the comment
behind it.  The example of a function is the block whose first comment names it, or else the statements of the first block that call it;
with what these need: declarations above, and functions of the file."""
import re
from dataclasses import dataclass

NAME = re.compile(r"\bw[gG]_\w+|\bWG_\w+")
DECLARES = re.compile(r"^(?:static |const |unsigned |struct )*(?:wg_\w+|double|float|int|int32_t|int64_t|uint64_t|uint8_t|size_t|bool|char|FILE) ")
PRINTS = re.compile(r"\b(?:wg_print|wg_write|wg_summary|printf|puts|fputs|show\w*)\(")


@dataclass
class Statement:
    text: str       # with the comments above and behind it
    code: str       # without
    line: int
    block: int
    head: str = ""  # the first comment of its block, if it stands by itself

    @property
    def shown(self):
        """What the comment behind it says is printed; None if it prints nothing."""
        comment = re.search(r"/\*((?:(?!/\*).)*)\*/\s*$", self.text, re.S)
        if not PRINTS.search(self.code) or not comment:
            return None
        return " ".join(re.sub(r"\n\s*\*? ?", " ", comment[1]).split())


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


class Examples:
    def __init__(self, path):
        self.path = path
        lines = path.read_text().split("\n")
        self.helpers = {}     # name -> text of a function of the file
        self.statements = []
        i = 0
        while i < len(lines):
            function = re.match(r"^(?:static )?[\w ]+[ *](\w+)\([^;]*$", lines[i])
            if not function or lines[i].startswith((" ", "#", "/*", "}")):
                i += 1
                continue
            end = next(k for k in range(i, len(lines)) if lines[k] == "}")
            if function[1] == "main":
                self.main(lines, i + 2, end)
            else:
                start = i
                while start and lines[start - 1].startswith(("/*", " *")):
                    start -= 1
                self.helpers[function[1]] = "\n".join(lines[start:end + 1])
            i = end + 1

    def main(self, lines, i, end):
        block, head, pending, above = 0, "", [], []
        first = True
        while i < end:
            line = lines[i]
            if not line.strip():
                block, head, first, above = block + 1, "", True, []
                i += 1
                continue
            pending.append(line)
            text = "\n".join(pending)
            if text.count("/*") != text.count("*/"):
                i += 1
                continue
            code = without_comments(text)
            if not code.strip():  # a comment by itself
                if first:
                    head = text
                above, pending = above + pending, []
            elif code.count("{") == code.count("}") and code.count("(") == code.count(")") and code.rstrip().endswith((";", "}")):
                self.statements.append(Statement("\n".join(above + pending), code, i - len(pending) + 2, block, head))
                above, pending = [], []
            first = False
            i += 1

    def needs(self, wanted):
        """The statements, with those above that declare what they use."""
        chosen = set(wanted)
        todo = list(wanted)
        while todo:
            at = todo.pop()
            for word in set(re.findall(r"(?<![\w.>\"])[a-zA-Z_]\w*(?!\()", re.sub(r'"[^"]*"', '""', self.statements[at].code))):
                if word == "t":
                    continue
                for above in range(at - 1, -1, -1):
                    code = self.statements[above].code.strip()
                    if DECLARES.match(code) and re.search(rf"(?:[ *(]){word}(?:\[[^\]]*\])*\s*(?:=(?!=)|,|;)", code):
                        if above not in chosen:
                            chosen.add(above)
                            todo.append(above)
                        break
        return sorted(chosen)

    def of(self, name):
        """The text of the example of a function; None if there is none."""
        calls = [k for k, s in enumerate(self.statements) if re.search(rf"\b{name}\b", s.code)]
        inside = [h for h, text in self.helpers.items() if re.search(rf"\b{name}\(", text)]
        if not calls and inside:
            calls = [k for k, s in enumerate(self.statements) if any(re.search(rf"\b{h}\b", s.code) for h in inside)][:1]
        if not calls:
            return None
        headed = [k for k in calls if re.search(rf"\b{name}\b", self.statements[k].head)]
        if not headed:
            headed = [k for k, s in enumerate(self.statements) if re.search(rf"\b{name}\b", s.head)][:1]
        block = self.statements[(headed or calls)[0]].block
        wanted = [k for k, s in enumerate(self.statements) if s.block == block and (headed or k in calls)]
        chosen = self.needs(wanted)
        parts = [re.sub(r"(?m)^    ", "", self.statements[k].text) for k in chosen]
        code = "\n".join(self.statements[k].code for k in chosen)
        used, text = [], code
        for _ in self.helpers:
            used += [h for h in self.helpers if h not in used and re.search(rf"\b{h}\b", text)]
            text = code + "\n".join(self.helpers[h] for h in used)
        return "\n\n".join([h for k, h in self.helpers.items() if k in used] + ["\n".join(parts)])
