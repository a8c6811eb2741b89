"""The doorways: deliveries to look at, replies by program, replies by link."""
