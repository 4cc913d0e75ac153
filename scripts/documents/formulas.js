/* Formulas to HTML by KaTeX: reads [[tex, display], ...] as JSON, writes [html, ...]; a formula that it cannot read is an error. */
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(([tex, display]) => {
    try {
        return katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: false });
    } catch (error) {
        process.stderr.write(tex + "\n    " + error.message + "\n");
        process.exitCode = 1;
        return "";
    }
})));
