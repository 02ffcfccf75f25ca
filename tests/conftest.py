"""What all tests share: properties are tried with the same examples on every run, at any speed."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "chatctl", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("chatctl")
