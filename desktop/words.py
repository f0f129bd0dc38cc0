"""The sentence for a feedback, in the language that is spoken, without Qt: what the band and a script's output say."""

from core.station.station import Feedback
from desktop.languages import tr
from desktop.messages import note_words, refusal_words


def sentence(feedback: Feedback) -> str:
    """Return what the operator would read of a feedback."""
    if feedback.refusal is not None:
        words = refusal_words(feedback.refusal)
        if feedback.dropped:
            words += " " + tr("{n} more scans not taken. Scan them again.", n=feedback.dropped)
        return words
    if feedback.note is not None:
        return note_words(feedback.note)
    return ""
