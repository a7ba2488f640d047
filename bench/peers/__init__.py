"""The same items, checked by Readiness, Cloud Custodian and Prowler on one account whose faults are known."""
