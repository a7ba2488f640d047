"""An account for a benchmark, in a process of its own: prints its endpoint, and ends when its input does."""

import os
import sys
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.aws.completed import complete


def main() -> None:
    """One table, encrypted with the key that AWS manages, so that every service is asked."""
    complete()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
    boto3.client("dynamodb").create_table(
        TableName="babesclub-commerce",
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS"},
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
    )
    print(os.environ["AWS_ENDPOINT_URL"], flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
