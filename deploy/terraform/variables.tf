# Made of template.yaml by `make terraform`. Do not edit.

variable "table_name" {
  type        = string
  default     = "babesclub-commerce"
  description = "The table to monitor, which also stores the monitor's items under READINESS#"

  validation {
    condition     = can(regex("^(?:[a-zA-Z0-9_.-]{3,255})$", var.table_name))
    error_message = "table_name is text that matches [a-zA-Z0-9_.-]{3,255}."
  }
}

variable "interval" {
  type        = string
  default     = "5"
  description = "Minutes between two runs"

  validation {
    condition     = contains(["1", "5", "15", "30", "60"], var.interval)
    error_message = "interval is one of 1, 5, 15, 30, 60."
  }
}

variable "on_call_email" {
  type        = string
  default     = ""
  description = "Email address to subscribe to the alerts; if empty, none is subscribed"
}

variable "second_route_email" {
  type        = string
  default     = ""
  description = "Email address for alarms on the monitor itself; if empty, the on-call address"
}

variable "owner1" {
  type        = string
  default     = ""
  description = "Owner of items of the checklist and email address to subscribe to their alerts, as OWNER=EMAIL; if empty, none"

  validation {
    condition     = can(regex("^(?:|[^=]+=[^=@ ]+@[^=@ ]+)$", var.owner1))
    error_message = "owner1 is OWNER=EMAIL."
  }
}

variable "owner2" {
  type        = string
  default     = ""
  description = "Another owner and email address, as Owner1"

  validation {
    condition     = can(regex("^(?:|[^=]+=[^=@ ]+@[^=@ ]+)$", var.owner2))
    error_message = "owner2 is OWNER=EMAIL."
  }
}

variable "owner3" {
  type        = string
  default     = ""
  description = "Another owner and email address, as Owner1"

  validation {
    condition     = can(regex("^(?:|[^=]+=[^=@ ]+@[^=@ ]+)$", var.owner3))
    error_message = "owner3 is OWNER=EMAIL."
  }
}

variable "owner4" {
  type        = string
  default     = ""
  description = "Another owner and email address, as Owner1"

  validation {
    condition     = can(regex("^(?:|[^=]+=[^=@ ]+@[^=@ ]+)$", var.owner4))
    error_message = "owner4 is OWNER=EMAIL."
  }
}

variable "owner5" {
  type        = string
  default     = ""
  description = "Another owner and email address, as Owner1"

  validation {
    condition     = can(regex("^(?:|[^=]+=[^=@ ]+@[^=@ ]+)$", var.owner5))
    error_message = "owner5 is OWNER=EMAIL."
  }
}

variable "event_bus_arn" {
  type        = string
  default     = ""
  description = "ARN of an EventBridge event bus that gets an event for each change that an alert reports; if empty, none"

  validation {
    condition     = can(regex("^(?:|arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]+)$", var.event_bus_arn))
    error_message = "event_bus_arn is text that matches |arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9_./-]+."
  }
}

variable "existing_topic_arn" {
  type        = string
  default     = ""
  description = "ARN of an existing topic for alerts instead of a new one; its policy must allow CloudWatch to publish"
}

variable "existing_topic_key_arn" {
  type        = string
  default     = ""
  description = "ARN of the customer managed key of the existing topic, if any"
}

variable "encrypt_topic" {
  type        = string
  default     = "false"
  description = "Encrypt alerts in the new topic with a customer managed key, for 1 dollar a month; if false, SNS stores them without KMS encryption"

  validation {
    condition     = contains(["false", "true"], var.encrypt_topic)
    error_message = "encrypt_topic is one of false, true."
  }
}

variable "table_key_arn" {
  type        = string
  default     = ""
  description = "ARN of the customer managed key of the table, if any"
}

variable "signing_key_arn" {
  type        = string
  default     = ""
  description = "ARN of a customer managed key for the parameter with the signing key; if empty, the key aws/ssm"
}

variable "staging_table_name" {
  type        = string
  default     = ""
  description = "Staging table for load tests, as in the checklist; if empty, the table's name and -staging"
}

variable "payer_role_arn" {
  type        = string
  default     = ""
  description = "ARN of a role in the management account, assumed to read cost allocation tags, as in the checklist"
}

variable "sample_items" {
  type        = string
  default     = "false"
  description = "Allow reading the keys of some items once a day, as set in [tables.sample] of the checklist"

  validation {
    condition     = contains(["false", "true"], var.sample_items)
    error_message = "sample_items is one of false, true."
  }
}

variable "reserved_concurrency" {
  type        = string
  default     = ""
  description = "Reserved concurrency of the monitor, 3 or more; if empty, none, as accounts with a small quota need"

  validation {
    condition     = can(regex("^(?:|[3-9]|[1-9][0-9]+)$", var.reserved_concurrency))
    error_message = "reserved_concurrency is text that matches |[3-9]|[1-9][0-9]+."
  }
}

variable "log_retention_days" {
  type        = number
  default     = 90
  description = "Retention of the function's logs in days"

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days is one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731."
  }
}

variable "tracing" {
  type        = string
  default     = "PassThrough"
  description = "X-Ray tracing mode of the function"

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing is one of Active, PassThrough."
  }
}

variable "pager" {
  type        = string
  default     = "none"
  description = "The pager, as on_call.pager in the checklist; events-v2 needs PagerSecretArn, cloudwatch PagerTopicArn"

  validation {
    condition     = contains(["none", "events-v2", "cloudwatch"], var.pager)
    error_message = "pager is one of none, events-v2, cloudwatch."
  }
}

variable "pager_secret_arn" {
  type        = string
  default     = ""
  description = "ARN of the secret in Secrets Manager whose text is the integration key of the pager (events-v2)"

  validation {
    condition     = can(regex("^(?:|arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+)$", var.pager_secret_arn))
    error_message = "pager_secret_arn is text that matches |arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:.+."
  }
}

variable "pager_endpoint" {
  type        = string
  default     = "https://events.pagerduty.com/v2/enqueue"
  description = "Address of the Events API v2 of the pager (events-v2); for EU accounts https://events.eu.pagerduty.com/v2/enqueue"

  validation {
    condition     = can(regex("^(?:https://.+)$", var.pager_endpoint))
    error_message = "pager_endpoint is text that matches https://.+."
  }
}

variable "pager_topic_arn" {
  type        = string
  default     = ""
  description = "ARN of the topic that the pager subscribes to (cloudwatch); another one than that of the alerts"

  validation {
    condition     = can(regex("^(?:|arn:[^:]+:sns:[^:]+:[0-9]{12}:.+)$", var.pager_topic_arn))
    error_message = "pager_topic_arn is text that matches |arn:[^:]+:sns:[^:]+:[0-9]{12}:.+."
  }
}

variable "stack_name" {
  type        = string
  default     = "readiness-prod"
  description = "Beginning of the names of all resources"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,31}$", var.stack_name))
    error_message = "stack_name has at most 32 letters, digits and hyphens, and begins with a letter."
  }
}

variable "packages" {
  type        = string
  description = "The folder with the zip files that `make packages` has made"
}
