import pytest
from ckan.tests import helpers, factories
import ckan.plugins.toolkit as tk
@pytest.mark.usefixtures("with_plugins","clean_db","clean_index")
def test_x():
    from ckanext.scheming.helpers import scheming_get_dataset_schema
    print(scheming_get_dataset_schema("dataset").get("after_validators"))
