#!/usr/bin/env python3
"""Builds the site: the guide, the API reference and the other documents as static pages that need no network, with search.  Fails on a
warning of Doxygen's, a formula that cannot be set, and a link that leads nowhere.

    build_site.py --source TREE --work SCRATCH --out FOLDER [--build BUILD TREE, for pages that programs write]

Needs doxygen, cmark-gfm, and node with KaTeX (Debian's package katex)."""
import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import links
from markdown import FENCE, MARK, MATH, Document, slug
from reference import Reference

HERE = Path(__file__).resolve().parent
MODULES = ["/usr/share/nodejs", "/usr/lib/nodejs"]
FONTS = [Path("/usr/share/fonts/truetype/katex"), Path("/usr/share/javascript/katex/fonts")]
KATEX = Path("/usr/share/javascript/katex/katex.min.css")
LAST = ["composing-a-model", "saving", "tracing", "writing-an-op", "error-messages", "from-pytorch"]  # chapters without a number, in this order


def place(path):
    """Where a document of the source tree is on the site."""
    path = PurePosixPath(path)
    parts = list(path.parts[1:] if path.parts[0] == "docs" and len(path.parts) > 1 else path.parts)
    if parts[-1] == "README.md":
        parts[-1] = "index.html"
        if list(path.parts) == ["docs", "README.md"]:
            parts = ["documents.html"]
    elif parts[-1].endswith(".md"):
        parts[-1] = parts[-1][:-3].lower() + ".html"
    return "/".join(parts)


def chapters(source):
    found = [p.stem for p in source.glob("docs/guide/*.md") if p.name != "README.md"]
    numbered = sorted(c for c in found if c[0].isdigit())
    return numbered + [c for c in LAST if c in found] + sorted(set(found) - set(numbered) - set(LAST))


class Site:
    def __init__(self, source, xml, out, build):
        self.source, self.out, self.build = source.resolve(), out, build
        self.made = {}           # pages that programs write
        self.reference = Reference(self.source, xml)
        self.pages = []          # (place, title, body, group)
        self.index = []          # what search finds
        self.formulas = {}       # (tex, display) -> number
        self.files = set()       # files of the source tree that documents link to
        self.copied = set()      # pictures

    # ---- documents ----

    def formula(self, tex, display):
        key = (html.unescape(tex).strip(), display)
        return f"XFORMULA{self.formulas.setdefault(key, len(self.formulas))}X"

    def document(self, path, group):
        document = Document(self.source / path)
        at = place(path)
        up = "../" * at.count("/")
        blocks = []
        text = self.without_blocks(document.path.read_text(encoding="utf-8").split("\n"), blocks, at)
        text = self.without_formulas(text)
        body = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "footnotes"], input=text,
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        headings = iter(document.headings)
        body = re.sub(r"<h(\d)>(.*?)</h\1>", lambda m: self.heading(m, headings), body, flags=re.S)
        body = re.sub(r'\b(href|src)="([^"]*)"', lambda m: f'{m[1]}="{self.target(path, at, html.unescape(m[2]))}"', body)
        body = re.sub(r"<code>(wg_\w+|WG_\w+)(\(\))?</code>",
                      lambda m: f'<a class="name" href="{up}reference/{self.reference.where[m[1]]}#{m[1]}"><code>{m[1]}{m[2] or ""}</code></a>'
                      if m[1] in self.reference.where else m[0], body)
        body = re.sub(r"<table>(.*?)</table>", r'<div class="wide"><table>\1</table></div>', body, flags=re.S)
        body = re.sub(r"<p>XBLOCK(\d+)X</p>|XBLOCK(\d+)X", lambda m: blocks[int(m[1] or m[2])], body)
        self.pages.append((at, document.title, body, group))

    @staticmethod
    def heading(match, headings):
        level, _, anchor = next(headings)
        return f'<h{level} id="{anchor}">{match[2]} <a class="anchor" href="#{anchor}" aria-label="link to this section">#</a></h{level}>'

    def without_blocks(self, lines, blocks, at):
        """The text with a word in place of each fenced block; blocks gets the HTML of each."""
        result, fence, kind, mark, inside = [], None, "", None, []
        up = "../" * at.count("/")
        for line in lines:
            if fence:
                if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                    blocks.append(self.block(kind, "\n".join(inside), mark, up))
                    result += ["", f"XBLOCK{len(blocks) - 1}X", ""]
                    fence, mark = None, None
                else:
                    inside.append(line)
                continue
            start = FENCE.match(line)
            found = MARK.match(line.strip())
            if start:
                fence, kind, inside = start[1], start[2], []
            elif found and found[1] == "page":
                blocks.append(self.live(found[3], at))
                result += ["", f"XBLOCK{len(blocks) - 1}X", ""]
            elif found:
                mark = found
            else:
                mark = None if line.strip() else mark
                result.append(line)
        return "\n".join(result)

    def live(self, command, at):
        """A link to a page that a program writes: `<!-- page: examples/trace html > sweep.html -->`; nothing where it was not built."""
        words, name = (part.strip() for part in command.split(">"))
        program = self.build / words.split()[0] if self.build else None
        if not program or not program.is_file():
            return ""
        made = subprocess.run([program.resolve(), *words.split()[1:]], stdout=subprocess.PIPE, check=True).stdout
        self.made[str(PurePosixPath(at).parent / name)] = made
        return f'<p class="live"><a href="{name}">Open that page</a></p>'

    def block(self, kind, text, mark, up):
        if kind == "math":
            return f'<div class="math">{self.formula(text, True)}</div>'
        code = self.reference.c(text, up + "reference/") if kind == "c" else html.escape(text)
        name = ""
        if mark and mark[1] in ("output", "excerpt"):
            program = mark[3].split()[0]
            file = program if mark[1] == "excerpt" else program + ".c"
            if (self.source / file).is_file():
                self.files.add(file)
                shown = f'<a href="{up}source/{file}.html">{html.escape(mark[3])}</a>'
            else:
                shown = html.escape(mark[3])
            name = f'<figcaption>{"what" if mark[1] == "output" else "from"} {shown}{" prints" if mark[1] == "output" else ""}</figcaption>'
        return f'<figure class="block {html.escape(kind)}">{name}<pre>{code}</pre></figure>'

    def without_formulas(self, text):
        """The text with a word in place of each formula; code is left alone."""
        def one(match):
            if match["code"]:
                return match[0]
            inline = match["f"] or match["h"]
            return self.formula(inline or match["g"], not inline)
        return re.sub(r"(?P<code>(?<!\$)(`+)(?:(?!\2).)+?\2(?!`))|\$`(?P<f>.+?)`\$|\$\$(?P<g>.+?)\$\$|"
                      r"(?<![\\\w$])\$(?![\s$])(?P<h>[^$\n]*?[^\s\\$])\$(?![\w$])", one, text)

    def target(self, path, at, link):
        """A link of a document, for the site."""
        if re.match(r"^[a-z][a-z0-9+.-]*:", link) or link.startswith("#"):
            return link
        name, _, anchor = unquote(link).partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(path), name))
        anchor = "#" + anchor if anchor else ""
        if file.endswith(".md"):
            goal = place(file)
        elif re.search(r"\.(svg|png|jpg|gif)$", file):
            self.copied.add(file)
            goal = place(file)
        elif (self.source / file).is_dir() and (self.source / file / "README.md").is_file():
            goal = place(file + "/README.md")
        else:
            self.files.add(file)
            goal, anchor = f"source/{file}.html", ""
        return html.escape(os.path.relpath(goal, os.path.dirname(at) or ".") + anchor)

    # ---- all pages ----

    def collect(self):
        self.document("README.md", None)
        if (self.source / "docs/README.md").is_file():
            self.document("docs/README.md", None)
        if (self.source / "docs/guide/README.md").is_file():
            self.document("docs/guide/README.md", "Guide")
        for name in chapters(self.source):
            self.document(f"docs/guide/{name}.md", "Guide")
        for readme in sorted(self.source.glob("examples/*/README.md")):
            self.document(readme.relative_to(self.source).as_posix(), "Exercises")
        self.pages.append(("reference/index.html", "API reference", self.reference.start(), "Reference"))
        for stem in self.reference.headers:
            title, body = self.reference.page(stem)
            self.pages.append((f"reference/{stem}.h.html", title, body, "Reference"))
            for name, text in self.reference.entries:
                self.index.append({"t": name, "p": title, "u": f"reference/{stem}.h.html#{name}", "k": "name", "x": " ".join(text.split())})
        for path in sorted(self.source.glob("docs/*.md")):
            if path.name != "README.md":
                self.document(path.relative_to(self.source).as_posix(), "Project")
        self.document("CHANGELOG.md", "Project")
        done = set()
        while self.files - done:
            file = min(self.files - done)
            done.add(file)
            self.file(file)

    def file(self, file):
        path = self.source / file
        if path.is_dir():
            names = subprocess.run(["git", "-C", self.source, "ls-files", file], stdout=subprocess.PIPE, text=True).stdout.split()
            names = names or sorted(p.relative_to(self.source).as_posix() for p in path.rglob("*") if p.is_file())
            names = [n for n in names if re.search(r"\.(c|h|md|txt|cmake|py)$", n)]
            self.files |= set(n for n in names if not n.endswith(".md"))
            at = f"source/{file}.html"
            rows = "".join(f'<li><a href="{os.path.relpath(place(n) if n.endswith(".md") else f"source/{n}.html", os.path.dirname(at))}">{n}</a></li>'
                           for n in names if not n.endswith(".md") or any(p[0] == place(n) for p in self.pages))
            body = f"<ul>{rows}</ul>"
        else:
            text = path.read_text(encoding="utf-8", errors="replace")
            up = "../" * (1 + file.count("/"))
            body = f'<figure class="block"><pre>{self.reference.c(text, up + "reference/") if file.endswith((".c", ".h")) else html.escape(text)}</pre></figure>'
        self.pages.append((f"source/{file}.html", file, f"<h1>{file}</h1>{body}", None))

    def typeset(self):
        """HTML of each formula, by number."""
        keys = list(self.formulas)
        if not keys:
            return []
        path = os.pathsep.join(filter(None, [os.environ.get("NODE_PATH", "")] + MODULES))
        done = subprocess.run(["node", HERE / "formulas.js"], input=json.dumps(keys), stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_PATH": path})
        if done.returncode:
            sys.exit("a formula cannot be set")
        return json.loads(done.stdout)

    def entries(self, at, title, body, group):
        """What search finds of a page: each section."""
        if at.startswith(("reference/", "source/")):
            return
        pieces = re.split(r'<h[1-6] id="([^"]+)">(.*?) <a class="anchor".*?</h[1-6]>', body, flags=re.S)
        sections = [("", title, pieces[0])] + [(pieces[i], pieces[i + 1], pieces[i + 2]) for i in range(1, len(pieces), 3)]
        for anchor, heading, text in sections:
            text = re.sub(r'<span class="katex-html".*?</span></span></span>', " ", text)
            plain = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
            if plain:
                self.index.append({"t": html.unescape(re.sub(r"<[^>]+>", "", heading)), "p": title, "u": at + (f"#{anchor}" if anchor else ""), "k": "text",
                                   "x": re.sub(r"XFORMULA\d+X", "", plain)})

    def navigation(self, at):
        groups = {}
        for place_, title, _, group in self.pages:
            if group:
                groups.setdefault(group, []).append((place_, title))
        result = []
        for group, pages in groups.items():
            rows = ""
            for place_, title in pages:
                here = ' aria-current="page"' if place_ == at else ""
                rows += f'<li><a href="{os.path.relpath(place_, os.path.dirname(at) or ".")}"{here}>{html.escape(title)}</a></li>'
            inside = any(p == at for p, _ in pages)
            result.append(f'<details{" open" if inside or group == "Guide" else ""}><summary>{group}</summary><ul>{rows}</ul></details>')
        return "".join(result)

    def neighbours(self, at):
        """Links to the chapters before and after."""
        guide = [(p, t) for p, t, _, g in self.pages if g == "Guide"]
        where = next((i for i, (p, _) in enumerate(guide) if p == at), None)
        if where is None:
            return ""
        def link(i, text):
            return f'<a href="{os.path.basename(guide[i][0])}">{text.format(html.escape(guide[i][1]))}</a>' if 0 <= i < len(guide) else "<span></span>"
        return f'<nav class="neighbours">{link(where - 1, "&larr; {}")}{link(where + 1, "{} &rarr;")}</nav>'

    def write(self):
        shutil.rmtree(self.out, ignore_errors=True)
        template = (HERE / "page.html").read_text()
        formulas = self.typeset()
        places = [page[0] for page in self.pages]
        if len(set(places)) < len(places):
            sys.exit("two pages would have one name: " + ", ".join(sorted(p for p in set(places) if places.count(p) > 1)))
        for at, title, body, group in self.pages:
            self.entries(at, title, body, group)
            body = re.sub(r"XFORMULA(\d+)X", lambda m: formulas[int(m[1])], body)
            up = "../" * at.count("/")
            text = template
            plain = re.sub(r"XFORMULA\d+X|[`*]", "", title)
            for key, value in {"title": html.escape(plain), "up": up, "navigation": self.navigation(at), "neighbours": self.neighbours(at),
                               "katex": f'<link rel="stylesheet" href="{up}assets/katex.css">' if 'class="katex' in body else "", "body": body}.items():
                text = text.replace("{{" + key + "}}", value)
            file = self.out / at
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for at, made in self.made.items():
            (self.out / at).write_bytes(made)
        for picture in self.copied:
            goal = self.out / place(picture)
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.source / picture, goal)
        self.assets()

    def assets(self):
        assets = self.out / "assets"
        (assets / "fonts").mkdir(parents=True)
        for name in ("style.css", "search.js"):
            shutil.copyfile(HERE / name, assets / name)
        (assets / "search-index.js").write_text("window.wengertIndex = " + json.dumps(self.index, ensure_ascii=False, separators=(",", ":")) + ";\n",
                                                encoding="utf-8")
        css = re.sub(r",url\([^)]*\.(?:woff|ttf)\) format\('[a-z]+'\)", "", KATEX.read_text())
        (assets / "katex.css").write_text(css)
        for font in set(re.findall(r"url\(fonts/([^)]+)\)", css)):
            shutil.copyfile(next(f / font for f in FONTS if (f / font).is_file()), assets / "fonts" / font)


def declared(source, work):
    """Doxygen's XML of the headers; ends the program if it warns."""
    work.mkdir(parents=True, exist_ok=True)
    text = (HERE / "Doxyfile.in").read_text()
    for key, value in {"SOURCE": source.resolve(), "WORK": work.resolve(), "PYTHON": sys.executable}.items():
        text = text.replace(f"@{key}@", str(value))
    (work / "Doxyfile").write_text(text)
    shutil.rmtree(work / "xml", ignore_errors=True)
    if subprocess.run(["doxygen", work / "Doxyfile"]).returncode:
        sys.exit("Doxygen is not content")
    return work / "xml"


def main():
    parser = argparse.ArgumentParser()
    for name in ("source", "work", "out"):
        parser.add_argument("--" + name, type=Path, required=True)
    parser.add_argument("--build", type=Path)
    options = parser.parse_args()
    lacking = [p for p in ("doxygen", "cmark-gfm", "node") if not shutil.which(p)] + ([] if KATEX.is_file() else ["katex"])
    if lacking:
        print("skipped: there is no " + ", ".join(lacking))
        return 2
    site = Site(options.source, declared(options.source, options.work), options.out, options.build)
    site.collect()
    site.write()
    print(f"{len(site.pages)} pages, {len(site.formulas)} formulas, {len(site.copied)} pictures, {len(site.index)} places that search finds")
    wrong = links.check(options.out)
    print(f"{options.out / 'index.html'}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
