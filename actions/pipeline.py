"""Runs the scripts of a trigger in order and folds what they decide into one outcome."""

from collections.abc import Callable, Sequence

from actions.triggers import Event, Outcome

Script = Callable[[Event], Outcome]


def run(scripts: Sequence[Script], event: Event) -> Outcome:
    """Run `scripts` in order and return their common outcome; a denial ends the run.

    Later claims replace earlier ones of the same name.
    """
    total = Outcome()
    for script in scripts:
        outcome = script(event)
        if outcome.denied_because:
            return Outcome(denied_because=outcome.denied_because)
        total = Outcome(
            id_token_claims={**total.id_token_claims, **outcome.id_token_claims},
            access_token_claims={**total.access_token_claims, **outcome.access_token_claims},
        )
    return total
