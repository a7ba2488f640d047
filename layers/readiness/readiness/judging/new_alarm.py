"""The command that makes an alarm, and lets it call those who are called by the others."""


def put_alarm(name: str, metric: str, statistic: str) -> str:
    """One that goes off at the first count. The topic of the verdict is used, or a new one where it has none."""
    return (
        f"topic={{TopicArn}}; aws cloudwatch put-metric-alarm --alarm-name {name} --region {{region}} {metric}"
        f" --statistic {statistic} --period 60 --evaluation-periods 1 --threshold 0"
        " --comparison-operator GreaterThanThreshold --treat-missing-data notBreaching"
        ' --alarm-actions "${{topic:-$(aws sns create-topic --name on-call --region {region}'
        ' --query TopicArn --output text)}}"'
    )
