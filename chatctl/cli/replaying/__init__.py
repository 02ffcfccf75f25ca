"""What ``chatctl replay`` does once its options are read."""
