"""The sentence for a feedback, in English, without Qt: what a script's output and the log of a test read.

Windows translate; this is the source text they translate from.
"""

from core.station.station import Feedback
from desktop.messages import note_words, refusal_words


def sentence(feedback: Feedback) -> str:
    """Return what the operator would read of a feedback."""
    if feedback.refusal is not None:
        words = refusal_words(feedback.refusal)
        if feedback.dropped:
            words += f" {feedback.dropped} more scans not taken: scan them again."
        return words
    if feedback.note is not None:
        return note_words(feedback.note)
    return ""
