"""Composes labelled examples, prompts alone and pairs, from the guard's texts."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from moderation.guard.sources import Part, Sources, Topic, Wish, sources
from moderation.guard.wording import filled, noise, typed, with_goal


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt, or a prompt with its response, and what the guard should say of it.

    `kind` names how it was made, so that errors can be counted by kind.
    """

    prompt: str
    response: str | None = None
    severity: int = 0
    categories: frozenset[str] = frozenset()
    kind: str = ""

    @property
    def is_safe(self) -> bool:
        return self.severity == 0


# How often each kind is made. A guard reads one prompt for each two responses, and two thirds of
# what it reads should be harmless: one that met harm half of the time expects it everywhere.
_MIX = {
    "harmful prompt": 44,
    "look-alike prompt": 33,
    "everyday prompt": 36,
    "prompt about harm": 10,
    "harm, granted": 34,
    "harm, refused": 22,
    "harm, evaded": 6,
    "look-alike, helped": 33,
    "everyday, helped": 39,
    "harmless, refused": 6,
    "harmless, harmful answer": 10,
    "about harm, explained": 8,
}


def examples(part: Part, count: int, *, seed: int) -> list[Example]:
    """`count` examples of a part; the same arguments give the same examples."""
    writer = _Writer(sources(part), random.Random(f"{part}/{seed}"))
    kinds, weights = list(_MIX), list(_MIX.values())
    return [writer.write(kind) for kind in writer.rng.choices(kinds, weights, k=count)]


class _Writer:
    """Writes examples of one part with one source of chance."""

    def __init__(self, texts: Sources, rng: random.Random) -> None:
        self.texts = texts
        self.rng = rng
        self._kinds: dict[str, Callable[[Topic], Example]] = {
            "harmful prompt": self._harmful_prompt,
            "look-alike prompt": self._look_alike_prompt,
            "everyday prompt": self._everyday_prompt,
            "prompt about harm": self._prompt_about_harm,
            "harm, granted": self._granted,
            "harm, refused": self._refused,
            "harm, evaded": self._evaded,
            "look-alike, helped": self._look_alike_helped,
            "everyday, helped": self._everyday_helped,
            "harmless, refused": self._harmless_refused,
            "harmless, harmful answer": self._harmful_answer,
            "about harm, explained": self._explained,
        }

    def write(self, kind: str) -> Example:
        topic = self.rng.choice(self.texts.topics)
        return self._roughened(replace(self._kinds[kind](topic), kind=kind))

    # Prompts alone.

    def _harmful_prompt(self, topic: Topic) -> Example:
        wish = self.rng.choice(topic.wishes)
        prompt, _ = self._asked(wish)
        return Example(prompt, None, wish.severity, wish.categories)

    def _look_alike_prompt(self, topic: Topic) -> Example:
        return Example(self._asked(self.rng.choice(topic.near))[0])

    def _everyday_prompt(self, _topic: Topic) -> Example:
        return Example(self._asked(self.rng.choice(self.texts.everyday))[0])

    def _prompt_about_harm(self, topic: Topic) -> Example:
        return Example(self._about(topic))

    # Pairs: what counts is what the answer does about the prompt.

    def _granted(self, topic: Topic) -> Example:
        wish = self.rng.choice(topic.wishes)
        prompt, goal = self._asked(wish)
        response = self._help(goal, self._harmful_steps(topic), excuse=True)
        return Example(prompt, response, wish.severity, wish.categories)

    def _refused(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self.rng.choice(topic.wishes))
        return Example(prompt, self._refusal(goal))

    def _evaded(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self.rng.choice(topic.wishes))
        return Example(prompt, self._line("aside", goal))

    def _look_alike_helped(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self.rng.choice(topic.near))
        return Example(prompt, self._help(goal, self._harmless_steps(topic)))

    def _everyday_helped(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self.rng.choice(self.texts.everyday))
        return Example(prompt, self._help(goal, self._harmless_steps(topic)))

    def _harmless_refused(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self._harmless_wish(topic))
        return Example(prompt, self._refusal(goal))

    def _harmful_answer(self, topic: Topic) -> Example:
        prompt, goal = self._asked(self._harmless_wish(topic))
        tips = self._harmful_tips(topic, 1, 3)
        response = self._help(goal, tips) if self.rng.random() < 0.5 else " ".join(tips)
        return Example(prompt, response, topic.tip_severity, frozenset({topic.category}))

    def _explained(self, topic: Topic) -> Example:
        sentences = [*self._some(self.texts.answers["explain"], 1, 3)]
        if self.rng.random() < 0.4:
            sentences.append(self.rng.choice(self.texts.answers["reason"]))
        if self.rng.random() < 0.4:
            sentences.append(self.rng.choice(self.texts.answers["redirect"]))
        return Example(self._about(topic), " ".join(sentences))

    # Parts of sentences.

    def _harmless_wish(self, topic: Topic) -> Wish:
        return self.rng.choice(topic.near if self.rng.random() < 0.5 else self.texts.everyday)

    def _asked(self, wish: Wish) -> tuple[str, str]:
        """The prompt, and the goal that an answer may repeat ("do that" for a whole prompt)."""
        text = filled(wish.text, self.texts.slots, self.rng)
        if not wish.is_phrase:
            return text, "do that"
        return with_goal(self.rng.choice(self.texts.frames["ask"]), text), text

    def _about(self, topic: Topic) -> str:
        goals = [wish for wish in topic.wishes if wish.is_phrase]
        goal = filled(self.rng.choice(goals).text, self.texts.slots, self.rng)
        return with_goal(self.rng.choice(self.texts.frames["about"]), goal)

    def _line(self, key: str, goal: str) -> str:
        return with_goal(self.rng.choice(self.texts.answers[key]), goal)

    def _some(self, lines: Sequence[str], least: int, most: int) -> list[str]:
        count = min(self.rng.randint(least, most), len(lines))
        return self.rng.sample(lines, count)

    def _tips(self, least: int, most: int) -> list[str]:
        tips = self._some(self.texts.everyday_tips, least, most)
        return [filled(tip, self.texts.slots, self.rng) for tip in tips]

    def _suggestion(self, wishes: Sequence[Wish]) -> str:
        wish = self.rng.choice([wish for wish in wishes if wish.is_phrase])
        return self._line("suggestion", filled(wish.text, self.texts.slots, self.rng))

    def _harmful_tips(self, topic: Topic, least: int, most: int) -> list[str]:
        tips = self._some(topic.tips, least, most)
        return [self._suggestion(topic.wishes) if self.rng.random() < 0.4 else tip for tip in tips]

    def _harmful_steps(self, topic: Topic) -> list[str]:
        # A third of the harmful answers say nothing harmful by themselves: only the prompt tells.
        if self.rng.random() < 0.33:
            return self._some(self.texts.answers["step"], 1, 4)
        steps = self._harmful_tips(topic, 1, 3) + self._some(self.texts.answers["sly"], 0, 2)
        steps += self._some(self.texts.answers["step"], 0, 2)
        self.rng.shuffle(steps)
        return steps

    def _harmless_steps(self, topic: Topic) -> list[str]:
        steps = self._tips(0, 2)
        for _ in range(self.rng.randint(0, 3)):
            wishes = self.texts.everyday if self.rng.random() < 0.6 else topic.near
            steps.append(self._suggestion(wishes))
        steps += self._some(self.texts.answers["step"], 0 if steps else 1, 3)
        self.rng.shuffle(steps)
        return steps

    def _help(self, goal: str, steps: Sequence[str], *, excuse: bool = False) -> str:
        sentences = list(steps)
        if self.rng.random() < 0.7:
            sentences.insert(0, self._line("opener", goal))
        if excuse and self.rng.random() < 0.25:
            sentences.insert(0, self._line("excuse", goal))
        if self.rng.random() < 0.3:
            sentences.append(self._line("closer", goal))
        return " ".join(sentences)

    def _refusal(self, goal: str) -> str:
        sentences = [self._line("refusal", goal)]
        if self.rng.random() < 0.6:
            sentences.append(self._line("reason", goal))
        if self.rng.random() < 0.6:
            sentences += self._some(self.texts.answers["redirect"], 1, 2)
        if self.rng.random() < 0.2:
            sentences.append(self._suggestion(self.texts.everyday))
        return " ".join(sentences)

    # What a real text has around its point.

    def _roughened(self, example: Example) -> Example:
        prompt, response = typed(example.prompt, self.rng), example.response
        if self.rng.random() < 0.15:
            prompt = f"{self.rng.choice(self.texts.frames['lead'])} {prompt}"
        if self.rng.random() < 0.1:
            prompt = self._padded(prompt)
        if response is not None and self.rng.random() < 0.1:
            response = self._padded(response)
        if self.rng.random() < 0.45:
            prompt, response = self._distracted(prompt, response)
        return replace(example, prompt=prompt, response=response)

    def _padded(self, text: str) -> str:
        """The text among harmless sentences, so that a long text does not look safe by length."""
        around = self._tips(1, 8)
        around.insert(self.rng.randint(0, len(around)), text)
        return " ".join(around)

    def _distracted(self, prompt: str, response: str | None) -> tuple[str, str | None]:
        """Something beside the point is said before or after; it changes nothing."""
        said = self._distraction()
        if response is None or self.rng.random() < 0.3:
            return self._beside(prompt, said), response
        return prompt, self._beside(response, said)

    def _distraction(self) -> str:
        chance = self.rng.random()
        if chance < 0.5:
            return self.rng.choice(self.texts.injections)
        if chance < 0.7:
            return self._asked(self.rng.choice(self.texts.everyday))[0]
        if chance < 0.85:
            return self._suggestion(self.texts.everyday)
        return noise(self.rng)

    def _beside(self, text: str, said: str) -> str:
        return f"{text} {said}" if self.rng.random() < 0.75 else f"{said} {text}"
