"""load"""


def add_options(parser):
    pass


def run(house, options):
    return {}
