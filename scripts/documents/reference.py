"""The API reference: what Doxygen found declared (XML), the headers' descriptions, and the examples, as HTML.  Knows nothing of files that
it writes or of how a page looks around it."""
import html
import re
import textwrap
import xml.etree.ElementTree as tree
from pathlib import Path

import headers
from snippets import Examples

KEYWORDS = set("auto break case char const continue default do double else enum extern float for goto if inline int long register return short "
               "signed sizeof static struct switch typedef union unsigned void volatile while bool true false NULL int32_t int64_t uint8_t "
               "uint64_t size_t FILE".split())
TOKEN = re.compile(r"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')|(?P<pre>(?m:^)[ \t]*#[^\n]*)"
                   r"|(?P<word>[A-Za-z_]\w*)|(?P<number>\b\d[\w.]*)", re.S)


class Reference:
    def __init__(self, source, xml):
        self.source, self.xml = Path(source), Path(xml)
        self.where = {}     # name -> "elementwise.h.html"
        self.headers = {}
        for path in sorted(self.source.glob("include/wengert/*.h")):
            header = headers.read(path)
            if header.order:
                self.headers[path.stem] = header
                for name in header.order:
                    self.where.setdefault(name, path.stem + ".h.html")
                for value in tree.parse(self.xml / f"{path.stem}_8h.xml").getroot().iter("enumvalue"):
                    self.where.setdefault(value.findtext("name"), path.stem + ".h.html")
        self.structs = {s.findtext("compoundname"): s for f in self.xml.glob("struct*.xml") for s in tree.parse(f).getroot()}
        self.examples = {p.stem: Examples(p) for p in self.source.glob("examples/api/*.c")}

    # ---- text ----

    def link(self, name, to_reference):
        page = self.where.get(name)
        return f'<a href="{to_reference}{page}#{name}">{name}</a>' if page else name

    def words(self, text, to_reference=""):
        """Text with its names linked."""
        return re.sub(r"\b(?:wg|WG)_\w+", lambda m: self.link(m[0], to_reference), html.escape(text, quote=False))

    def c(self, code, to_reference="", links=True):
        """C with its words told apart."""
        result, end = [], 0
        for m in TOKEN.finditer(code):
            result.append(html.escape(code[end:m.start()]))
            end = m.end()
            word = html.escape(m[0], quote=False)
            kind = m.lastgroup
            if kind == "word":
                if m[0] in KEYWORDS:
                    word = f'<i class="k">{word}</i>'
                elif links and m[0].startswith(("wg_", "WG_")):
                    word = self.link(m[0], to_reference)
            elif kind == "comment":
                word = f'<i class="c">{self.words(m[0], to_reference) if links else word}</i>'
            else:
                word = f'<i class="{kind[0]}">{word}</i>'
            result.append(word)
        return "".join(result) + html.escape(code[end:])

    def lines(self, lines, width):
        """Lines of a comment: joined, but where one ends before it had to."""
        result = ""
        for i, line in enumerate(lines):
            result += self.words(line.strip())
            if i + 1 < len(lines):
                following = lines[i + 1].strip()
                early = len(line) + 1 + len(following.split(" ")[0]) < width
                result += "<br>\n" if early else "\n"
        return re.sub(r" {2,}", "&ensp; ", re.sub(r"(?<=[.:]) {2,}", " ", result))

    def description(self, text, family=None, elementwise=False):
        """A comment as HTML: paragraphs, code, and the labelled parts with those that hold for the whole family."""
        width = max([len(line) for line in text.split("\n")] + [60])
        body, parts = [], {}
        for part, lines in headers.paragraphs(text):
            if part:
                parts[part] = self.lines(lines, 0)
                continue
            formula, semicolon, slope = lines[0].partition(";  ")
            if elementwise and semicolon:
                body.append(f"<p><code>{'' if ' = ' in formula else 'y = '}{html.escape(formula)}</code></p>")
                about = "Adjoints" if re.search(r"\bg\b", slope) and not slope.startswith("derivative") else "Derivative"
                parts[about] = self.words(slope.removeprefix("derivative ").removesuffix("."))
                lines = lines[1:]
            group = []
            for line in lines + [None]:
                code = line is not None and line.startswith("    ")
                if group and (line is None or code != group[0].startswith("    ")):
                    if group[0].startswith("    "):
                        body.append(f'<pre>{self.c(chr(10).join(g[4:] for g in group))}</pre>')
                    else:
                        body.append(f"<p>{self.lines(group, width)}</p>")
                    group = []
                if line is not None:
                    group.append(line)
        for part, lines in (family or {}).items():
            parts.setdefault(part, self.lines(lines.split("\n"), 0))
        rows = "".join(f"<dt>{p}</dt><dd>{parts[p]}</dd>" for p in ("Adjoints", "Derivative", *headers.PARTS) if p in parts)
        return "\n".join(body) + (f'<dl class="parts">{rows}</dl>' if rows else "")

    @staticmethod
    def said(member):
        return "\n".join(v.text.strip("\n") for v in member.find("detaileddescription").iter("verbatim")).strip().removeprefix("-").strip()

    # ---- pages ----

    def summary(self, text):
        """The first sentence of a description, for lists; of a long one whole words."""
        line = headers.paragraphs(text)[0][1] if text else [""]
        sentence = re.split(r"(?<=[.:])  |(?<=\w\.) ", " ".join(line))[0]
        return self.words(textwrap.shorten(sentence, 140, placeholder=" …").removesuffix("."))

    def page(self, stem):
        """(title, body) of a header's page; self.entries collects what search should find."""
        header = self.headers[stem]
        members = {}
        root = tree.parse(self.xml / f"{stem}_8h.xml").getroot()
        for member in root.iter("memberdef"):
            members.setdefault(member.findtext("name"), member)
            if member.get("kind") == "enum" and not member.findtext("name").startswith(("wg_", "WG_")):
                for value in member.iter("enumvalue"):
                    members[value.findtext("name")] = member
        self.entries, body, listed = [], [], []
        done = set()
        for name in header.order:
            member = self.structs.get(name)
            member = member if member is not None else members.get(name)
            if member is None or id(member) in done:
                continue
            done.add(id(member))
            if name in header.sections:
                title = header.sections[name]
                body.append(f"<h2>{html.escape(title[0].upper() + title[1:].split(':')[0])}</h2>" + (f"<p>{self.words(title.split(':', 1)[1].strip())}</p>" if ":" in title else ""))
            text = header.functions.get(name) or self.said(member)
            body.append(f'<section class="entry" id="{name}">\n<h3><a href="#{name}">{name}</a></h3>\n' + self.entry(stem, header, name, member, text)
                        + "</section>")
            listed.append(f'<tr><td><a href="#{name}">{name}</a></td><td>{self.summary(text)}</td></tr>')
            self.entries.append((name, text))
        missing = [n for n in header.functions if n not in {m.findtext("name") for m in members.values()}]
        if missing:
            raise SystemExit(f"{header.name}: Doxygen found no {', '.join(missing)}")
        head = f'<h1>{header.name}</h1>\n<p class="where"><code>#include &lt;wengert.h&gt;</code></p>\n{self.description(header.head)}\n'
        index = f'<details class="index"{" open" if len(listed) < 20 else ""}><summary>{len(listed)} names</summary><table>{"".join(listed)}</table></details>'
        return header.name, head + index + "\n".join(body)

    def entry(self, stem, header, name, member, text):
        kind = member.get("kind")
        if kind == "function":
            return self.function(stem, header, name, member, text)
        out = ""
        if kind == "struct":
            rows = "".join(self.field(m) for m in member.iter("memberdef"))
            out = f'{self.description(text)}<table class="fields">{rows}</table>'
        elif kind == "enum":
            rows = "".join(self.value(v, name) for v in member.iter("enumvalue"))
            out = f'{self.description(text)}<table class="fields">{rows}</table>'
        elif kind == "define":
            parameters = [p.findtext("defname") or "" for p in member.iter("param")]
            given = f"({', '.join(parameters)})" if parameters else ""
            value = "" if given else " " + (member.findtext("initializer") or "")
            out = f'<pre class="signature">{self.c(f"#define {name}{given}{value}", links=False)}</pre>{self.description(text)}'
        else:
            out = f'<pre class="signature">{self.c(member.findtext("definition") + (member.findtext("argsstring") or "") + ";")}</pre>{self.description(text)}'
        return out + self.example(stem, name)

    def value(self, value, entry):
        name = value.findtext("name")
        anchor = f' id="{name}"' if name != entry else ""
        return f"<tr><td><code{anchor}>{name} {html.escape(value.findtext('initializer') or '')}</code></td><td>{self.words(self.said(value))}</td></tr>"

    def field(self, member):
        kind = "".join(member.find("type").itertext())
        declared = f"{kind} {member.findtext('name')}{member.findtext('argsstring') or ''}".replace("* ", "*").replace("( *", "(*")
        return f"<tr><td><code>{self.c(declared)}</code></td><td>{self.words(self.said(member))}</td></tr>"

    def function(self, stem, header, name, member, text):
        kind = "".join(member.find("type").itertext())
        given = [f'{"".join(p.find("type").itertext())} {p.findtext("declname") or ""}{p.findtext("array") or ""}'.strip() for p in member.findall("param")]
        given = ", ".join(given) or "void"
        line = f"{kind} {name}({given});".replace("* ", "*")
        if len(line) > 80:
            line = f"{kind} {name}(\n    {given});".replace("* ", "*")
        return f'<pre class="signature">{self.c(line)}</pre>{self.description(text, header.family[name], stem == "elementwise")}{self.example(stem, name)}'

    def example(self, stem, name):
        text = self.examples[stem].of(name) if stem in self.examples else None
        return f'<pre class="example">{self.c(text)}</pre>' if text else ""

    def start(self):
        """The first page: the headers, each with its names."""
        rows = []
        for stem, header in self.headers.items():
            first = headers.paragraphs(header.head)[0][1]
            names = ", ".join(f'<a href="{stem}.h.html#{n}">{n.removeprefix("wg_")}</a>' for n in header.functions)
            rows.append(f'<h2><a href="{stem}.h.html">{header.name}</a></h2><p>{self.words(" ".join(first))}</p><p class="names">{names}</p>')
        count = sum(len(h.functions) for h in self.headers.values())
        return (f"<h1>API reference</h1><p>{count} functions in {len(self.headers)} headers; <code>#include &lt;wengert.h&gt;</code> gives all of them. "
                "Each has its formula, shapes, errors, and an example that the tests run.</p>" + "".join(rows))
