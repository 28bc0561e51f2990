"""An agency without ties is not invited to conferences, even if it holds evidence."""

import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import replace_sections, run_scenario, scenario
from tests.model.test_isolated_agency import CHILDREN_OUTCOMES, ISOLATED


@pytest.mark.parametrize("seed", [1, 2])
def test_an_agency_without_ties_has_no_effect_on_conferences(seed: int) -> None:
    absent, willing = (
        run_scenario(
            replace_sections(
                scenario(), agencies={"youth_justice": {**ISOLATED, "conference_attendance": chance}}
            ),
            seed,
        )
        for chance in (0.0, 0.9)
    )
    assert_frame_equal(willing.spells[CHILDREN_OUTCOMES], absent.spells[CHILDREN_OUTCOMES], check_exact=True)
    assert_frame_equal(willing.weekly, absent.weekly, check_exact=True)
