"""An S3 server on loopback for the tests of the cache: moto's, in a thread."""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

BUCKET = "team"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """Run a server holding one empty bucket; yields the environment that leads to it."""
    import s3fs
    from moto.server import ThreadedMotoServer

    s3fs.S3FileSystem.clear_instance_cache()  # of another test's server, which is gone
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        environment = {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        # moto keeps its buckets in the process, so another test's would still be there
        urllib.request.urlopen(f"{environment['AWS_ENDPOINT_URL']}/moto-api/reset", data=b"").close()
        made = s3fs.S3FileSystem(
            endpoint_url=environment["AWS_ENDPOINT_URL"], key="testing", secret="testing", skip_instance_cache=True
        )
        made.mkdir(BUCKET)
        yield environment
    finally:
        server.stop()
