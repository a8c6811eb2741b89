"""Statistics: projections and recaps whose sums add up."""
