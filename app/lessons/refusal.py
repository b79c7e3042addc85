"""What Learn refuses, as a sentence in the language of whoever reads it: English in a terminal, the page's on Learn."""

from app.errors import InputError
from app.lessons.words import ENGLISH, filled, said


class Refusal(InputError):
    """A refusal whose sentence stands with the words of the languages, under ``refused``; as a text it is English."""

    def __init__(self, name: str, **figures: object) -> None:
        super().__init__(filled(said("refused", name), ENGLISH, **figures))
        self.name, self.figures = name, figures

    def told(self, language: str = ENGLISH) -> str:
        """Return the sentence in a language."""
        return filled(said("refused", self.name, language=language), language, **self.figures)
