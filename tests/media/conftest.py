from hypothesis import settings

# the machine that runs the tests may be busy: an example may take any time
settings.register_profile("media", deadline=None)
settings.load_profile("media")
