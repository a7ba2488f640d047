"""A budget for DynamoDB as a CloudFormation resource. It covers the account, not one table.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
"""

from readiness.cli.stack.naming import Json

NAME = "amazon-dynamodb"

PARAMETERS: Json = {
    "BudgetAmount": {
        "Type": "Number",
        "Description": "Monthly budget of DynamoDB in USD.",
        "Default": 100,
        "MinValue": 1,
    },
    "BudgetEmail": {
        "Type": "String",
        "Description": "Email address for budget notifications. If empty, the topic is notified.",
        "Default": "",
    },
}

CONDITIONS: Json = {"ByEmail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "BudgetEmail"}, ""]}]}}


def budget() -> Json:
    """Return the budget. It notifies when the forecast exceeds it, and when 80 % of it are spent."""
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
