"""Facts about SQS: dead-letter queues."""
