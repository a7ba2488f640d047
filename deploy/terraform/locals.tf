# Made of template.yaml by `make terraform`. Do not edit.

locals {
  intervals = {
    "1" = {
      rate    = "rate(1 minute)"
      seconds = 60
    }
    "5" = {
      rate    = "rate(5 minutes)"
      seconds = 300
    }
    "15" = {
      rate    = "rate(15 minutes)"
      seconds = 900
    }
    "30" = {
      rate    = "rate(30 minutes)"
      seconds = 1800
    }
    "60" = {
      rate    = "rate(1 hour)"
      seconds = 3600
    }
  }
  own_topic              = var.existing_topic_arn == ""
  has_own_topic_key      = local.own_topic && (var.encrypt_topic == "true")
  has_event_bus          = var.event_bus_arn != ""
  has_owner1             = var.owner1 != ""
  has_owner2             = var.owner2 != ""
  has_owner3             = var.owner3 != ""
  has_owner4             = var.owner4 != ""
  has_owner5             = var.owner5 != ""
  has_topic_key          = var.existing_topic_key_arn != ""
  has_table_key          = var.table_key_arn != ""
  has_signing_key        = var.signing_key_arn != ""
  has_staging_table      = var.staging_table_name != ""
  has_payer_role         = var.payer_role_arn != ""
  is_sampled             = var.sample_items == "true"
  has_reserved           = var.reserved_concurrency != ""
  has_on_call_email      = var.on_call_email != ""
  has_second_route_email = var.second_route_email != ""
  subscribe_on_call      = local.own_topic && local.has_on_call_email
  subscribe_second_route = local.has_second_route_email || local.has_on_call_email
  is_traced              = var.tracing == "Active"
  is_unsubscribed        = local.own_topic && !local.has_on_call_email
  has_pager_secret       = var.pager_secret_arn != ""
  has_pager_topic        = var.pager_topic_arn != ""
  has_pager              = local.has_pager_secret || local.has_pager_topic
}
