# Made of template.yaml by `make terraform`. Do not edit.

output "alerts" {
  description = "Who receives the alerts, and what is left to do"
  value       = local.is_unsubscribed ? "NOBODY: deploy again with the parameter OnCallEmail=ADDRESS, or subscribe to the topic" : (local.own_topic ? "${var.on_call_email}, who must confirm the subscription by email; then test it: readiness alert --test" : "the subscribers of the existing topic; test it: readiness alert --test")
}

output "monitor_alarms" {
  description = "Who receives the alarms on the monitor itself"
  value       = local.has_second_route_email ? "${var.second_route_email}, who must confirm the subscription by email" : (local.has_on_call_email ? "${var.on_call_email}, who must confirm this subscription too; SecondRouteEmail names another address" : "NOBODY: deploy again with the parameter SecondRouteEmail=ADDRESS")
}

output "dashboard_name" {
  description = "The dashboard; viewers need lambda:InvokeFunction on the widget to see the checklist"
  value       = aws_cloudwatch_dashboard.dashboard.dashboard_name
}

output "monitor_function" {
  description = "The function; `sam remote invoke Monitor` runs it now"
  value       = aws_lambda_function.monitor.function_name
}

output "topic_arn" {
  description = "The topic of alerts"
  value       = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
}

output "second_route_topic_arn" {
  description = "The topic of alarms on the monitor itself"
  value       = aws_sns_topic.second_route_topic.arn
}

output "log_group" {
  description = "The log group of the function, with its logs and metrics"
  value       = aws_cloudwatch_log_group.monitor_logs.name
}

output "dead_letter_queue_url" {
  description = "The dead-letter queue, with events of failed runs"
  value       = aws_sqs_queue.dead_letters.url
}
