"""A second signing key: OpenID Connect Core 1.0, "Rotation of Asymmetric Signing Keys"."""

from testproject.op.faults.profile import Profile

PROFILES = {
    "key-rotated": Profile("a new key signs, the old one is still published", keys=("first", "second")),
    "key-replaced": Profile("a new key signs, the old one is no longer published, for nobody", keys=("second",)),
}
