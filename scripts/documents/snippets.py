"""Examples of the API reference: examples/api/NAME.c belongs to include/wengert/NAME.h, and what a statement prints stands in the comment
behind or below it.  The example of a function is the block whose first comment names it, or else the statements of the first block that call it;
with what these need: declarations above, and functions of the file."""
import re
from dataclasses import dataclass

NAME = re.compile(r"\bw[gG]_\w+|\bWG_\w+")
DECLARES = re.compile(r"^(?:static |const |unsigned |struct )*(?:wg_\w+|double|float|int|int32_t|int64_t|uint64_t|uint8_t|size_t|bool|char|FILE) ")
FEEDS = re.compile(r"^ *wg_(?:set_[fi]\d\d|bind)\((\w+),")
PRINTS = re.compile(r"\b(?:wg_print|wg_write|wg_vjp_watched|wg_trace_backward|printf)\(")


@dataclass
class Statement:
    text: str       # with the comments above and behind it
    code: str       # without
    line: int
    block: int
    head: str = ""  # the first comment of its block, if it stands by itself
    above: str = "" # the comments above it

    @property
    def shown(self):
        """What the comment behind it says is printed; None if it prints nothing."""
        comment = re.search(r"/\*((?:(?!/\*).)*)\*/\s*$", self.text, re.S)
        if not PRINTS.search(self.code) or not comment:
            return None
        return " ".join(re.sub(r"\n\s*\*? ?", " ", comment[1]).split())


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def without_arguments(code):
    while re.search(r"\([^()]*\)", code):
        code = re.sub(r"\([^()]*\)", "", code)
    return code


class Examples:
    def __init__(self, path):
        self.path = path
        lines = path.read_text().split("\n")
        self.helpers = {}     # name -> text of a function, or of a record, of the file
        self.statements = []
        i = 0
        while i < len(lines):
            function = re.match(r"^(?:static )?[\w ]+[ *](\w+)\([^;]*$|^static const \w+ (\w+) = {$", lines[i])
            if not function or lines[i].startswith((" ", "#", "/*", "}")):
                i += 1
                continue
            end = next(k for k in range(i, len(lines)) if lines[k] in ("}", "};"))
            if function[1] == "main":
                self.main(lines, i + 2, end)
            else:
                start = i
                while start and lines[start - 1].startswith(("/*", " *")):
                    start -= 1
                self.helpers[function[1] or function[2]] = "\n".join(lines[start:end + 1])
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
                last = self.statements[-1] if self.statements else None
                if not first and last and last.block == block and not above and PRINTS.search(last.code) and last.shown is None:
                    last.text += "\n" + text  # below what prints it
                else:
                    head = text if first else head
                    above = above + pending
                pending = []
            elif code.count("{") == code.count("}") and code.count("(") == code.count(")") and code.rstrip().endswith((";", "}")):
                self.statements.append(Statement("\n".join(above + pending), code, i - len(pending) + 2, block, head, "\n".join(above)))
                above, pending = [], []
            first = False
            i += 1

    def needs(self, wanted):
        """The statements, with those above that declare what they use, or feed it."""
        chosen, todo = set(wanted), list(wanted)
        fed = {f for k in wanted for f in FEEDS.findall(self.statements[k].code)}
        while todo:
            at = todo.pop()
            for word in set(re.findall(r"(?<![\w.>])[a-zA-Z_]\w*(?!\()", re.sub(r'"[^"]*"', '""', self.statements[at].code))) - {"t"}:
                for above in range(at - 1, -1, -1):
                    code = without_arguments(self.statements[above].code.strip())
                    declares = DECLARES.match(code) and re.search(rf"[ *(]{word}(?:\[[^\]]*\])*\s*(?:=(?!=)|,|;)", code)
                    if declares or word in FEEDS.findall(self.statements[above].code) and word not in fed:
                        fed.add(word)
                        if above not in chosen:
                            chosen.add(above)
                            todo.append(above)
                    if declares:
                        break
        return sorted(chosen)

    def used(self, text):
        """The file's functions and records that a text needs, and those that they need."""
        names = []
        while True:
            more = [h for h in self.helpers if h not in names and re.search(rf"(?<![\w.>]){h}\b", text)]
            if not more:
                return [h for h in self.helpers if h in names]
            names += more
            text = "\n".join(self.helpers[h] for h in more)

    def of(self, name):
        """The text of the example of a function; None if there is none."""
        word = re.compile(rf"\b{name}\b")
        headed = [k for k, s in enumerate(self.statements) if word.search(s.head)]
        calls = [k for k, s in enumerate(self.statements) if word.search(s.code)]
        if not calls:
            calls = [k for k, s in enumerate(self.statements) if any(word.search(without_comments(self.helpers[h])) for h in self.used(s.code))]
        if not calls:
            return None
        block = self.statements[(headed or calls)[0]].block
        wanted = [k for k, s in enumerate(self.statements) if s.block == block and (headed or k in calls)]
        following = wanted[-1]
        while self.statements[following].shown is None and following + 1 < len(self.statements) and self.statements[following + 1].block == block:
            following += 1  # as far as what it did is seen
            wanted.append(following)
        chosen = self.needs(wanted)
        parts = [self.statements[k].text if headed and k in wanted else self.statements[k].text.removeprefix(self.statements[k].above) for k in chosen]
        code = "\n".join(self.statements[k].code for k in chosen)
        text = "\n".join(re.sub(r"(?m)^    ", "", part.strip("\n")) for part in parts)
        text = text if headed else re.sub(r";  +/\*", "; /*", text)
        return "\n\n".join([self.helpers[h] for h in self.used(code)] + [text])
