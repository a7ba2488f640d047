"""The remediation commands for dead-letter queues and destinations."""

FOURTEEN_DAYS = "MessageRetentionPeriod=1209600"

NEW_QUEUE = "arn:aws:sqs:{region}:{account}:{FunctionName}-dead-letters"
LET_SEND_TO_NEW = (
    "aws iam put-role-policy --role-name {RoleName} --policy-name send-to-{FunctionName}-dead-letters --policy-document"
    ' \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sqs:SendMessage",'
    f'"Resource":"{NEW_QUEUE}"}}}}]}}}}\''
)
MAKE_NEW = (
    f"aws sqs create-queue --queue-name {{FunctionName}}-dead-letters --region {{region}} --attributes {FOURTEEN_DAYS}"
)
"""A dead-letter queue with a retention of 14 days, the maximum of SQS."""

NEW = f"{LET_SEND_TO_NEW} && {MAKE_NEW}"
TO_NEW = f' --destination-config \'{{{{"OnFailure":{{{{"Destination":"{NEW_QUEUE}"}}}}}}}}\''
UPDATE_SOURCE = "aws lambda update-event-source-mapping --uuid {UUID} --region {region}"

PUT_DESTINATION = (
    f"{NEW} && aws lambda put-function-event-invoke-config --function-name {{FunctionName}} --qualifier {{Qualifier}}"
    f" --region {{region}} --maximum-retry-attempts 2{TO_NEW}"
)
SHOW_CALLERS = (
    "aws lambda get-policy --function-name {QualifiedName} --region {region}"
    " --query Policy --output text;"
    " echo 'if all callers retry, with idempotency, remove the function from dead_letters_required in the checklist'"
)
TRY_AGAIN = (
    "aws lambda update-function-event-invoke-config --function-name {FunctionName} --qualifier {Qualifier}"
    " --region {region} --maximum-retry-attempts 2"
)
# The target belongs to an event source, to a qualifier, or to the function itself as its dead-letter queue.
REPLACE = (
    f"{NEW} && if [ -n {{UUID}} ]; then {UPDATE_SOURCE}{TO_NEW} ;"
    " elif [ -n {Qualifier} ]; then aws lambda update-function-event-invoke-config --function-name {FunctionName}"
    f" --qualifier {{Qualifier}} --region {{region}}{TO_NEW} ;"
    " else aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    f" --dead-letter-config TargetArn={NEW_QUEUE} --query LastUpdateStatus --output text;"
    " echo 'publish a version and update the alias: the configuration of a version does not change'; fi"
)
PUT_SOURCE_DESTINATION = f"{NEW} && {UPDATE_SOURCE}{TO_NEW}"

MAKE_AGAIN = "aws sqs create-queue --queue-name {QueueName} --region {Region} --attributes {QueueAttributes}"
KEEP_LONGER = f"aws sqs set-queue-attributes --queue-url {{QueueUrl}} --region {{Region}} --attributes {FOURTEEN_DAYS}"
SUBSCRIBE = (
    "aws sns create-topic --name {TopicName} --region {Region} && aws sns subscribe --topic-arn {TopicArn}"
    ' --protocol email --notification-endpoint "${{EMAIL:?set it to the address of on-call}}" --region {Region}'
)
LET_ROLES = (
    'for role in $(echo {RoleNames}); do aws iam put-role-policy --role-name "$role" --policy-name {PolicyName}'
    ' --policy-document \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":'
)
LET_SEND = LET_ROLES + '\'{Actions}\',"Resource":["{Arn}","{Arn}/*"]}}]}}\' ; done'
LET_ENCRYPT = LET_ROLES + '["kms:GenerateDataKey","kms:Decrypt"],"Resource":"{KeyArn}"}}]}}\' ; done'
REVIVE_KEY = (
    "aws kms cancel-key-deletion --key-id {KeyArn} --region {Region};"
    " aws kms enable-key --key-id {KeyArn} --region {Region}"
)

REDRIVE = (
    "aws sqs create-queue --queue-name {NewQueueName} --region {Region} --attributes {NewQueueAttributes}"
    " && aws sqs set-queue-attributes --queue-url {QueueUrl} --region {Region} --attributes"
    ' \'{{"RedrivePolicy":"{{\\"deadLetterTargetArn\\":\\"{NewQueueArn}\\",\\"maxReceiveCount\\":\\"5\\"}}"}}\''
)
SET_QUEUE = "aws sqs set-queue-attributes --queue-url {QueueUrl} --region {Region} --attributes {Attributes}"
TRY_OFTEN = (
    "aws sqs set-queue-attributes --queue-url {QueueUrl} --region {Region} --attributes"
    ' \'{{"VisibilityTimeout":"{EnoughVisibilityTimeout}","RedrivePolicy":'
    '"{{\\"deadLetterTargetArn\\":\\"{deadLetterTargetArn}\\",\\"maxReceiveCount\\":\\"5\\"}}"}}\''
)
GIVE_UP = (
    f"{UPDATE_SOURCE} --bisect-batch-on-function-error --maximum-retry-attempts 5 --maximum-record-age-in-seconds 3600"
)
SHOW_SOURCE = (
    "aws lambda get-event-source-mapping --uuid {UUID} --region {region};"
    " echo 'the function has to catch failures and send the event to a queue itself'"
)
ENABLE = "aws lambda update-event-source-mapping --uuid {UUID} --enabled --region {region}"
LIST = "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text"
SHOW = (
    "aws lambda list-function-event-invoke-configs --function-name {FunctionName} --region {region};"
    " aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query '[Role,DeadLetterConfig]'"
)
