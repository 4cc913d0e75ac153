#!/usr/bin/env python3
"""Checks a site: every link of every page leads to a page, a file or an anchor that is there; nothing is fetched from elsewhere; no page is
without a title, no anchor there twice, nothing that search finds is missing.

    links.py FOLDER"""
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.errors, self.title, self.within = [], [], [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.within = tag
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("href", "src", "srcset", "data"):
            link = given.get(name)
            if not link or name == "data" and tag != "object":
                continue
            if re.match(r"^[a-z][a-z0-9+.-]*:|^//", link):
                if tag != "a":
                    self.errors.append(f"<{tag}> is fetched from elsewhere: {link}")
            else:
                self.links.append(link)
        if tag == "img" and not given.get("alt", "").strip():
            self.errors.append(f"a picture without words for it: {given.get('src')}")

    handle_startendtag = handle_starttag

    def handle_data(self, data):
        if self.within == "title":
            self.title += data
        if re.search(r"XFORMULA|XBLOCK|\{\{\w+\}\}", data):
            self.errors.append(f"not filled in: {data.strip()[:60]}")

    def handle_endtag(self, tag):
        self.within = None


def check(folder):
    errors = []
    pages = {p.resolve(): Page(p.read_text(encoding="utf-8")) for p in sorted(folder.rglob("*.html"))}
    if not pages:
        errors.append(f"{folder}: no pages")

    def follow(start, link, who):
        path, _, anchor = unquote(link.split("?")[0]).partition("#")
        goal = (start.parent / path).resolve() if path else start
        if folder.resolve() not in goal.parents:
            errors.append(f"{who}: {link} leads out of the site")
        elif not goal.is_file():
            errors.append(f"{who}: {link} leads nowhere")
        elif anchor and goal in pages and anchor not in pages[goal].ids:
            errors.append(f"{who}: {link}: there is no such anchor")

    links = 0
    for path, page in pages.items():
        name = os.path.relpath(path, folder.resolve())
        errors += [f"{name}: {e}" for e in page.errors]
        if not page.title.strip():
            errors.append(f"{name}: no title")
        errors += [f"{name}: anchor {i} is there twice" for i in sorted({i for i in page.ids if page.ids.count(i) > 1})]
        for link in page.links:
            links += 1
            follow(path, link, name)
    for css in folder.rglob("*.css"):
        for link in re.findall(r"url\(['\"]?([^'\")]+)", css.read_text(encoding="utf-8")):
            links += 1
            if not link.startswith("data:"):
                follow(css.resolve(), link, css.name)
    index = folder / "assets/search-index.js"
    if index.is_file():
        found = json.loads(index.read_text(encoding="utf-8").split(" = ", 1)[1].rstrip().rstrip(";"))
        for entry in found:
            follow((folder / "index.html").resolve(), entry["u"], "search")
        if not {"name", "text"} <= {e["k"] for e in found}:
            errors.append("search finds no names or no text")
    else:
        errors.append("there is no index to search")
    print("\n".join(errors + [f"{len(pages)} pages, {links} links, {len(errors)} wrong"]))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(check(Path(sys.argv[1])))
