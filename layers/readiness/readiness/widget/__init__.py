"""The checklist as a CloudWatch dashboard widget. It reads the items that runs stored, and makes no other AWS calls.

CloudWatch calls a function whenever it draws the widget:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
"""
