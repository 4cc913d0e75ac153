"""Whether a line shown in a document is one that a program printed: words to the letter, numbers to a tolerance, columns in their places."""
import re

NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w])|[-+]?\b(?:inf|nan)\b")
ROUNDING = 1e-9  # what is smaller than this, and printed with an exponent, is rounding: another on another machine


def _pieces(line):
    """Texts and numbers in turn.  A digit that follows a letter, as in W1 or x_2, belongs to the text."""
    texts, numbers, end = [], [], 0
    for match in NUMBER.finditer(line):
        start = match.start()
        before = line[start - 1] if start else " "
        if match[0][0] in "+-" and (before.isalnum() or before in "_)]"):  # 3-4: a range, not a negative number
            start += 1
            before = line[start - 1]
        if before.isalnum() or before in "_.":
            continue
        texts.append(line[end:start])
        numbers.append((line[start:match.end()], start))
        end = match.end()
    return texts + [line[end:]], numbers


def _last_digit(text):
    """What one more in the last printed digit is worth."""
    mantissa, _, exponent = text.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - places)


def same_number(shown, printed):
    if shown == printed:
        return True
    a, b = float(shown), float(printed)
    if a != a or b != b:
        return a != a and b != b
    if a == b:
        return True
    if abs(a) < ROUNDING and abs(b) < ROUNDING and ("e" in (shown + printed).lower()):
        return True
    if re.fullmatch(r"[-+]?\d+", shown) and re.fullmatch(r"[-+]?\d+", printed):
        return False  # counts
    return abs(a - b) <= max(1e-6 * max(abs(a), abs(b)), 0.5000001 * _last_digit(shown))


def _blank(text, left, right):
    """text without the blanks beside a number that is printed with another width."""
    if left:
        text = text.lstrip(" ")
    return text.rstrip(" ") if right else text


def same_line(shown, printed):
    shown, printed = shown.rstrip(), printed.rstrip()
    if shown == printed:
        return True
    texts, numbers = _pieces(shown)
    other_texts, other_numbers = _pieces(printed)
    if len(numbers) != len(other_numbers):
        return False
    wider = []
    for (a, at), (b, other_at) in zip(numbers, other_numbers):
        if not same_number(a, b):
            return False
        # A minus sign or an exponent's digit more may not move the column: its left or its right edge stays.
        if at != other_at and at + len(a) != other_at + len(b):
            return False
        wider.append(at != other_at or len(a) != len(b))
    for i, (a, b) in enumerate(zip(texts, other_texts)):
        left = i > 0 and wider[i - 1]
        right = i < len(wider) and wider[i]
        if _blank(a, left, right) != _blank(b, left, right):
            return False
    return True


def first_missing(shown, printed):
    """The number of the first shown line that does not occur in its place among the printed ones; None if all do.  A shown line `...`
    stands for any lines, also at the beginning and the end; without one, neighbours are neighbours."""
    parts, part = [], []
    for number, line in enumerate(shown):
        if line.strip() == "...":
            parts.append(part)
            part = []
        else:
            part.append((number, line))
    parts.append(part)
    position, farthest = 0, 0
    for index, part in enumerate(parts):
        if not part:
            continue
        starts = range(position, len(printed) - len(part) + 1)
        if index == 0 and shown_from_start(shown):
            starts = starts[:1]
        if index == len(parts) - 1:
            if len(parts) == 1 and len(printed) > len(part):
                return part[-1][0] + 1
            starts = starts[-1:]
        best = -1
        for start in starts:
            matched = 0
            while matched < len(part) and same_line(part[matched][1], printed[start + matched]):
                matched += 1
            if matched == len(part):
                best = None
                position = start + len(part)
                break
            best = max(best, matched)
        if best is not None:
            return part[max(best, 0)][0]
    return None


def shown_from_start(shown):
    return bool(shown) and shown[0].strip() != "..."
