# Made of template.yaml by `make terraform`. Do not edit.

data "aws_secretsmanager_secret_version" "pager_secret_arn" {
  count     = var.pager_secret_arn != "" ? 1 : 0
  secret_id = var.pager_secret_arn
}

resource "terraform_data" "rules" {
  lifecycle {
    precondition {
      condition     = !(var.pager == "events-v2") || (var.pager_secret_arn != "")
      error_message = "Pager=events-v2 needs PagerSecretArn: the secret with the integration key of the pager."
    }

    precondition {
      condition     = !(var.pager == "cloudwatch") || (var.pager_topic_arn != "")
      error_message = "Pager=cloudwatch needs PagerTopicArn: a topic of its own that the pager subscribes to."
    }
  }
}

resource "aws_lambda_function" "monitor" {
  # checkov:skip=CKV_AWS_116:EventInvokeConfig sends failed events to the dead-letter queue, with the reason
  # checkov:skip=CKV_AWS_117:The function calls AWS APIs only, and listens to nothing
  # checkov:skip=CKV_AWS_173:The variables are names and ARNs; Lambda encrypts them with a key that AWS manages
  function_name                  = "${var.stack_name}-Monitor"
  filename                       = "${var.packages}/Monitor.zip"
  source_code_hash               = filebase64sha256("${var.packages}/Monitor.zip")
  description                    = "Checks ${var.table_name} against its checklist, stores the results, and sends alerts on changes"
  handler                        = "app.handler"
  memory_size                    = 512
  role                           = aws_iam_role.monitor_role.arn
  runtime                        = "python3.13"
  timeout                        = 60
  layers                         = [aws_lambda_layer_version.readiness_layer.arn]
  reserved_concurrent_executions = local.has_reserved ? var.reserved_concurrency : null
  architectures                  = ["arm64"]

  environment {
    variables = {
      POWERTOOLS_LOG_LEVEL       = "INFO"
      READINESS_TABLE            = var.table_name
      READINESS_TOPIC_ARN        = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
      READINESS_EVENT_BUS_ARN    = var.event_bus_arn
      READINESS_PERSIST_ALARM    = aws_cloudwatch_metric_alarm.persist_failed_alarm.alarm_name
      READINESS_CHECKLIST        = "checklist.toml"
      READINESS_INTERVAL_MINUTES = var.interval
      READINESS_CHANGES_URL      = aws_sqs_queue.changes.url
      READINESS_CHANGES_ARN      = aws_sqs_queue.changes.arn
      READINESS_CHANGE_RULES     = "${aws_cloudwatch_event_rule.table_changes.name} ${aws_cloudwatch_event_rule.role_changes.name} ${aws_cloudwatch_event_rule.route_changes.name} ${aws_cloudwatch_event_rule.alarm_changes.name}"
      READINESS_DASHBOARD        = "${var.stack_name}-${data.aws_region.current.id}"
      READINESS_STACK            = var.stack_name
      READINESS_SIGNING_KEY_ARN  = var.signing_key_arn
      READINESS_PAGER_BUS_ARN    = local.has_pager_secret ? aws_cloudwatch_event_bus.pager_bus[0].arn : ""
      READINESS_PAGER_TOPIC_ARN  = var.pager_topic_arn
    }
  }

  tracing_config {
    mode = var.tracing
  }

  logging_config {
    log_group             = aws_cloudwatch_log_group.monitor_logs.name
    log_format            = "JSON"
    application_log_level = "INFO"
  }

  depends_on = [aws_iam_role_policy.monitor_role]
}

resource "aws_lambda_function_event_invoke_config" "monitor_event_invoke_config" {
  # checkov:skip=CKV_AWS_116:EventInvokeConfig sends failed events to the dead-letter queue, with the reason
  # checkov:skip=CKV_AWS_117:The function calls AWS APIs only, and listens to nothing
  # checkov:skip=CKV_AWS_173:The variables are names and ARNs; Lambda encrypts them with a key that AWS manages
  function_name                = aws_lambda_function.monitor.function_name
  maximum_event_age_in_seconds = 300
  maximum_retry_attempts       = 0
  qualifier                    = "$LATEST"

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

resource "aws_lambda_function" "widget" {
  # checkov:skip=CKV_AWS_115:People open the dashboard seldom, and accounts with a small quota cannot reserve concurrency
  # checkov:skip=CKV_AWS_116:EventInvokeConfig sends failed events to the dead-letter queue, with the reason
  # checkov:skip=CKV_AWS_117:The function reads its own items only, and listens to nothing
  # checkov:skip=CKV_AWS_173:The variables are names; Lambda encrypts them with a key that AWS manages
  function_name    = "${var.stack_name}-Widget"
  filename         = "${var.packages}/Widget.zip"
  source_code_hash = filebase64sha256("${var.packages}/Widget.zip")
  description      = "Shows the stored results of ${var.table_name} on the dashboard"
  handler          = "widget/app.handler"
  memory_size      = 512
  role             = aws_iam_role.widget_role.arn
  runtime          = "python3.13"
  timeout          = 15
  layers           = [aws_lambda_layer_version.readiness_layer.arn]
  architectures    = ["arm64"]

  environment {
    variables = {
      READINESS_TABLE     = var.table_name
      READINESS_CHECKLIST = "monitor/checklist.toml"
      READINESS_INTERVAL  = var.interval
    }
  }

  logging_config {
    log_group             = aws_cloudwatch_log_group.widget_logs.name
    log_format            = "JSON"
    application_log_level = "INFO"
  }

  depends_on = [aws_iam_role_policy.widget_role]
}

resource "aws_lambda_function_event_invoke_config" "widget_event_invoke_config" {
  # checkov:skip=CKV_AWS_115:People open the dashboard seldom, and accounts with a small quota cannot reserve concurrency
  # checkov:skip=CKV_AWS_116:EventInvokeConfig sends failed events to the dead-letter queue, with the reason
  # checkov:skip=CKV_AWS_117:The function reads its own items only, and listens to nothing
  # checkov:skip=CKV_AWS_173:The variables are names; Lambda encrypts them with a key that AWS manages
  function_name                = aws_lambda_function.widget.function_name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
  qualifier                    = "$LATEST"

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

resource "aws_lambda_layer_version" "readiness_layer" {
  layer_name               = "${var.stack_name}-ReadinessLayer"
  filename                 = "${var.packages}/ReadinessLayer.zip"
  source_code_hash         = filebase64sha256("${var.packages}/ReadinessLayer.zip")
  description              = "The readiness package and its dependencies"
  compatible_architectures = ["arm64"]
  compatible_runtimes      = ["python3.13"]
}

resource "aws_cloudwatch_log_group" "monitor_logs" {
  # checkov:skip=CKV_AWS_158:The logs hold no values of the application; CloudWatch Logs encrypts them with a key of its own
  name              = "${var.stack_name}-MonitorLogs"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "widget_logs" {
  # checkov:skip=CKV_AWS_158:The logs hold no values of the application; CloudWatch Logs encrypts them with a key of its own
  name              = "${var.stack_name}-WidgetLogs"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "monitor_role" {
  name = "${var.stack_name}-${data.aws_region.current.id}-MonitorRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "monitor_role" {
  role = aws_iam_role.monitor_role.name
  name = "monitor"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for each in [
      {
        Sid    = "FactsReadTable"
        Effect = "Allow"
        Action = [
          "dynamodb:DescribeContinuousBackups",
          "dynamodb:DescribeTimeToLive",
          "dynamodb:GetResourcePolicy",
          "dynamodb:ListTagsOfResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${var.table_name}"
      },
      {
        Sid      = "FactsReadStream"
        Effect   = "Allow"
        Action   = "dynamodb:GetResourcePolicy"
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${var.table_name}/stream/*"
      },
      {
        Sid      = "FactsReadReplicas"
        Effect   = "Allow"
        Action   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"]
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:*:${data.aws_caller_identity.current.account_id}:table/${var.table_name}"
      },
      {
        Sid      = "FactsReadCopies"
        Effect   = "Allow"
        Action   = "dynamodb:DescribeTable"
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/*"
      },
      {
        Sid    = "FactsReadStaging"
        Effect = "Allow"
        Action = "dynamodb:DescribeContributorInsights"
        Resource = [
          "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${local.has_staging_table ? var.staging_table_name : "${var.table_name}-staging"}",
          "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${local.has_staging_table ? var.staging_table_name : "${var.table_name}-staging"}/index/*",
        ]
      },
      {
        Sid      = "FactsReadHotKeys"
        Effect   = "Allow"
        Action   = "cloudwatch:GetInsightRuleReport"
        Resource = "arn:${data.aws_partition.current.partition}:cloudwatch:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:insight-rule/DynamoDBContributorInsights-*"
      },
      {
        Sid      = "FactsReadKeys"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"]
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:${data.aws_caller_identity.current.account_id}:key/*"
      },
      {
        Sid      = "FactsReadScaling"
        Effect   = "Allow"
        Action   = "application-autoscaling:DescribeScalableTargets"
        Resource = "*"
      },
      {
        Sid    = "FactsReadFunctions"
        Effect = "Allow"
        Action = [
          "lambda:GetFunctionConfiguration",
          "lambda:GetPolicy",
          "lambda:ListAliases",
          "lambda:ListFunctionEventInvokeConfigs",
          "lambda:ListFunctionUrlConfigs",
          "lambda:ListVersionsByFunction",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:lambda:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:function:*"
      },
      {
        Sid      = "FactsReadBuckets"
        Effect   = "Allow"
        Action   = "s3:GetBucketLocation"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::*"
      },
      {
        Sid      = "FactsReadBuses"
        Effect   = "Allow"
        Action   = "events:DescribeEventBus"
        Resource = "arn:${data.aws_partition.current.partition}:events:*:${data.aws_caller_identity.current.account_id}:event-bus/*"
      },
      {
        Sid      = "FactsReadStreams"
        Effect   = "Allow"
        Action   = "kinesis:DescribeStreamSummary"
        Resource = "arn:${data.aws_partition.current.partition}:kinesis:*:${data.aws_caller_identity.current.account_id}:stream/*"
      },
      {
        Sid    = "FactsReadListings"
        Effect = "Allow"
        Action = [
          "backup:DescribeRegionSettings",
          "backup:ListBackupJobs",
          "backup:ListBackupPlans",
          "backup:ListBackupVaults",
          "backup:ListRecoveryPointsByResource",
          "backup:ListRestoreJobsByProtectedResource",
          "cloudtrail:DescribeTrails",
          "cloudtrail:LookupEvents",
          "dynamodb:ListBackups",
          "dynamodb:ListTables",
          "events:ListRuleNamesByTarget",
          "events:ListRules",
          "lambda:ListEventSourceMappings",
          "lambda:ListFunctions",
          "scheduler:ListSchedules",
          "tag:GetResources",
        ]
        Resource = "*"
      },
      {
        Sid      = "FactsReadPlans"
        Effect   = "Allow"
        Action   = ["backup:GetBackupPlan", "backup:GetBackupSelection", "backup:ListBackupSelections"]
        Resource = "arn:${data.aws_partition.current.partition}:backup:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:backup-plan:*"
      },
      {
        Sid      = "FactsReadSchedules"
        Effect   = "Allow"
        Action   = "scheduler:GetSchedule"
        Resource = "arn:${data.aws_partition.current.partition}:scheduler:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:schedule/*/*"
      },
      {
        Sid      = "FactsReadIdentities"
        Effect   = "Allow"
        Action   = "iam:GetAccountAuthorizationDetails"
        Resource = "*"
      },
      {
        Sid      = "FactsReadAwsPolicies"
        Effect   = "Allow"
        Action   = ["iam:GetPolicy", "iam:GetPolicyVersion"]
        Resource = "arn:${data.aws_partition.current.partition}:iam::aws:policy/*"
      },
      {
        Sid    = "FactsReadMetrics"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarmHistory",
          "cloudwatch:DescribeAlarms",
          "cloudwatch:DescribeAnomalyDetectors",
          "cloudwatch:GetAlarmMuteRule",
          "cloudwatch:GetMetricData",
          "cloudwatch:ListAlarmMuteRules",
          "cloudwatch:ListMetrics",
        ]
        Resource = "*"
      },
      {
        Sid      = "FactsReadTrails"
        Effect   = "Allow"
        Action   = ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"]
        Resource = "arn:${data.aws_partition.current.partition}:cloudtrail:*:*:trail/*"
      },
      {
        Sid      = "FactsReadEventRules"
        Effect   = "Allow"
        Action   = ["events:ListTargetsByRule"]
        Resource = "arn:${data.aws_partition.current.partition}:events:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:rule/*"
      },
      {
        Sid      = "FactsReadLogGroups"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups", "logs:DescribeMetricFilters"]
        Resource = "*"
      },
      {
        Sid      = "FactsReadRoutes"
        Effect   = "Allow"
        Action   = ["sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"]
        Resource = "arn:${data.aws_partition.current.partition}:sns:*:${data.aws_caller_identity.current.account_id}:*"
      },
      {
        Sid      = "FactsReadQueues"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
        Resource = "arn:${data.aws_partition.current.partition}:sqs:*:${data.aws_caller_identity.current.account_id}:*"
      },
      {
        Sid      = "FactsReadBudgets"
        Effect   = "Allow"
        Action   = "budgets:ViewBudget"
        Resource = "arn:${data.aws_partition.current.partition}:budgets::${data.aws_caller_identity.current.account_id}:budget/*"
      },
      {
        Sid      = "FactsReadCosts"
        Effect   = "Allow"
        Action   = ["ce:GetAnomalyMonitors", "ce:GetAnomalySubscriptions", "ce:ListCostAllocationTags"]
        Resource = "*"
      },
      local.has_payer_role ? {
        Sid      = "FactsReadPayer"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = var.payer_role_arn
      } : null,
      local.is_sampled ? {
        Sid      = "FactsReadSample"
        Effect   = "Allow"
        Action   = "dynamodb:Scan"
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${var.table_name}"
        Condition = {
          "ForAllValues:StringEquals" = {
            "dynamodb:Attributes" = ["PK", "SK", "expiresAt"]
          }
          StringEquals = {
            "dynamodb:Select" = "SPECIFIC_ATTRIBUTES"
          }
        }
      } : null,
      {
        Sid    = "OwnRows"
        Effect = "Allow"
        Action = [
          "dynamodb:ConditionCheckItem",
          "dynamodb:DeleteItem",
          "dynamodb:PutItem",
          "dynamodb:Query",
          "dynamodb:UpdateItem",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${var.table_name}"
        Condition = {
          "ForAllValues:StringLike" = {
            "dynamodb:LeadingKeys" = ["READINESS#*"]
          }
          Null = {
            "dynamodb:LeadingKeys" = "false"
          }
        }
      },
      {
        Sid      = "OwnParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:PutParameter"]
        Resource = "arn:${data.aws_partition.current.partition}:ssm:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:parameter/readiness/*${data.aws_region.current.id}/${var.table_name}/*"
      },
      {
        Sid      = "Notify"
        Effect   = "Allow"
        Action   = ["sns:GetTopicAttributes", "sns:Publish"]
        Resource = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
      },
      {
        Sid      = "Failures"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
      {
        Sid      = "Changes"
        Effect   = "Allow"
        Action   = ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
        Resource = aws_sqs_queue.changes.arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.monitor_logs.arn}:*"
      },
      local.has_own_topic_key ? {
        Sid      = "TopicKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = aws_kms_key.topic_key[0].arn
      } : null,
      local.has_topic_key ? {
        Sid      = "ExistingTopicKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = var.existing_topic_key_arn
      } : null,
      local.has_table_key ? {
        Sid      = "TableKey"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.table_key_arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "dynamodb.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}"
          }
        }
      } : null,
      local.is_traced ? {
        Sid      = "Traces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      } : null,
    ] : each if each != null]
  })
}

resource "aws_iam_policy" "signing_key_policy" {
  count       = local.has_signing_key ? 1 : 0
  name        = "${var.stack_name}-${data.aws_region.current.id}-SigningKeyPolicy"
  description = "Lets the monitor of ${var.table_name} make and read its signing key"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SigningKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt"]
        Resource = var.signing_key_arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "ssm.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}"
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "signing_key_policy_monitor_role" {
  count      = local.has_signing_key ? 1 : 0
  policy_arn = aws_iam_policy.signing_key_policy[0].arn
  role       = aws_iam_role.monitor_role.name
}

resource "aws_iam_policy" "event_bus_policy" {
  count       = local.has_event_bus ? 1 : 0
  name        = "${var.stack_name}-${data.aws_region.current.id}-EventBusPolicy"
  description = "Lets the monitor of ${var.table_name} put events on one event bus"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "EventBus"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = var.event_bus_arn
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "event_bus_policy_monitor_role" {
  count      = local.has_event_bus ? 1 : 0
  policy_arn = aws_iam_policy.event_bus_policy[0].arn
  role       = aws_iam_role.monitor_role.name
}

resource "aws_iam_role" "widget_role" {
  name = "${var.stack_name}-${data.aws_region.current.id}-WidgetRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "lambda.amazonaws.com"
        }
        Action = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "widget_role" {
  role = aws_iam_role.widget_role.name
  name = "widget"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for each in [
      {
        Sid      = "OwnRows"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:table/${var.table_name}"
        Condition = {
          "ForAllValues:StringLike" = {
            "dynamodb:LeadingKeys" = ["READINESS#*"]
          }
          Null = {
            "dynamodb:LeadingKeys" = "false"
          }
        }
      },
      {
        Sid      = "Failures"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.widget_logs.arn}:*"
      },
      local.has_table_key ? {
        Sid      = "TableKey"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.table_key_arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "dynamodb.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}"
          }
        }
      } : null,
    ] : each if each != null]
  })
}

resource "aws_scheduler_schedule" "schedule" {
  name                = "${var.stack_name}-Schedule"
  description         = "Run Readiness on ${var.table_name}"
  state               = "ENABLED"
  schedule_expression = local.intervals[var.interval].rate

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.monitor.arn
    role_arn = aws_iam_role.schedule_role.arn
    input    = "{\"trigger\":\"schedule\",\"scheduledAt\":\"<aws.scheduler.scheduled-time>\",\"executionId\":\"<aws.scheduler.execution-id>\"}"

    retry_policy {
      maximum_retry_attempts       = 2
      maximum_event_age_in_seconds = 240
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  depends_on = [aws_iam_role_policy.schedule_role]
}

resource "aws_iam_role" "schedule_role" {
  name = "${var.stack_name}-${data.aws_region.current.id}-ScheduleRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "schedule_role" {
  role = aws_iam_role.schedule_role.name
  name = "schedule"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Invoke"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = aws_lambda_function.monitor.arn
      },
      {
        Sid      = "Undelivered"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "table_changes" {
  name        = "${var.stack_name}-TableChanges"
  description = "API calls that can change results of ${var.table_name}: table, keys, alarms, backups"
  state       = "ENABLED"
  event_pattern = jsonencode({
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["dynamodb.amazonaws.com", "kms.amazonaws.com", "monitoring.amazonaws.com", "backup.amazonaws.com"]
      eventName = [
        "UpdateTable",
        "DeleteTable",
        "UpdateTimeToLive",
        "UpdateContinuousBackups",
        "UpdateContributorInsights",
        "TagResource",
        "UntagResource",
        "PutResourcePolicy",
        "DeleteResourcePolicy",
        "CreateBackup",
        "DeleteBackup",
        "RestoreTableToPointInTime",
        "RestoreTableFromBackup",
        "DisableKey",
        "EnableKey",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "DisableKeyRotation",
        "EnableKeyRotation",
        "PutKeyPolicy",
        "RevokeGrant",
        "DeleteImportedKeyMaterial",
        "ImportKeyMaterial",
        "PutMetricAlarm",
        "PutCompositeAlarm",
        "DeleteAlarms",
        "DisableAlarmActions",
        "EnableAlarmActions",
        "SetAlarmState",
        "PutAlarmMuteRule",
        "DeleteAlarmMuteRule",
        "DeleteAnomalyDetector",
        "UpdateBackupPlan",
        "DeleteBackupPlan",
        "CreateBackupSelection",
        "DeleteBackupSelection",
        "DeleteRecoveryPoint",
        "PutBackupVaultLockConfiguration",
        "UpdateRegionSettings",
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "table_changes_changes" {
  rule           = aws_cloudwatch_event_rule.table_changes.name
  event_bus_name = aws_cloudwatch_event_rule.table_changes.event_bus_name
  target_id      = "changes"
  arn            = aws_sqs_queue.changes.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_rule" "role_changes" {
  name        = "${var.stack_name}-RoleChanges"
  description = "API calls that can change results of ${var.table_name}: roles, users, costs"
  state       = "ENABLED"
  event_pattern = jsonencode({
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["iam.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com"]
      eventName = [
        "PutRolePolicy",
        "DeleteRolePolicy",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "CreatePolicyVersion",
        "SetDefaultPolicyVersion",
        "DeletePolicyVersion",
        "UpdateAssumeRolePolicy",
        "PutRolePermissionsBoundary",
        "DeleteRolePermissionsBoundary",
        "PutUserPolicy",
        "AttachUserPolicy",
        "PutGroupPolicy",
        "AttachGroupPolicy",
        "AddUserToGroup",
        "DeleteUserPolicy",
        "DeleteUserPermissionsBoundary",
        "CreateAccessKey",
        "CreateLoginProfile",
        "UpdateLoginProfile",
        "CreateBudget",
        "UpdateBudget",
        "DeleteBudget",
        "CreateNotification",
        "UpdateNotification",
        "DeleteNotification",
        "CreateSubscriber",
        "UpdateSubscriber",
        "DeleteSubscriber",
        "CreateAnomalyMonitor",
        "UpdateAnomalyMonitor",
        "DeleteAnomalyMonitor",
        "CreateAnomalySubscription",
        "UpdateAnomalySubscription",
        "DeleteAnomalySubscription",
        "UpdateCostAllocationTagsStatus",
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "role_changes_changes" {
  rule           = aws_cloudwatch_event_rule.role_changes.name
  event_bus_name = aws_cloudwatch_event_rule.role_changes.event_bus_name
  target_id      = "changes"
  arn            = aws_sqs_queue.changes.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_rule" "route_changes" {
  name        = "${var.stack_name}-RouteChanges"
  description = "API calls that can change results of ${var.table_name}: functions, topics, queues, logs, schedules"
  state       = "ENABLED"
  event_pattern = jsonencode({
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = [
        "lambda.amazonaws.com",
        "sns.amazonaws.com",
        "sqs.amazonaws.com",
        "logs.amazonaws.com",
        "scheduler.amazonaws.com",
        "events.amazonaws.com",
        "cloudtrail.amazonaws.com",
      ]
      eventName = [
        {
          prefix = "CreateFunction"
        },
        {
          prefix = "UpdateFunction"
        },
        {
          prefix = "DeleteFunction"
        },
        {
          prefix = "PutFunction"
        },
        {
          prefix = "PublishVersion"
        },
        {
          prefix = "CreateAlias"
        },
        {
          prefix = "UpdateAlias"
        },
        {
          prefix = "DeleteAlias"
        },
        {
          prefix = "CreateEventSourceMapping"
        },
        {
          prefix = "UpdateEventSourceMapping"
        },
        {
          prefix = "DeleteEventSourceMapping"
        },
        {
          prefix = "AddPermission"
        },
        {
          prefix = "RemovePermission"
        },
        "PutResourcePolicy",
        "DeleteResourcePolicy",
        {
          prefix = "TagResource"
        },
        {
          prefix = "UntagResource"
        },
        "DeleteTopic",
        "Subscribe",
        "Unsubscribe",
        "SetTopicAttributes",
        "SetSubscriptionAttributes",
        "DeleteQueue",
        "SetQueueAttributes",
        "DeleteLogGroup",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "PutMetricFilter",
        "DeleteMetricFilter",
        "UpdateSchedule",
        "DeleteSchedule",
        "PutRule",
        "DisableRule",
        "DeleteRule",
        "RemoveTargets",
        "StopLogging",
        "DeleteTrail",
        "UpdateTrail",
        "PutEventSelectors",
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "route_changes_changes" {
  rule           = aws_cloudwatch_event_rule.route_changes.name
  event_bus_name = aws_cloudwatch_event_rule.route_changes.event_bus_name
  target_id      = "changes"
  arn            = aws_sqs_queue.changes.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_rule" "alarm_changes" {
  name        = "${var.stack_name}-AlarmChanges"
  description = "Changes of alarms, which can change results of ${var.table_name}"
  state       = "ENABLED"
  event_pattern = jsonencode({
    source      = ["aws.cloudwatch"]
    detail-type = ["CloudWatch Alarm Configuration Change"]
  })
}

resource "aws_cloudwatch_event_target" "alarm_changes_changes" {
  rule           = aws_cloudwatch_event_rule.alarm_changes.name
  event_bus_name = aws_cloudwatch_event_rule.alarm_changes.event_bus_name
  target_id      = "changes"
  arn            = aws_sqs_queue.changes.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_sqs_queue" "changes" {
  # checkov:skip=CKV_AWS_27:SqsManagedSseEnabled encrypts it; EventBridge cannot send to a queue with the AWS managed KMS key of SQS
  name                       = "${var.stack_name}-Changes"
  delay_seconds              = 0
  visibility_timeout_seconds = 380
  message_retention_seconds  = 86400
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_policy" "changes_policy" {
  queue_url = aws_sqs_queue.changes.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.changes.arn
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = [
              aws_cloudwatch_event_rule.table_changes.arn,
              aws_cloudwatch_event_rule.role_changes.arn,
              aws_cloudwatch_event_rule.route_changes.arn,
              aws_cloudwatch_event_rule.alarm_changes.arn,
            ]
          }
        }
      },
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.changes.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

resource "aws_lambda_event_source_mapping" "changes_source" {
  event_source_arn                   = aws_sqs_queue.changes.arn
  function_name                      = aws_lambda_function.monitor.function_name
  batch_size                         = 1000
  maximum_batching_window_in_seconds = 20
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_sqs_queue" "dead_letters" {
  # checkov:skip=CKV_AWS_27:SqsManagedSseEnabled encrypts it; EventBridge cannot send to a queue with the AWS managed KMS key of SQS
  name                      = "${var.stack_name}-DeadLetters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_policy" "dead_letters_policy" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for each in [
      {
        Sid    = "Undelivered"
        Effect = "Allow"
        Principal = {
          Service = "scheduler.amazonaws.com"
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = aws_scheduler_schedule.schedule.arn
          }
        }
      },
      {
        Sid    = "Unqueued"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = [
              aws_cloudwatch_event_rule.table_changes.arn,
              aws_cloudwatch_event_rule.role_changes.arn,
              aws_cloudwatch_event_rule.route_changes.arn,
              aws_cloudwatch_event_rule.alarm_changes.arn,
            ]
          }
        }
      },
      local.has_pager_secret ? {
        Sid    = "Unpaged"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.dead_letters.arn
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = aws_cloudwatch_event_rule.pager_rule[0].arn
          }
        }
      } : null,
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ] : each if each != null]
  })
}

resource "aws_kms_key" "topic_key" {
  count                   = local.has_own_topic_key ? 1 : 0
  description             = "Encrypts the alerts of Readiness; CloudWatch cannot publish to topics with the AWS managed key of SNS"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Account"
        Effect = "Allow"
        Principal = {
          AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
        }
        Action   = "kms:*"
        Resource = "*"
      },
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_sns_topic" "on_call_topic" {
  # checkov:skip=CKV_AWS_26:EncryptTopic=true encrypts it with a customer managed key, at 1 dollar a month
  count             = local.own_topic ? 1 : 0
  name              = "${var.stack_name}-OnCallTopic"
  display_name      = "Readiness"
  kms_master_key_id = local.has_own_topic_key ? aws_kms_key.topic_key[0].key_id : null
}

resource "aws_sns_topic" "second_route_topic" {
  # checkov:skip=CKV_AWS_26:A disabled key would silence the alarms on the monitor too; they hold names of the stack only
  name         = "${var.stack_name}-SecondRouteTopic"
  display_name = "Readiness watchdog"
}

resource "aws_sns_topic_policy" "on_call_topic_policy" {
  count = local.own_topic ? 1 : 0
  arn   = aws_sns_topic.on_call_topic[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.on_call_topic[0].arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_sns_topic_policy" "second_route_topic_policy" {
  arn = aws_sns_topic.second_route_topic.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.second_route_topic.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "on_call_subscription" {
  count     = local.subscribe_on_call ? 1 : 0
  topic_arn = aws_sns_topic.on_call_topic[0].arn
  protocol  = "email"
  endpoint  = var.on_call_email
}

resource "aws_sns_topic_subscription" "owner_subscription1" {
  count     = local.has_owner1 ? 1 : 0
  topic_arn = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
  protocol  = "email"
  endpoint  = split("=", var.owner1)[1]
  filter_policy = jsonencode({
    owners = [split("=", var.owner1)[0]]
  })
}

resource "aws_sns_topic_subscription" "owner_subscription2" {
  count     = local.has_owner2 ? 1 : 0
  topic_arn = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
  protocol  = "email"
  endpoint  = split("=", var.owner2)[1]
  filter_policy = jsonencode({
    owners = [split("=", var.owner2)[0]]
  })
}

resource "aws_sns_topic_subscription" "owner_subscription3" {
  count     = local.has_owner3 ? 1 : 0
  topic_arn = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
  protocol  = "email"
  endpoint  = split("=", var.owner3)[1]
  filter_policy = jsonencode({
    owners = [split("=", var.owner3)[0]]
  })
}

resource "aws_sns_topic_subscription" "owner_subscription4" {
  count     = local.has_owner4 ? 1 : 0
  topic_arn = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
  protocol  = "email"
  endpoint  = split("=", var.owner4)[1]
  filter_policy = jsonencode({
    owners = [split("=", var.owner4)[0]]
  })
}

resource "aws_sns_topic_subscription" "owner_subscription5" {
  count     = local.has_owner5 ? 1 : 0
  topic_arn = local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn
  protocol  = "email"
  endpoint  = split("=", var.owner5)[1]
  filter_policy = jsonencode({
    owners = [split("=", var.owner5)[0]]
  })
}

resource "aws_sns_topic_subscription" "second_route_subscription" {
  count     = local.subscribe_second_route ? 1 : 0
  topic_arn = aws_sns_topic.second_route_topic.arn
  protocol  = "email"
  endpoint  = local.has_second_route_email ? var.second_route_email : var.on_call_email
}

resource "aws_cloudwatch_event_bus" "pager_bus" {
  count       = local.has_pager_secret ? 1 : 0
  name        = "${var.stack_name}-pager"
  description = "Incidents of ${var.table_name} on their way to the pager"
}

resource "aws_cloudwatch_event_rule" "pager_rule" {
  count          = local.has_pager_secret ? 1 : 0
  name           = "${var.stack_name}-PagerRule"
  description    = "Sends the incidents of ${var.table_name} to the pager"
  event_bus_name = aws_cloudwatch_event_bus.pager_bus[0].name
  state          = "ENABLED"
  event_pattern = jsonencode({
    account     = [data.aws_caller_identity.current.account_id]
    source      = ["readiness"]
    detail-type = ["Readiness Pager Event"]
  })
}

resource "aws_cloudwatch_event_target" "pager_rule" {
  count          = local.has_pager_secret ? 1 : 0
  rule           = aws_cloudwatch_event_rule.pager_rule[0].name
  event_bus_name = aws_cloudwatch_event_rule.pager_rule[0].event_bus_name
  target_id      = "pager"
  arn            = aws_cloudwatch_event_api_destination.pager_destination[0].arn
  role_arn       = aws_iam_role.pager_role[0].arn
  input_path     = "$.detail"

  retry_policy {
    maximum_event_age_in_seconds = 480
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  depends_on = [aws_iam_role_policy.pager_role]
}

resource "aws_cloudwatch_event_api_destination" "pager_destination" {
  count                            = local.has_pager_secret ? 1 : 0
  name                             = "${var.stack_name}-PagerDestination"
  description                      = "Events API v2 of the pager of ${var.table_name}"
  connection_arn                   = aws_cloudwatch_event_connection.pager_connection[0].arn
  invocation_endpoint              = var.pager_endpoint
  http_method                      = "POST"
  invocation_rate_limit_per_second = 2
}

resource "aws_cloudwatch_event_connection" "pager_connection" {
  count              = local.has_pager_secret ? 1 : 0
  name               = "${var.stack_name}-PagerConnection"
  description        = "Integration key of the pager of ${var.table_name}"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "X-Routing-Key"
      value = data.aws_secretsmanager_secret_version.pager_secret_arn[0].secret_string
    }

    invocation_http_parameters {
      body {
        key             = "routing_key"
        value           = data.aws_secretsmanager_secret_version.pager_secret_arn[0].secret_string
        is_value_secret = true
      }
    }
  }
}

resource "aws_iam_role" "pager_role" {
  count = local.has_pager_secret ? 1 : 0
  name  = "${var.stack_name}-${data.aws_region.current.id}-PagerRole"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "pager_role" {
  count = local.has_pager_secret ? 1 : 0
  role  = aws_iam_role.pager_role[0].name
  name  = "pager"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Page"
        Effect   = "Allow"
        Action   = "events:InvokeApiDestination"
        Resource = aws_cloudwatch_event_api_destination.pager_destination[0].arn
      },
    ]
  })
}

resource "aws_iam_policy" "pager_policy" {
  count       = local.has_pager ? 1 : 0
  name        = "${var.stack_name}-${data.aws_region.current.id}-PagerPolicy"
  description = "Lets the monitor of ${var.table_name} send events to the pager"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for each in [
      local.has_pager_secret ? {
        Sid      = "Incidents"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = aws_cloudwatch_event_bus.pager_bus[0].arn
      } : null,
      local.has_pager_topic ? {
        Sid      = "Alarms"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = var.pager_topic_arn
      } : null,
    ] : each if each != null]
  })
}

resource "aws_iam_role_policy_attachment" "pager_policy_monitor_role" {
  count      = local.has_pager ? 1 : 0
  policy_arn = aws_iam_policy.pager_policy[0].arn
  role       = aws_iam_role.monitor_role.name
}

resource "aws_cloudwatch_metric_alarm" "run_completed_alarm" {
  alarm_name        = "${var.stack_name}-RunCompletedAlarm"
  alarm_description = "Readiness has not completed a run on ${var.table_name} for three intervals: the table is not monitored"
  namespace         = "Readiness"
  metric_name       = "RunCompleted"
  dimensions = {
    table = var.table_name
  }
  statistic           = "Sum"
  period              = local.intervals[var.interval].seconds
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.second_route_topic.arn]
  ok_actions          = [aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_metric_alarm" "unwell_alarm" {
  alarm_name        = "${var.stack_name}-UnwellAlarm"
  alarm_description = "Every run of Readiness on ${var.table_name} for three intervals had a problem of its own: alerts that cannot be sent, no confirmed subscription, errors in its rules, results that are not committed, a newer release in the table, incidents that cannot be sent to the pager, or most checks UNKNOWN. The field reasons in the function's log names it. A single run does not set off this alarm, because a throttled call, a deployment and a concurrent run end without intervention."
  namespace         = "Readiness"
  metric_name       = "Unwell"
  dimensions = {
    table = var.table_name
  }
  statistic           = "Minimum"
  period              = local.intervals[var.interval].seconds
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = [aws_sns_topic.second_route_topic.arn]
  ok_actions          = [aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_metric_alarm" "persist_failed_alarm" {
  alarm_name        = "${var.stack_name}-PersistFailedAlarm"
  alarm_description = "Readiness cannot read or write its items in ${var.table_name}: the table is deleted, locked or unreachable. OK: it can again"
  namespace         = "Readiness"
  metric_name       = "PersistFailed"
  dimensions = {
    table = var.table_name
  }
  statistic           = "Maximum"
  period              = local.intervals[var.interval].seconds
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "ignore"
  alarm_actions       = [local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn, aws_sns_topic.second_route_topic.arn]
  ok_actions          = [local.own_topic ? aws_sns_topic.on_call_topic[0].arn : var.existing_topic_arn, aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_metric_alarm" "errors_alarm" {
  alarm_name        = "${var.stack_name}-ErrorsAlarm"
  alarm_description = "A run of Readiness on ${var.table_name} ended in an error"
  namespace         = "AWS/Lambda"
  metric_name       = "Errors"
  dimensions = {
    FunctionName = aws_lambda_function.monitor.function_name
  }
  statistic           = "Sum"
  period              = local.intervals[var.interval].seconds
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.second_route_topic.arn]
  ok_actions          = [aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_metric_alarm" "throttles_alarm" {
  alarm_name        = "${var.stack_name}-ThrottlesAlarm"
  alarm_description = "Invocations of Readiness on ${var.table_name} are throttled: no concurrency left"
  namespace         = "AWS/Lambda"
  metric_name       = "Throttles"
  dimensions = {
    FunctionName = aws_lambda_function.monitor.function_name
  }
  statistic           = "Sum"
  period              = local.intervals[var.interval].seconds
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.second_route_topic.arn]
  ok_actions          = [aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters_alarm" {
  alarm_name        = "${var.stack_name}-DeadLettersAlarm"
  alarm_description = "A run of Readiness on ${var.table_name} failed or was not invoked, or an event did not reach the pager; the event is in the dead-letter queue"
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateNumberOfMessagesVisible"
  dimensions = {
    QueueName = aws_sqs_queue.dead_letters.name
  }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.second_route_topic.arn]
  ok_actions          = [aws_sns_topic.second_route_topic.arn]
}

resource "aws_cloudwatch_dashboard" "dashboard" {
  dashboard_name = "${var.stack_name}-${data.aws_region.current.id}"
  dashboard_body = <<-EOT
    {
      "start": "-PT24H",
      "periodOverride": "inherit",
      "widgets": [
        {
          "type": "custom", "x": 0, "y": 0, "width": 24, "height": 16,
          "properties": {
            "title": "Checklist",
            "endpoint": "${aws_lambda_function.widget.arn}",
            "updateOn": {"refresh": true, "resize": true, "timeRange": false}
          }
        },
        {
          "type": "metric", "x": 0, "y": 16, "width": 24, "height": 10,
          "properties": {
            "title": "Worst status of each item per hour: 3 FAIL, 2 UNKNOWN, 1 WARN, 0 PASS",
            "region": "${data.aws_region.current.id}",
            "view": "table",
            "table": {"layout": "horizontal", "showTimeSeriesData": true, "stickySummary": true, "summaryColumns": ["MAX"]},
            "metrics": [[{
              "id": "items",
              "expression": "FILL(SEARCH('{Readiness,table,rule} MetricName=\"ItemStatus\"', 'Maximum', 3600), REPEAT)",
              "label": "$${PROP('Dim.table')} $${PROP('Dim.rule')}"
            }]],
            "annotations": {"horizontal": [
              {"label": "fails", "value": 2.5, "fill": "above", "color": "#d13212"},
              [{"label": "unknown", "value": 1.5, "color": "#9467bd"}, {"value": 2.5}],
              [{"label": "warns", "value": 0.5, "color": "#ff9900"}, {"value": 1.5}],
              {"label": "passes", "value": 0.5, "fill": "below", "color": "#2ca02c"}
            ]}
          }
        },
        {
          "type": "metric", "x": 0, "y": 26, "width": 8, "height": 6,
          "properties": {
            "title": "Problems of the monitor and unprocessed events (expected: 0)",
            "region": "${data.aws_region.current.id}",
            "view": "timeSeries",
            "stacked": false,
            "yAxis": {"left": {"min": 0, "showUnits": false}},
            "metrics": [
              [{
                "id": "unwell",
                "expression": "SEARCH('{Readiness,table} MetricName=\"Unwell\"', 'Maximum', ${local.intervals[var.interval].seconds})",
                "label": "$${PROP('Dim.table')} problems"
              }],
              ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${aws_sqs_queue.dead_letters.name}",
               {"label": "dead letters", "stat": "Maximum", "period": ${local.intervals[var.interval].seconds}, "color": "#d13212"}]
            ]
          }
        },
        {
          "type": "log", "x": 8, "y": 26, "width": 16, "height": 6,
          "properties": {
            "title": "Runs with a problem of the monitor, and its reasons",
            "region": "${data.aws_region.current.id}",
            "view": "table",
            "query": "SOURCE '${aws_cloudwatch_log_group.monitor_logs.name}' | fields @timestamp, table, reasons | filter ispresent(reasons) | sort @timestamp desc | limit 100"
          }
        },
        {
          "type": "log", "x": 0, "y": 32, "width": 12, "height": 6,
          "properties": {
            "title": "Changes per hour",
            "region": "${data.aws_region.current.id}",
            "view": "bar",
            "query": "SOURCE '${aws_cloudwatch_log_group.monitor_logs.name}' | filter message = 'run' | stats sum(drifts) as changes by bin(1h)"
          }
        },
        {
          "type": "log", "x": 12, "y": 32, "width": 12, "height": 6,
          "properties": {
            "title": "AWS calls and seconds per run",
            "region": "${data.aws_region.current.id}",
            "view": "timeSeries",
            "stacked": false,
            "query": "SOURCE '${aws_cloudwatch_log_group.monitor_logs.name}' | filter message = 'run' | stats max(calls), max(seconds) by bin(${local.intervals[var.interval].seconds}s)"
          }
        },
        {
          "type": "alarm", "x": 0, "y": 38, "width": 24, "height": 3,
          "properties": {
            "title": "Alarms on the monitor itself",
            "alarms": [
              "${aws_cloudwatch_metric_alarm.run_completed_alarm.arn}",
              "${aws_cloudwatch_metric_alarm.errors_alarm.arn}",
              "${aws_cloudwatch_metric_alarm.throttles_alarm.arn}",
              "${aws_cloudwatch_metric_alarm.dead_letters_alarm.arn}",
              "${aws_cloudwatch_metric_alarm.persist_failed_alarm.arn}",
              "${aws_cloudwatch_metric_alarm.unwell_alarm.arn}"
            ]
          }
        }
      ]
    }
  EOT
}
