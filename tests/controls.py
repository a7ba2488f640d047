"""The ids of controls that exist, as their publishers' pages name them. Those of services that no check is about lack.

- Security Hub: docs.aws.amazon.com/securityhub/latest/userguide, the page of each service's controls
- AWS Config: docs.aws.amazon.com/config/latest/developerguide, one page for each managed rule
- Well-Architected: docs.aws.amazon.com/wellarchitected/latest/framework, the questions of the pillars
- NIST SP 800-53: the related requirements on the pages of the Security Hub controls
- Prowler: the folders of prowler/providers/aws/services in its repository
"""

from readiness.engine.control import Framework

SERVICES = {"CloudTrail": 7, "CloudWatch": 17, "DynamoDB": 7, "KMS": 5}
"""The number up to which all controls of a service exist."""

SECURITY_HUB = {f"{service}.{number + 1}" for service, most in SERVICES.items() for number in range(most)}

KNOWN = {
    Framework.SECURITY_HUB: SECURITY_HUB
    | {f"IAM.{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 21, 22, 26, 27, 28)},
    Framework.CONFIG: {
        *("cloudtrail-enabled", "cloudtrail-security-trail-enabled"),
        *("cloudwatch-alarm-action-check", "cloudwatch-alarm-action-enabled-check"),
        *("cmk-backing-key-rotation-enabled", "kms-cmk-not-scheduled-for-deletion"),
        *("cw-loggroup-retention-period-check", "lambda-concurrency-check", "lambda-dlq-check"),
        *("dynamodb-autoscaling-enabled", "dynamodb-in-backup-plan", "dynamodb-pitr-enabled"),
        *("dynamodb-resources-protected-by-backup-plan", "dynamodb-table-deletion-protection-enabled"),
        "dynamodb-table-encrypted-kms",
        *("iam-policy-no-statements-with-admin-access", "iam-policy-no-statements-with-full-access"),
    },
    Framework.WELL_ARCHITECTED: {
        *("COST03", "OPS08", "PERF05", "REL05", "REL06", "REL07", "REL09", "REL12", "SEC03", "SEC04", "SEC08"),
    },
    Framework.NIST: {
        *("CA-9(1)", "CM-2", "CM-2(2)", "CM-3", "CP-10", "CP-2(2)", "CP-6", "CP-6(1)", "CP-6(2)", "CP-9"),
        *("SC-36", "SC-5(2)", "SI-12", "SI-13(5)"),
    },
    Framework.PROWLER: {
        *("cloudtrail_multi_region_enabled", "cloudtrail_multi_region_enabled_logging_management_events"),
        *("cloudwatch_alarm_actions_alarm_state_configured", "cloudwatch_alarm_actions_enabled"),
        "cloudwatch_log_group_retention_policy_specific_days_enabled",
        *("dynamodb_table_autoscaling_enabled", "dynamodb_table_cross_account_access"),
        *("dynamodb_table_deletion_protection_enabled", "dynamodb_table_protected_by_backup_plan"),
        *("dynamodb_tables_kms_cmk_encryption_enabled", "dynamodb_tables_pitr_enabled"),
        *("kms_cmk_not_deleted_unintentionally", "kms_cmk_rotation_enabled"),
    },
}
