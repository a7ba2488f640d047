"""A budget for DynamoDB, as CloudFormation writes it. It is the account's, not a table's.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
"""

from typing import Any

Json = dict[str, Any]

NAME = "amazon-dynamodb"

PARAMETERS: Json = {
    "BudgetAmount": {
        "Type": "Number",
        "Description": "What DynamoDB may cost in a month (USD).",
        "Default": 100,
        "MinValue": 1,
    },
    "BudgetEmail": {
        "Type": "String",
        "Description": "Who is told of the budget by e-mail; where empty, the topic is.",
        "Default": "",
    },
}

CONDITIONS: Json = {"ByEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "BudgetEmail"}, ""]}]}}


def budget() -> Json:
    """Told when the month is forecast to end above it, and when four fifths of it are spent."""
    return {
        "Type": "AWS::Budgets::Budget",
        "Properties": {
            "Budget": {
                "BudgetName": NAME,
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": {"Ref": "BudgetAmount"}, "Unit": "USD"},
                "FilterExpression": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon DynamoDB"]}},
                "Metrics": ["UnblendedCost"],
            },
            "NotificationsWithSubscribers": [_notification("FORECASTED", 100), _notification("ACTUAL", 80)],
        },
    }


def _notification(kind: str, percent: int) -> Json:
    return {
        "Notification": {
            "NotificationType": kind,
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": percent,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [
            {
                "SubscriptionType": {"Fn::If": ["ByEmail", "EMAIL", "SNS"]},
                "Address": {"Fn::If": ["ByEmail", {"Ref": "BudgetEmail"}, {"Ref": "OnCallTopicArn"}]},
            }
        ],
    }
