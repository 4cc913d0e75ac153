#!/usr/bin/env python3
"""Walks through trace pages in Chromium, with clicks and keys, and compares what they show with what they have to.

    trace.py PAGES FOLDER        PAGES: the program that writes the pages; FOLDER: where they go, with pictures of some steps

Speaks the WebDriver protocol to chromedriver with Python's own library.  Is skipped where there is no browser, unless
WENGERT_BROWSER=required."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64decode

ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'
KEYS = {'right': '\ue014', 'left': '\ue012', 'home': '\ue011', 'end': '\ue010'}
WAIT = 120  # seconds that an answer may take on a machine that is busy


class Browser:
    def __init__(self, driver, browser):
        self.process = subprocess.Popen([driver, '--port=0'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            port = re.search(r'started successfully on port (\d+)', line)
            if port:
                break
        else:
            raise RuntimeError('chromedriver did not start')
        self.base = f'http://127.0.0.1:{port[1]}/session'
        options = {'binary': browser, 'args': ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
                                               '--window-size=1500,900', '--host-resolver-rules=MAP * ~NOTFOUND']}
        always = {'browserName': 'chrome', 'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL'}}
        self.base += '/' + self.ask('', {'capabilities': {'alwaysMatch': always}})['sessionId']

    def ask(self, path, data=None, method=None):
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.base + path, body, {'Content-Type': 'application/json'}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=WAIT) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            raise RuntimeError(f'{path}: {error.read().decode()}') from None

    def open(self, path):
        self.ask('/url', {'url': path.resolve().as_uri()})

    def run(self, script, *arguments):
        return self.ask('/execute/sync', {'script': script, 'args': list(arguments)})

    def click(self, selector):
        found = self.ask('/element', {'using': 'css selector', 'value': selector})
        self.ask(f'/element/{found[ELEMENT]}/click', {})

    def press(self, key):
        actions = [{'type': kind, 'value': KEYS[key]} for kind in ('keyDown', 'keyUp')]
        self.ask('/actions', {'actions': [{'type': 'key', 'id': 'keyboard', 'actions': actions}]})

    def picture(self, path):
        path.write_bytes(b64decode(self.ask('/screenshot')))

    def complaints(self):
        return [entry['message'] for entry in self.ask('/se/log', {'type': 'browser'})]

    def close(self):
        try:
            self.ask('', method='DELETE')
        finally:
            self.process.terminate()
            self.process.wait()


failures = []
checks = 0


def check(good, what):
    global checks
    checks += 1
    if not good:
        failures.append(what)
        print('FAILED:', what)


# What the page shows now: the node that is lit, the text of its adjoint, the numbers of the adjoint in the panel.
STATE = r'''
const lit = [...document.querySelectorAll('.node.lit')];
const strong = document.querySelector('#panel .strong');
const last = strong && (strong.querySelector('.matrix:last-child') || strong);
return {
    count: document.getElementById('count').textContent,
    lit: lit.map(e => Number(e.dataset.node)),
    box: lit.length ? lit[0].querySelector('.adjoint').textContent : '',
    cells: last && last !== strong ? [...last.querySelectorAll('td')].map(e => e.textContent) : null,
    strong: strong ? strong.textContent : '',
    visible: lit.every(e => { const a = e.getBoundingClientRect(), b = document.getElementById('view').getBoundingClientRect();
        return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1; }),
    now: [...document.querySelectorAll('.edge.now')].map(e => Number(e.dataset.to)),
    disabled: [...document.querySelectorAll('button:disabled')].map(e => e.id),
    complete: [...document.querySelectorAll('.node.done')].map(e => [Number(e.dataset.node), e.querySelector('.adjoint').textContent]),
};'''

# Boxes that overlap, that stand elsewhere than in the column before their first user, and texts that leave their box.
LAYOUT = r'''
const boxes = [...document.querySelectorAll('.node')].map(e => [e, e.querySelector('rect').getBoundingClientRect()]), faults = [];
boxes.forEach(([e, a], i) => {
    for (const [o, b] of boxes.slice(i + 1))
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            faults.push(`${e.dataset.node} and ${o.dataset.node} overlap`);
    for (const t of e.querySelectorAll('text')) {
        const r = t.getBoundingClientRect();
        if (r.width && (r.left < a.left - 1 || r.right > a.right + 1 || r.top < a.top - 2 || r.bottom > a.bottom + 2))
            faults.push(`${t.textContent} leaves its box`);
    }
});
const middle = new Map(boxes.map(([e, a]) => [e.dataset.node, Math.round((a.left + a.right) / 2)]));
const columns = [...new Set(middle.values())].sort((a, b) => a - b), column = id => columns.indexOf(middle.get(id));
const edges = [...document.querySelectorAll('.edge')].map(e => e.dataset);
for (const id of new Set(edges.map(e => e.from))) {
    const first = Math.min(...edges.filter(e => e.from === id).map(e => column(e.to)));
    if (column(id) !== first - 1)
        faults.push(`${id} stands in column ${column(id)}, its first user in ${first}`);
}
return [boxes.length, faults, performance.getEntriesByType('resource').length, document.title];'''


def numbers(text):
    """Of an equation, behind the last sign: 0.5, [1, 2]."""
    return text.rsplit(' = ', 1)[-1].strip('[]').split(', ')


def shows(browser, name, step, total, expected):
    """The page stands at a step that shows the node and the adjoint expected there."""
    s = browser.run(STATE)
    where = f'{name}, step {step}: '
    if step == 0:
        check(s['count'] == f'start of {total} steps', where + s['count'])
        check(s['lit'] == [] and s['complete'] == [], where + f'lit are {s["lit"]}, complete {s["complete"]}')
        check(s['disabled'] == ['first', 'back'], where + f'disabled are {s["disabled"]}')
        return
    node, adjoint = expected[step - 1]['node'], expected[step - 1]['adjoint']
    check(s['count'] == f'step {step} of {total}', where + s['count'])
    check(s['lit'] == [node], where + f'lit are {s["lit"]}, wanted {node}')
    check(s['visible'], where + 'the lit node is not in sight')
    check(all(to == node for to in s['now']), where + f'edges of {s["now"]} are lit')
    check(s['disabled'] == (['forward', 'last'] if step == total else []), where + f'disabled are {s["disabled"]}')
    if s['cells'] is not None:
        check(s['cells'] == adjoint, where + f'the panel shows {s["cells"]}, wanted {adjoint}')
    else:
        shown = numbers(s['strong'])
        check(shown == adjoint, where + f'the panel shows {shown}, wanted {adjoint}')
    final = {e['node']: e['adjoint'] for e in expected}
    wrong = [(box, text) for box, text in [(node, s['box']), *s['complete']] if len(final[box]) <= 3 and numbers(text) != final[box]]
    check(not wrong, where + f'boxes show {wrong}')
    check({e['node'] for e in expected[:step - 1]} <= {box for box, text in s['complete']}, where + 'a step that is done has no orange rim')


def walk(browser, folder, name):
    page = folder / f'{name}.html'
    expected = json.loads((folder / f'{name}.json').read_text())
    text = page.read_text()
    outside = set(re.findall(r'[a-z]+://[^\s\'"<>]*', text)) - {'http://www.w3.org/2000/svg'}
    check(not outside and 'src=' not in text and 'href=' not in text, f'{name}: refers to {outside or "another file"}')
    browser.open(page)
    total = len(expected)
    shows(browser, name, 0, total, expected)
    boxes, faults, fetched, title = browser.run(LAYOUT)
    check(boxes == total, f'{name}: {boxes} boxes for {total} nodes')
    check(fetched == 0, f'{name}: fetched {fetched} resources')
    for step in range(1, total + 1):
        browser.click('#forward')
        shows(browser, name, step, total, expected)
        if step in (total // 3, total):
            browser.picture(folder / f'{name}-{step}.png')
    faults += browser.run(LAYOUT)[1]  # with every adjoint in its box
    browser.click('#fit')
    browser.picture(folder / f'{name}-fit.png')
    check(not faults, f'{name}: {faults}')
    back = total
    if total > 40:  # most of the way back at once, to save time
        back = 21
        browser.click(f'.node[data-node="{expected[back - 1]["node"]}"]')
        shows(browser, name, back, total, expected)
    for step in range(back - 1, -1, -1):
        browser.click('#back')
        shows(browser, name, step, total, expected)
    for key, step in (('right', 1), ('right', 2), ('left', 1), ('end', total), ('right', total), ('home', 0), ('left', 0)):
        browser.press(key)
        shows(browser, name, step, total, expected)
    browser.click('#last')
    shows(browser, name, total, total, expected)
    browser.click('#first')
    shows(browser, name, 0, total, expected)
    browser.click(f'.node[data-node="{expected[2]["node"]}"]')
    shows(browser, name, 3, total, expected)
    check(title.startswith('Reverse sweep of '), f'{name}: its title is {title}')
    complaints = browser.complaints()
    check(not complaints, f'{name}: {complaints}')


def main():
    pages, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    driver = shutil.which('chromedriver')
    chromium = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
    if not driver or not chromium:
        required = os.environ.get('WENGERT_BROWSER') == 'required'
        print('missing: ' if required else 'skipped: ', 'chromium and chromedriver (packages chromium and chromium-driver)', sep='')
        return 1 if required else 0
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([pages, folder], check=True)
    browser = Browser(driver, chromium)
    try:
        for name in ('neuron', 'scalars', 'matrices', 'names'):
            walk(browser, folder, name)
    finally:
        browser.close()
    print(f'{checks} checks, {len(failures)} failed')
    return 1 if failures or not checks else 0


sys.exit(main())
