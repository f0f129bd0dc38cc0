"""A screen in words, for a screen reader and for a script's output: the prompt first, then what proves it."""

from desktop.cards import InHand
from desktop.proofs import Hero, Packing, Paper, Place, Rows, Sheet, Steps, Subject, Take
from desktop.screens import BLOCK, Screen
from desktop.storyline import Story


def spoken(screen: Screen) -> tuple[str, ...]:
    """Return what is said of a prompt and what proves it, part by part."""
    said: list[str] = []
    if screen.loud is not None:
        said += [screen.loud.title, screen.loud.rest]
    said += [screen.prompt.replace(BLOCK, "" if screen.block is None else screen.block.words), screen.detail]
    match screen.proof:
        case Hero(words=words, detail=detail):
            said += [words, detail]
        case Place() as place:
            said += [place.code, place.lead, place.block.words, place.unit, place.thing.words]
        case Take(thing=thing, notes=notes):
            said += [thing.words, *notes]
        case Subject(thing=thing, block=block, detail=detail):
            said += ["" if block is None else block.words, thing.words, detail]
        case Packing(count=count):
            said.append(count)
        case Rows(rows=rows, empty=empty) | Sheet(rows=rows, empty=empty):
            counts = [each.amount or (str(each.total) if each.total else "") for each in rows]
            told = zip(rows, counts, strict=True)
            said += [" ".join(filter(None, (each.words, count, each.detail))) for each, count in told] or [empty]
            said += [f"{each.name}: {each.value}" for each in getattr(screen.proof, "facts", ())]
        case Steps(steps=steps, facts=facts):
            said += [*steps, *(f"{each.name}: {each.value}" for each in facts)]
        case Story(rows=rows, empty=empty):
            said += [each.said for each in rows] or [empty]
        case Paper(label=label, stages=stages):
            said += [label.code, *(each.words for each in stages if each.mark == "now")]
        case _:
            hand = next((each for each in screen.beside if isinstance(each, InHand)), None)
            said += [] if hand is None else [hand.block.words, hand.unit, hand.thing.words]
    return tuple(each for each in said if each)
