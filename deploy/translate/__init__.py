"""Translate template.yaml into the Terraform module of the same resources, in deploy/terraform: `make terraform`."""
