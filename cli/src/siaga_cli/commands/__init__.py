"""The commands of `siaga`, one module each; a module offers itself by `register(app)`."""
