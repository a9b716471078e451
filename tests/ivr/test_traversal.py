"""Property tests walk random menus with random input: every walk ends in a place, a good-bye or a question."""

from hypothesis import given
from hypothesis import strategies as st

from apps.ivr.traversal import MAX_STEPS, Digits, MenuView, OptionView, Outcome, Silence, step

KEYS = "0123456789*#"
MAIN = MenuView(1, tries=3, options=(OptionView("1", "Dispatch", destination=10), OptionView("2", "More", menu=2)))


@st.composite
def flows(draw):
    pks = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5, unique=True))
    return {pk: draw(_menus(pk, pks)) for pk in pks}


@st.composite
def _menus(draw, pk, pks):
    leads = st.one_of(
        st.builds(lambda to: {"destination": to}, st.integers(100, 110)),
        st.builds(lambda to: {"menu": to}, st.sampled_from(pks)),
    )
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6))
    options = tuple(OptionView(key, **draw(leads)) for key in keys)
    return MenuView(pk, draw(st.integers(1, 5)), options, draw(st.none() | st.integers(100, 110)))


heard = st.one_of(
    st.just(Silence()), st.builds(Digits, st.text(min_size=1, max_size=3)), st.sampled_from(KEYS).map(Digits)
)


def walk(menus: dict[int, MenuView], answers) -> Outcome | None:
    """The outcome with which the walk leaves the menus; None when it still waits for an answer."""
    at, tries = next(iter(menus)), 0
    for steps, answer in enumerate(answers):
        outcome = step(menus[at], tries, answer, steps=steps)
        if outcome.kind != "menu":
            return outcome
        at, tries = outcome.menu, outcome.tries
        assert at in menus
        assert tries < menus[at].tries
    return None


@given(flows(), st.lists(heard, max_size=40))
def test_every_walk_ends_in_a_place_a_good_bye_or_a_question(menus, answers):
    outcome = walk(menus, answers)

    assert outcome is None or outcome.kind == "give_up" or outcome.destination is not None


@given(flows())
def test_a_silent_caller_leaves_after_as_many_tries_as_the_menu_has(menus):
    first = next(iter(menus.values()))

    assert walk(menus, [Silence()] * (first.tries - 1)) is None
    assert walk(menus, [Silence()] * first.tries).destination == first.otherwise


@given(flows(), st.sampled_from(KEYS))
def test_a_line_that_presses_for_ever_is_let_go(menus, key):
    outcome = walk(menus, [Digits(key)] * MAX_STEPS)

    assert outcome is not None


def test_a_known_key_leads_to_its_destination():
    assert step(MAIN, 0, Digits("1")) == Outcome("destination", "pressed", destination=10, option=MAIN.options[0])


def test_a_known_key_leads_to_the_next_menu_and_forgives_the_tries():
    assert step(MAIN, 2, Digits("2")) == Outcome("menu", "pressed", menu=2, option=MAIN.options[1])


def test_a_wrong_key_and_silence_both_use_up_a_try():
    assert step(MAIN, 0, Digits("9")) == Outcome("menu", "wrong", menu=1, tries=1)
    assert step(MAIN, 1, Silence()) == Outcome("menu", "silent", menu=1, tries=2)
    assert step(MAIN, 2, Silence()) == Outcome("give_up", "silent")


def test_the_last_wrong_try_goes_otherwise():
    menu = MenuView(1, tries=1, options=MAIN.options, otherwise=77)

    assert step(menu, 0, Digits("9")) == Outcome("destination", "wrong", destination=77)


def test_several_keys_at_once_are_not_one_of_them():
    assert step(MAIN, 0, Digits("11")).cause == "wrong"
