"""The commands that keep failed events from now on."""

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
"""An event that fails may wait there for fourteen days, the longest that AWS has."""

PUT_DESTINATION = (
    f"{LET_SEND_TO_NEW} && {MAKE_NEW}"
    " && aws lambda put-function-event-invoke-config --function-name {FunctionName} --qualifier {Qualifier}"
    " --region {region} --maximum-retry-attempts 2"
    f' --destination-config \'{{{{"OnFailure":{{{{"Destination":"{NEW_QUEUE}"}}}}}}}}\''
)
SHOW_CALLERS = (
    "aws lambda get-policy --function-name {QualifiedName} --region {region}"
    " --query Policy --output text;"
    " echo 'if who waits for the answer tries again, and safely, take the function out of dead_letters_required in the"
    " checklist'"
)
TRY_AGAIN = (
    "aws lambda update-function-event-invoke-config --function-name {FunctionName} --qualifier {Qualifier}"
    " --region {region} --maximum-retry-attempts 2"
)
TO_NEW = f' --destination-config \'{{{{"OnFailure":{{{{"Destination":"{NEW_QUEUE}"}}}}}}}}\''
# The place belongs to an event source, to a qualifier, or to the function itself, as its dead-letter queue.
REPLACE = (
    f"{LET_SEND_TO_NEW} && {MAKE_NEW}"
    " && if [ -n {UUID} ]; then aws lambda update-event-source-mapping --uuid {UUID} --region {region}"
    f"{TO_NEW} ;"
    " elif [ -n {Qualifier} ]; then aws lambda update-function-event-invoke-config --function-name {FunctionName}"
    " --qualifier {Qualifier} --region {region}"
    f"{TO_NEW} ;"
    " else aws lambda update-function-configuration --function-name {FunctionName} --region {region}"
    f" --dead-letter-config TargetArn={NEW_QUEUE} --query LastUpdateStatus --output text;"
    " echo 'what an alias serves is frozen: publish a version, then let the alias route to it'; fi"
)
PUT_SOURCE_DESTINATION = (
    f"{LET_SEND_TO_NEW} && {MAKE_NEW}"
    " && aws lambda update-event-source-mapping --uuid {UUID} --region {region}"
    f' --destination-config \'{{{{"OnFailure":{{{{"Destination":"{NEW_QUEUE}"}}}}}}}}\''
)

MAKE_AGAIN = "aws sqs create-queue --queue-name {QueueName} --region {Region} --attributes {QueueAttributes}"
KEEP_LONGER = f"aws sqs set-queue-attributes --queue-url {{QueueUrl}} --region {{Region}} --attributes {FOURTEEN_DAYS}"
SUBSCRIBE = (
    "aws sns create-topic --name {TopicName} --region {Region} && aws sns subscribe --topic-arn {TopicArn}"
    ' --protocol email --notification-endpoint "${{EMAIL:?set it to the address of on call}}" --region {Region}'
)
LET_SEND = (
    'for role in $(echo {RoleNames}); do aws iam put-role-policy --role-name "$role" --policy-name {PolicyName}'
    " --policy-document"
    ' \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":\'{Actions}\','
    '"Resource":["{Arn}","{Arn}/*"]}}]}}\' ; done'
)
REVIVE_KEY = (
    "aws kms cancel-key-deletion --key-id {KeyArn} --region {Region};"
    " aws kms enable-key --key-id {KeyArn} --region {Region}"
)
LET_ENCRYPT = (
    'for role in $(echo {RoleNames}); do aws iam put-role-policy --role-name "$role" --policy-name {PolicyName}'
    " --policy-document"
    ' \'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],'
    '"Resource":"{KeyArn}"}}]}}\' ; done'
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
    "aws lambda update-event-source-mapping --uuid {UUID} --region {region} --bisect-batch-on-function-error"
    " --maximum-retry-attempts 5 --maximum-record-age-in-seconds 3600"
)
SHOW_SOURCE = (
    "aws lambda get-event-source-mapping --uuid {UUID} --region {region};"
    " echo 'the function has to catch what it can not process, and to send it to a queue itself'"
)
ENABLE = "aws lambda update-event-source-mapping --uuid {UUID} --enabled --region {region}"
LIST = "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text"
SHOW = (
    "aws lambda list-function-event-invoke-configs --function-name {FunctionName} --region {region};"
    " aws lambda get-function-configuration --function-name {FunctionName} --region {region}"
    " --query '[Role,DeadLetterConfig]'"
)
