"""The contracts of Siaga 112: the words, the events and the topics that its services share."""
