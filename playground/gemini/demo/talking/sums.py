"""Plain arithmetic, and charts of numbers that are said: neither needs a tool."""

import ast
import operator
import re
from collections.abc import Callable

SUM = re.compile(
    r"^(?:what is|how much is|calculate|compute|solve"
    r"|and)?\s*([-(\d][\d\s.,+*/x×÷()^%-]*[\d)%])\s*(?:=\s*\??|\?)?$",
    re.IGNORECASE,
)
SPOKEN = (
    (r"\bplus\b", "+"),
    (r"\bminus\b", "-"),
    (r"\btimes\b|\bmultiplied by\b|[x×]", "*"),
    (r"\bdivided by\b|÷", "/"),
)
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent) of (\d+(?:\.\d+)?)")
DOES: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}
CHART = re.compile(r"\b(?:(bar|line|area|pie) )?chart\b(?: (?:of|with|for))?\s*:?", re.IGNORECASE)
POINT = re.compile(r"([A-Za-z][A-Za-z .-]{0,18}?)[ :=]+(-?\d+(?:\.\d+)?)(?=[,;.]?(?:\s|$))")
DRAW = re.compile(r"\W*(?:please |can you |could you )?(?:draw|make|show|plot|create)\b", re.IGNORECASE)
NO_NUMBERS = "I draw the numbers that you tell me: “bar chart: Mon 3, Tue 5”, or as a line, area or pie chart."
LARGEST = 1e15


def charted(text: str) -> str | None:
    """«pie chart: apples 3, pears 5» as the fenced block that is drawn; None where no chart is asked for."""
    asked = CHART.search(text)
    points = POINT.findall(text[asked.end() :]) if asked else []
    if asked is None or len(points) < 2:
        return NO_NUMBERS if asked and DRAW.match(text) else None
    rows = "\n".join(f"| {name.strip().removeprefix('and ')} | {number} |" for name, number in points)
    kind = (asked[1] or "bar").lower()
    return f"Here it is:\n\n```chart\n{kind}: What you told me\n| What | Number |\n| --- | ---: |\n{rows}\n```"


def total(text: str) -> str | None:
    """«12 × 7 = 84.»; None when it is no sum."""
    said = text.strip()
    for word, sign in SPOKEN:
        said = re.sub(word, sign, said, flags=re.IGNORECASE)
    said = PERCENT.sub(r"\1/100*\2", said)
    match = SUM.match(said)
    if (
        not match
        or not re.search(r"\d\s*[-+*/]\s*[\d(]", match[1])
        or re.search(r"\d-\d+-\d", match[1])
        or len(match[1]) > 80
    ):
        return None
    asked = match[1].replace(",", "").strip()
    try:
        result = _value(ast.parse(asked, mode="eval").body)
    except ZeroDivisionError:
        return "Nothing can be divided by zero."
    except (SyntaxError, ValueError, TypeError, OverflowError):
        return None
    if part := PERCENT.search(text):
        return f"{part[1]}% of {part[2]} is **{_said(result)}**."
    shown = re.sub(r"\s*([+*/-])\s*", r" \1 ", asked).replace("*", "×").replace("/", "÷")
    return f"{shown} = **{_said(result)}**."


def _value(node: ast.AST) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in DOES:
            return DOES[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in DOES:
            result = DOES[type(op)](_value(left), _value(right))
            if abs(result) > LARGEST:
                raise OverflowError
            return result
    raise ValueError


def _said(number: float) -> str:
    return f"{int(number):,}" if number == int(number) else f"{number:,.6g}"
