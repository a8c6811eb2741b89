"""Under which names acts leave what they saw (`History.noted`), for the checks that read it."""

POISON = "poison"
"""Records that were broken on purpose, each with its topic and place."""
BROKEN_TICKET, DOOR, KEPT = "broken_ticket", "poison_at_the_door", "refused_and_kept"
OPENED, TAKEN_AGAIN = "letters_opened", "letters_taken_again"
LIES_TOLD, FOLLOWED, MEMORY = "lies_told", "redirects_followed", "notifier_bytes"
REACHED, LATE = "reached_the_list", "generator_late"

LYING_AGENCY = "dinkes"
"""Whose endpoint lies, in each tenant."""
FLOOD, FIRST, OTHER = "flood", "first-time caller", "other tenant"
"""Who calls while one tenant is flooded."""
