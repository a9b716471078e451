import pytest

from tests.house.doors import Doors
from tests.house.world import two_clients


@pytest.fixture
def doors(db, settings, tmp_path) -> Doors:
    """Two clients in one house, and their people before its doors."""
    settings.MEDIA_ROOT = tmp_path
    return Doors(two_clients())
