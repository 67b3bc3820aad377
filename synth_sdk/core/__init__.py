"""Words, errors, money, seeds, clock and plugin look-up: what every floor shares. Imports none of the others."""
