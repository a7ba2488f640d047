"""The checklist on a dashboard, drawn from what is stored and from nothing else: it looks at no account.

CloudWatch calls a function whenever it draws the widget:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
"""
