"""The exercises (examples/exercises) as a course meets them: as given each says that it is not solved yet, solved it says so, and
wrong answers put into what is given get the hint that belongs to the mistake.

    answers.py SOURCE BUILD WORK CC JUDGE LINK...
"""
import os
import re
import shlex
import subprocess
import sys

SOLVED, WRONG, UNSOLVED = 0, 1, 3

# exercise: [(which of its answers, counted from 0, what is written there, status, what has to be printed)]
SLOPE = "wg_rsub(wg_square(wg_tanh(h)), 1)"
ANSWERS = {
    "softplus": [
        (0, "wg_mul(g, wg_neg(wg_sigmoid(wg_in(y, i))))", WRONG, "hint: the sign is wrong"),
        (0, "wg_mul_scalar(wg_mul(g, wg_sigmoid(wg_in(y, i))), 2)", WRONG, "2 times what it should be"),
        (0, "wg_mul_scalar(wg_mul(g, wg_sigmoid(wg_in(y, i))), -0.5)", WRONG, "the sign and a factor: it is 0.5 times"),
        (0, "wg_mul(g, wg_sigmoid(y))", WRONG, "taken at y; it belongs at x"),
        (0, "wg_mul(g, wg_sigmoid(wg_neg(wg_in(y, i))))", WRONG, "the sigmoid of -x"),
        (0, "wg_mul(g, wg_mul(wg_sigmoid(wg_in(y, i)), wg_rsub(wg_sigmoid(wg_in(y, i)), 1)))", WRONG, "the sigmoid's derivative"),
        (0, "wg_sigmoid(wg_in(y, i))", WRONG, "the incoming adjoint g is missing"),
        (0, "g", WRONG, "the local derivative is missing"),
        (0, "wg_mul(g, wg_rdiv(wg_add_scalar(wg_exp(wg_in(y, i)), 1), 1))", WRONG, "e^x is missing"),
        (0, "wg_mul_scalar(g, 0)", WRONG, "it is 0 everywhere"),
        (0, "wg_log(wg_mul_scalar(g, 0))", WRONG, "it is not finite"),
        (0, "wg_sum(wg_mul(g, wg_sigmoid(wg_in(y, i))))", WRONG, "a gradient has the shape of what it is taken in"),
        # right, in another way
        (0, "wg_mul(g, wg_sub(wg_full_like(y, 1), wg_exp(wg_neg(y))))", SOLVED, "solved"),
        # right where it is asked, but no rule: a constant cannot be differentiated again
        (0, "wg_mul(g, wg_stop_gradient(wg_sigmoid(wg_in(y, i))))", WRONG, "second derivative"),
    ],
    "relu": [
        (0, "wg_mul(g, wg_ge(x, wg_full_like(x, 0)))", WRONG, "right but at the kink"),
        (0, "wg_mul(g, wg_heaviside(x))", WRONG, "not 1/2"),
        (0, "wg_mul(g, wg_relu(x))", WRONG, "relu's value, not its slope"),
        (0, "wg_mul(g, wg_sign(x))", WRONG, "left of 0 the slope is 0"),
        (0, "wg_mul(g, wg_lt(x, wg_full_like(x, 0)))", WRONG, "of 5 elements are right"),
        (0, "g", WRONG, "the local derivative is missing"),
        (0, "wg_mul(g, wg_sign(wg_relu(x)))", SOLVED, "solved"),
    ],
    "chain": [
        (0, "wg_mul(wg_mul_scalar(wg_sub(a2, y), 2), a1)", WRONG, "a2 (1 - a2) is missing"),
        (0, "wg_mul(wg_mul(wg_sub(a2, y), wg_mul(a2, wg_rsub(a2, 1))), a1)", WRONG, "it is 0.5 times"),
        (0, "wg_mul(wg_mul(wg_mul_scalar(wg_sub(y, a2), 2), wg_mul(a2, wg_rsub(a2, 1))), a1)", WRONG, "the sign is wrong"),
        (1, "wg_mul(wg_mul(wg_mul_scalar(wg_sub(a2, y), 2), wg_mul(a2, wg_rsub(a2, 1))), wg_mul(w2, a0))", WRONG,
         "a1 (1 - a1) is missing"),
        (1, "wg_mul(wg_mul(wg_mul_scalar(wg_sub(a2, y), 2), wg_mul(a2, wg_rsub(a2, 1))),"
            " wg_mul(wg_mul(a1, wg_rsub(a1, 1)), a0))", WRONG, "the factor dz2/da1 = w2 is missing"),
        (1, "wg_add(wg_add(a0, a1), wg_add(w2, wg_add(a2, y)))", WRONG, "finite differences give"),
        (2, "wg_mul(wg_mul_scalar(u, 2), wg_sin(u))", WRONG, "the path through y alone"),
        (2, "wg_mul(wg_square(u), wg_cos(u))", WRONG, "the path through w alone"),
        (2, "wg_mul(wg_mul_scalar(u, 2), wg_cos(u))", WRONG, "paths are added"),
        # a part is solved, the others are not
        (2, "wg_add(wg_mul(wg_mul_scalar(u, 2), wg_sin(u)), wg_mul(wg_square(u), wg_cos(u)))", UNSOLVED, "dz/du: solved"),
    ],
    "dense": [
        (0, f"wg_matmul(x, wg_transpose(wg_mul({SLOPE}, D)))", WRONG, "right, but transposed"),
        (0, f"wg_matmul(wg_transpose(wg_mul({SLOPE}, D)), x)", WRONG, "the factors do not fit"),  # equation 10
        (0, "wg_matmul(D, wg_transpose(x))", WRONG, "the factor f'(h) is missing"),
        (0, "wg_matmul(wg_mul(wg_rsub(wg_square(h), 1), D), wg_transpose(x))", WRONG, "not 1 - h^2"),
        (1, "wg_mul(h, wg_mul_scalar(D, 0))", WRONG, "it is 0 everywhere"),
        (1, "D", WRONG, "the factor f'(h) is missing"),
        (1, f"wg_sum(wg_mul({SLOPE}, D))", WRONG, "a gradient has the shape"),
        (2, f"wg_matmul(W, wg_mul({SLOPE}, D))", WRONG, "the factors do not fit"),
        (2, f"wg_transpose(wg_matmul(wg_transpose(wg_mul({SLOPE}, D)), W))", UNSOLVED, "dx: solved"),
        (2, f"wg_matmul(wg_transpose(wg_mul({SLOPE}, D)), W)", WRONG, "right, but transposed"),
        (2, "wg_matmul(wg_transpose(W), D)", WRONG, "the factor f'(h) is missing"),
    ],
    "batch": [
        (0, "wg_matmul(wg_transpose(G), X)", WRONG, "right, but transposed"),
        (0, "wg_matmul(X, G)", WRONG, "the factors do not fit"),
        (0, "wg_mul_scalar(wg_matmul(wg_transpose(X), G), 0.25)", WRONG, "not their mean"),
        (1, "G", WRONG, "the sum over the batch is missing"),
        (1, "wg_mean_axes(G, WG_AXES(0), false)", WRONG, "not their mean"),
        (1, "wg_sum_axes(G, WG_AXES(0), true)", WRONG, "right, but of shape [1, 3]"),
        (1, "wg_sum_axes(G, WG_AXES(1), false)", WRONG, "sums over the outputs"),
        (1, "wg_sum(G)", WRONG, "sums over everything"),
    ],
    "cross_entropy": [
        (0, "wg_sub(y, wg_sigmoid(a))", WRONG, "the sign is wrong"),
        (0, "wg_mul(wg_sub(wg_sigmoid(a), y), wg_mul(wg_sigmoid(a), wg_rsub(wg_sigmoid(a), 1)))", WRONG, "sigma'(a) cancels"),
        (0, "wg_sub(a, y)", WRONG, "not with a"),
        (1, "wg_sub(wg_softmax(a, -1), y)", WRONG, "the factor 1/3 is missing"),
        (1, "wg_div_scalar(wg_sub(wg_softmax(a, -1), y), 9)", WRONG, "not over all 9 elements"),
        (1, "wg_div_scalar(wg_sub(wg_softmax(a, 0), y), 3)", WRONG, "along the classes"),
        (1, "wg_div_scalar(wg_sub(wg_sigmoid(a), y), 3)", WRONG, "share one softmax"),
    ],
    "tanh_deltas": [
        (0, "wg_mul_scalar(wg_sub(x2, y), 2)", WRONG, "1 - x^2 is missing"),
        (0, "wg_mul(wg_sub(x2, y), wg_rsub(wg_square(x2), 1))", WRONG, "it is 0.5 times"),
        (0, "wg_mul(wg_mul_scalar(wg_sub(x2, y), 2), wg_rsub(wg_square(wg_tanh(x2)), 1))", WRONG, "without another tanh"),
        (1, "wg_matmul(delta2, wg_transpose(W))", WRONG, "1 - x^2 is missing"),
        (1, "wg_mul(wg_rsub(wg_square(x1), 1), delta2)", WRONG, "goes back through the weights"),
        (1, "wg_mul(wg_rsub(x1, 1), wg_matmul(delta2, wg_transpose(W)))", WRONG, "not 1 - x"),
        (1, "wg_mul(wg_rsub(wg_square(x1), 1), wg_matmul(delta2, W))", WRONG, "the factors do not fit"),
    ],
    "wrong_gradient": [
        (0, '"dz1"', WRONG, "this line is right"),
        (0, '"dw2"', WRONG, "agree with finite differences"),
        (0, '"dz2"', WRONG, "agree"),
        (0, '"dw1"', WRONG, "this line is right"),
        (0, '"dW"', WRONG, "is no line of the listing"),
        (0, '"dh1"', UNSOLVED, "which line: solved"),
        (1, "wg_matmul(wg_transpose(dw2), dz2)", WRONG, "the listing's own line"),
        (1, "wg_matmul(dz2, W2)", WRONG, "right, but transposed"),
    ],
    "xor_update": [
        (0, "wg_add(w, wg_mul_scalar(dJ_dw, eta))", WRONG, "climbs the cost"),
        (0, "wg_sub(w, dJ_dw)", WRONG, "the rate eta is missing"),
        (0, "wg_mul_scalar(dJ_dw, -eta)", WRONG, "the step alone"),
        (0, "wg_mul_scalar(wg_sub(w, dJ_dw), eta)", WRONG, "eta belongs to the gradient alone"),
        (0, "wg_sub(w, wg_div_scalar(dJ_dw, eta))", WRONG, "it does not divide it"),
        (0, "w", WRONG, "w stays as it is"),
    ],
    "second": [
        (0, "wg_mul(s, wg_rsub(s, 1))", WRONG, "the first derivative"),
        (0, "wg_rsub(wg_mul_scalar(s, 2), 1)", WRONG, "the other factor, sigma', is missing"),
        (0, "wg_mul(wg_mul(s, wg_rsub(s, 1)), wg_add_scalar(wg_mul_scalar(s, 2), -1))", WRONG, "the sign is wrong"),
        (0, "wg_mul(wg_mul(s, wg_rsub(s, 1)), wg_rsub(s, 1))", WRONG, "one of them was held fixed"),
        (0, "wg_square(wg_mul(s, wg_rsub(s, 1)))", WRONG, "a derivative of a product is a sum"),
    ],
}
BLANK = re.compile(r'not_solved\([^)]*\)|(?<=wrong_line\[\] = )""')


def run(program, what, status, said, faults):
    result = subprocess.run([program], capture_output=True, text=True, check=False)
    if result.returncode != status or said not in result.stdout:
        faults.append(f'{what}: wanted {status} and "{said}", got {result.returncode} and\n{result.stdout}{result.stderr}')


def main():
    source, build, work, cc, judge, *link = sys.argv[1:]
    folder, faults, count = os.path.join(source, "examples/exercises"), [], 0
    os.makedirs(work, exist_ok=True)
    given = sorted(name[:-2] for name in os.listdir(folder) if name.endswith(".c"))
    if given != sorted(ANSWERS):
        faults.append(f"exercises are {given}, answers are for {sorted(ANSWERS)}")
    for name in given:
        run(os.path.join(build, "examples/exercises", name), f"{name} as given", UNSOLVED, "not solved yet", faults)
        run(os.path.join(build, "examples/exercises/solutions", name), f"{name} solved", SOLVED, "\nsolved\n", faults)
        with open(os.path.join(folder, f"{name}.c"), encoding="utf-8") as file:
            text = file.read()
        for place, answer, status, said in ANSWERS.get(name, []):
            blanks = list(BLANK.finditer(text))
            blank = blanks[place]
            path = os.path.join(work, f"{name}-{count}")
            with open(f"{path}.c", "w", encoding="utf-8") as file:
                file.write(text[:blank.start()] + answer + text[blank.end():])
            command = [cc, "-std=c11", "-w", f"-I{source}/include", f"-I{folder}", f"{path}.c", judge, "-o", path]
            built = subprocess.run(command + shlex.split(" ".join(link)), capture_output=True, text=True, check=False)
            if built.returncode:
                faults.append(f"{name}: {answer} does not compile:\n{built.stderr}")
            else:
                run(path, f"{name}: {answer}", status, said, faults)
                os.remove(path)
            count += 1
    print("\n".join(faults + [f"{len(given)} exercises, {count} answers, {len(faults)} faults"]))
    return 1 if faults else 0


sys.exit(main())
