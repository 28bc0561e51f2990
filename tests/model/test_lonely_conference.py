"""An agency without ties is invited to no conference, whatever it holds on file."""

import pytest
from pandas.testing import assert_frame_equal
from tests.model.authority import changed, run_of, scenario
from tests.model.test_lonely_agency import CHILDREN_OUTCOMES, LONELY


@pytest.mark.parametrize("seed", [1, 2])
def test_an_agency_that_talks_to_nobody_sways_no_conference(seed: int) -> None:
    away, would_come = (
        run_of(
            changed(scenario(), agencies={"youth_justice": {**LONELY, "conference_attendance": chance}}), seed
        )
        for chance in (0.0, 0.9)
    )
    assert_frame_equal(would_come.spells[CHILDREN_OUTCOMES], away.spells[CHILDREN_OUTCOMES], check_exact=True)
    assert_frame_equal(would_come.weekly, away.weekly, check_exact=True)
