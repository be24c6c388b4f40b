"""`make upgrade-rehearsal`: from CKAN 2.11 to 2.12 with the suite, and compared."""
