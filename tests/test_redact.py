import pytest

from app import config, redact
from app.errors import SourceError
from app.redact import redacted

S = "s3cr3tValue/42+x=="  # what must never be seen

LINES = [
    f"https://bucket.s3.amazonaws.com/key?X-Amz-Algorithm=AWS4&X-Amz-Security-Token={S}&X-Amz-Signature={S}&partNumber=1",
    f"X-Amz-Credential={S}&X-Amz-Date=1",
    f"https://x.blob.core.windows.net/c/b.tif?st=2026&se={S}&sp=rl&sv=2024&sr=c&skoid={S}&sig={S}",
    f"curl: https://x.test/a?a=1&token={S}",
    f"vsicurl%3Furl%3Dhttps%3A//x.test/a%3Fsig%3D{S}",
    f"https://d.cloudfront.net/a?Expires=1&Policy={S}&Signature={S}&Key-Pair-Id={S}",
    f"https://x.test/?AWSAccessKeyId={S}&Signature={S}",
    f"x-amz-security-token:{S}",
    f"headers={{'X-Amz-Security-Token': b'{S}', 'Authorization': b'AWS4-HMAC-SHA256 Credential={S}, Signature={S}'}}",
    f"Authorization: Bearer {S}",
    f"authorization: Basic {S}",
    f"(b'authorization', b'Bearer {S}')",
    f"{{'Authorization': 'Bearer {S}', 'Accept': '*/*'}}",
    f"Proxy-Authorization: Negotiate {S}",
    f"Cookie: scarp_workspace={S}; other={S}",
    f"Signature:\n{S}",
    f'Response content was b\'{{"access_token":"{S}","expires_in":600}}\'',
    f"Obtained token {{'access_token': '{S}', 'token_type': 'Bearer'}}",
    f"Encoded body: grant_type=client_credentials&client_id=me&client_secret={S}",
    f"client_secret='{S}'",
    f"AWS_SECRET_ACCESS_KEY={S}",
    f"SCARP_CDSE_S3_SECRET_KEY={S} password: {S}",
    f"<Credentials><SecretAccessKey>{S}</SecretAccessKey><SessionToken>{S}</SessionToken></Credentials>",
    f'{{"SecretAccessKey": "{S}", "Token": "{S}"}}',
    f"postgresql+psycopg://reviewer:{S.replace('/', '')}@db.test:5432/scarp",
    f"http://{S.replace('/', '')}@proxy.test:3128 refuses",
]


@pytest.mark.parametrize("line", LINES)
def test_a_secret_is_hidden_where_services_put_theirs_though_nobody_knows_it(line):
    shown = redacted(line)
    assert "s3cr3tValue" not in shown
    assert redact.HIDDEN in shown


@pytest.mark.parametrize(
    "line",
    [
        "Event 171: T1 (2022-09-17) must come before T2 (2022-09-01); swap them.",
        "https://earth-search.aws.element84.com/v1/search?collections=sentinel-2-l2a&limit=100",
        "s3://team/patches cannot be read (AccessDenied). Check that SCARP_CACHE names a bucket.",
        "Choose from earth-search, planetary-computer, cdse.",
        "The method band-difference:B04:0.05 took 0.4 s; onnx:bit ran on cpu.",
        "sqlite:////home/someone/.scarp/review.sqlite",
        "no key of this name; give SCARP_CDSE_S3_KEY and SCARP_CDSE_S3_SECRET.",
        "standard deviation sp=3, se 4: st 5",
    ],
)
def test_what_is_no_secret_stays(line):
    assert redacted(line) == line


@pytest.fixture
def nothing_known(monkeypatch):
    monkeypatch.setattr(redact, "_known", set())
    monkeypatch.setattr(redact, "_held", redact._held)


def test_a_secret_of_the_environment_is_hidden_wherever_it_stands(nothing_known):
    config.know_secrets(
        {
            "SH_CLIENT_SECRET": "tr0ub4dor&3", "AWS_SESSION_TOKEN": "Fwo/long+token==0123",
            "MY_API_KEY": "abcdef123456", "SCARP_DATABASE": "postgresql://me:p@ss/w0rd@db/scarp",
            "AWS_PROFILE": "research", "KEYBOARD": "german",
            "AWS_SHARED_CREDENTIALS_FILE": "/etc/aws-credentials", "SH_INSTANCE_URL": "https://sh.example.org",
        }
    )  # fmt: skip
    assert redacted("a tr0ub4dor&3 b") == "a *** b"
    assert redacted("q=tr0ub4dor%263") == "q=***"
    assert redacted("xFwo/long+token==0123y") == "x***y"
    assert redacted("abcdef123456, p@ss/w0rd") == "***, ***"
    kept = "research german /etc/aws-credentials https://sh.example.org"
    assert redacted(kept) == kept


def test_a_short_secret_leaves_longer_words_alone(nothing_known):
    redact.know(["testing", "abc"])
    assert redacted("testing a testingground with abc") == "*** a testingground with abc"


def test_no_sentence_of_scarp_s_holds_a_secret(nothing_known):
    redact.know(["my-secret-value"])
    said = str(SourceError("refused my-secret-value at https://a:b@c/?sig=abcdef"))
    assert said == "refused *** at https://***@c/?sig=***"
