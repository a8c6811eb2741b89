"""The projections in the store, by generation, so that they can be built again beside themselves."""
