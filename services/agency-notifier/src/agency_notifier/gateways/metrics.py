"""The notifier's metric names, one place, with what each one means."""

from prometheus_client import Counter, Gauge, Histogram

TRIES = Counter(
    "siaga_delivery_tries_total",
    "Tries to reach a contact, by tenant, channel and where the delivery stood afterwards.",
    ["tenant", "channel", "status"],
)
DELIVERED_SECONDS = Histogram(
    "siaga_delivery_seconds",
    "From dispatch's offer until the contact's server took the message, by channel that got through.",
    ["channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
IN_HAND = Gauge("siaga_deliveries_in_hand", "Tries under way or waiting for their turn in this process.")
