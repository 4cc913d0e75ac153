#!/usr/bin/env python3
"""The site builds, without a warning and with every link leading somewhere; its search, in a real browser, finds functions and text; and
the checker of links finds out wrong sites.
whole_site.py SOURCE WORK BUILD"""
import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

source, work, build = map(Path, sys.argv[1:])
tools = source / "scripts/documents"
failed = []


def run(script, *arguments):
    done = subprocess.run([sys.executable, "-B", tools / script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


# ---- wrong sites ----

INDEX = 'window.wengertIndex = [{"k": "name", "u": "index.html#a"}, {"k": "text", "u": "index.html"}];'
GOOD = '<title>one</title><h1 id="a">A</h1><a href="#a">a</a><a href="https://example.org">elsewhere</a>'
WRONG = {
    "leads nowhere": (GOOD + '<a href="other.html">b</a>', INDEX),
    "there is no such anchor": (GOOD + '<a href="#b">b</a>', INDEX),
    "leads out of the site": (GOOD + '<a href="../b.html">b</a>', INDEX),
    "is fetched from elsewhere": (GOOD + '<script src="https://example.org/x.js"></script>', INDEX),
    "a picture without words for it": (GOOD + '<img src="index.html">', INDEX),
    "is there twice": (GOOD + '<h2 id="a">A</h2>', INDEX),
    "no title": (GOOD.replace("one", ""), INDEX),
    "not filled in": (GOOD + "<p>XFORMULA3X</p>", INDEX),
    "search: index.html#c": (GOOD, INDEX.replace("#a", "#c")),
    "search finds no names or no text": (GOOD, INDEX.replace("name", "text")),
    "there is no index to search": (GOOD, None),
}
for reason, (page, index) in {"": (GOOD, INDEX), **WRONG}.items():
    folder = work / "wrong"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(page)
    if index:
        (folder / "assets/search-index.js").write_text(index)
    status, said = run("links.py", folder)
    if (status, f" {1 if reason else 0} wrong" in said, reason in said) != (1 if reason else 0, True, True):
        failed.append(f"links.py: expected \"{reason}\", got\n{said}")

# ---- the real one ----

out = work / "site"
status, said = run("build_site.py", "--source", source, "--work", work / "work", "--out", out, "--build", build)
if status == 2 and not failed:
    print(said)
    sys.exit(0)
if status:
    failed.append(f"the site cannot be built:\n{said}")
if "No character metrics" in said:
    failed.append(f"KaTeX does not know a character's width:\n{said}")


def cut_words(headers, pages):
    """What tables of names say that ends within a word of the header's."""
    for page in pages:
        header = " ".join(re.sub(r"^ +\*", "", (headers / page.name.removesuffix(".html")).read_text(), flags=re.M).split())
        for cell in re.findall(r'<tr><td><a href="#\w+">\w+</a></td><td>(.*?)</td></tr>', page.read_text()):
            end = " ".join(html.unescape(re.sub("<[^>]*>", "", cell)).removesuffix(" …").split()[-2:])
            if not re.search(re.escape(end) + r"(?!\w)", header):
                yield f"{page.name}: \"{end}\" ends within a word"


pages = sorted((out / "reference").glob("*.h.html"))
if not status and not pages:
    failed.append("there is no reference")
failed += cut_words(source / "include/wengert", pages)

browser = shutil.which("chromium") or shutil.which("google-chrome")
if browser and not status:
    for words, expected in {"softmax": ["wg_softmax", "wg_log_softmax"], "bit for bit": ["wengert"], "adjoint broadcast": ["wg_sum_to"],
                            "xyzzy nothing": ["nothing found"]}.items():
        dom = subprocess.run([browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=5000", "--dump-dom",
                              f"--user-data-dir={work / 'browser'}", f"{(out / 'index.html').resolve().as_uri()}?q={words.replace(' ', '%20')}"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120).stdout
        results = re.search(r'<ol id="results".*?</ol>', dom, re.S)
        found = re.sub(r"<[^>]+>", " ", results[0]) if results else ""
        print(f"search for \"{words}\": {' '.join(found.split())[:100]}")
        failed += [f"search for \"{words}\" does not find \"{e}\"" for e in expected if e not in found]
elif not browser:
    print("no browser: search is not tried")
print("\n".join(failed))
sys.exit(bool(failed))
