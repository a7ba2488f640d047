"""A plan of AWS Backup for a table as CloudFormation resources.

https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
"""

from readiness.checklist import BackupDecision
from readiness.cli.stack.naming import Json, fitting

LONGEST = 50
"""Characters of the name of a vault or plan."""

DAY, WEEK = 24, 168
"""Hours."""

POLICY = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"

KEPT = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
"""Backups outlive the stack."""


def role() -> Json:
    """Return the IAM role of AWS Backup, one for all tables."""
    service = {"Service": "backup.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Description": "Lets AWS Backup make backups of DynamoDB tables",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "ManagedPolicyArns": [{"Fn::Sub": POLICY}],
        },
    }


def vault(table: str) -> Json:
    """Return the backup vault of the table."""
    name = fitting(table, "-backups", LONGEST, r"a-zA-Z0-9_-")
    return {"Type": "AWS::Backup::BackupVault", **KEPT, "Properties": {"BackupVaultName": name}}


def plan(table: str, decision: BackupDecision, vault_id: str) -> Json:
    """Return the backup plan with the cadence and retention of the backup decision."""
    rule = {
        "RuleName": "decided",
        "TargetBackupVault": {"Ref": vault_id},
        "ScheduleExpression": schedule(decision.cadence_hours),
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 360,
        "Lifecycle": {"DeleteAfterDays": decision.retention_days},
    }
    named = {"BackupPlanName": fitting(table, "-plan", LONGEST, r"a-zA-Z0-9_.-"), "BackupPlanRule": [rule]}
    return {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": named}}


def selection(arn: str, plan_id: str, role_id: str) -> Json:
    """Return the backup selection by the table's ARN, which does not depend on tags or on opt-in settings."""
    chosen = {
        "SelectionName": "table",
        "IamRoleArn": {"Fn::GetAtt": [role_id, "Arn"]},
        "Resources": [arn],
    }
    return {
        "Type": "AWS::Backup::BackupSelection",
        "Properties": {"BackupPlanId": {"Ref": plan_id}, "BackupSelection": chosen},
    }


def schedule(hours: int) -> str:
    """Return the least frequent schedule with equal intervals of at most `hours` hours."""
    if hours >= WEEK:
        return "cron(0 5 ? * SUN *)"
    if hours >= DAY:
        return "cron(0 5 ? * * *)"
    step = max(divisor for divisor in range(1, hours + 1) if DAY % divisor == 0)
    return f"cron(0 0/{step} ? * * *)"
