"""Named sets of answering thresholds.

Sources: NENA-STA-020.1-2020 (90% ≤ 15 s, 95% ≤ 20 s); NFPA 1225 (2022), as told by NFPA Today of
2023-01-23 (90% ≤ 10 s). Editions disagree, so raw times are always kept.
"""

from statistics_service.domain.recap import Profile, Threshold

NENA_2020 = Profile("nena_2020", (Threshold(15, 0.90), Threshold(20, 0.95)))
NFPA_1225_2022 = Profile("nfpa_1225_2022", (Threshold(10, 0.90),))
NAMED = {profile.name: profile for profile in (NENA_2020, NFPA_1225_2022)}


def profile_named(name: str, own: tuple[Threshold, ...]) -> Profile:
    """Return the profile of a tenant: a named one, or its own thresholds."""
    return NAMED.get(name) or Profile(name, own)
