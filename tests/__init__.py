"""All tests; a package, so that `tests.portal` is never taken for the service `portal`."""
