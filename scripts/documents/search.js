/* Search over all pages: the index is a script of its own, fetched when the box is first used, so that it works from a folder without a server. */
"use strict";
(() => {
    const up = document.currentScript ? document.currentScript.dataset.up : document.querySelector("script[data-up]").dataset.up;
    const form = document.getElementById("search"), box = form.elements.q, list = document.getElementById("results");
    let loading = null, chosen = -1;

    /* On a phone the contents are folded until they are asked for. */
    const fold = document.querySelector(".fold");
    if (window.matchMedia("(max-width: 60rem)").matches)
        fold.open = false;
    const current = document.querySelector(".contents [aria-current]");
    if (current && fold.open)
        current.scrollIntoView({ block: "nearest" });

    function load() {
        loading = loading || new Promise((resolve, reject) => {
            const script = document.createElement("script");
            script.src = up + "assets/search-index.js";
            script.onload = () => resolve(window.wengertIndex);
            script.onerror = reject;
            document.head.append(script);
        });
        return loading;
    }

    /* How well an entry answers: every word must occur; names before headings before text. */
    function score(entry, words) {
        const title = entry.t.toLowerCase(), bare = title.replace(/^wg_/, ""), page = entry.p.toLowerCase(), text = entry.x.toLowerCase();
        let sum = 0;
        for (const word of words) {
            let s = 0;
            if (entry.k === "name" && (title === word || bare === word))
                s = 100;
            else if (bare.startsWith(word) || title.startsWith(word))
                s = entry.k === "name" ? 40 : 50;
            else if (title.includes(word))
                s = 30;
            else if (new RegExp("\\b" + word.replace(/[^\w]/g, "\\$&")).test(text))
                s = 12 + Math.min(5, text.split(word).length);
            else if (page.includes(word))
                s = 8;
            else if (text.includes(word))
                s = 4;
            if (!s)
                return 0;
            sum += s;
        }
        return sum + (entry.k === "text" && !entry.u.startsWith("decisions") && !entry.u.startsWith("changelog") ? 3 : 0);
    }

    function marked(text, words) {
        const span = document.createElement("small");
        const at = Math.max(0, Math.min(...words.map(w => text.toLowerCase().indexOf(w)).filter(i => i >= 0), text.length) - 50);
        const part = (at > 0 ? "… " : "") + text.slice(at === text.length - 50 ? 0 : at, at + 150);
        const pattern = new RegExp("(" + words.map(w => w.replace(/[^\w]/g, "\\$&")).join("|") + ")", "i");
        part.split(pattern).forEach((piece, i) => {
            const node = i % 2 ? document.createElement("mark") : document.createTextNode(piece);
            if (i % 2)
                node.textContent = piece;
            span.append(node);
        });
        return span;
    }

    async function show() {
        const words = box.value.toLowerCase().split(/\s+/).filter(w => w);
        if (!words.length) {
            list.hidden = true;
            return;
        }
        const index = await load();
        const found = index.map(e => [score(e, words), e]).filter(f => f[0]).sort((a, b) => b[0] - a[0]).slice(0, 30);
        list.replaceChildren(...found.map(([, e]) => {
            const item = document.createElement("li"), link = document.createElement("a"), name = document.createElement("b");
            link.href = up + e.u;
            name.textContent = e.t;
            link.append(name, e.t === e.p ? "" : " · " + e.p, marked(e.x, words));
            item.append(link);
            return item;
        }));
        if (!found.length)
            list.innerHTML = '<li class="none">nothing found</li>';
        list.hidden = false;
        chosen = -1;
    }

    function choose(step) {
        const links = [...list.querySelectorAll("a")];
        if (!links.length)
            return;
        chosen = (chosen + step + links.length) % links.length;
        links.forEach((link, i) => link.classList.toggle("chosen", i === chosen));
        links[chosen].scrollIntoView({ block: "nearest" });
    }

    box.addEventListener("focus", load);
    box.addEventListener("input", show);
    box.addEventListener("keydown", event => {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            choose(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key === "Escape") {
            list.hidden = true;
        }
    });
    form.addEventListener("submit", event => {
        event.preventDefault();
        const link = list.querySelector("a.chosen") || list.querySelector("a");
        if (link)
            location.href = link.href;
    });
    document.addEventListener("keydown", event => {
        if (event.key === "/" && document.activeElement !== box) {
            event.preventDefault();
            box.focus();
        }
    });
    document.addEventListener("click", event => {
        if (!form.contains(event.target) || event.target.closest("#results a"))
            list.hidden = true;
    });

    /* ?q=words opens with their results: links from elsewhere, and the test. */
    const asked = new URLSearchParams(location.search).get("q");
    if (asked) {
        box.value = asked;
        show();
    }
})();
