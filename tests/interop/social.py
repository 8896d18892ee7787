"""Two libraries nobody here wrote, oauthlib and wechatpy, read what we sign and seal, and sign and seal for us.

usage: python social.py < one JSON object

`oauth`: requests we signed, as {"method", "url", "header", "body", "consumer_secret", "token_secret"}; oauthlib
recomputes each signature. `sign`: requests oauthlib is to sign, as {"method", "url", and the four credentials}.
`wechat`: {"token", "aes_key", "app_id", "hooks": [{"query", "body"}]}: wechatpy checks, opens and parses each webhook,
and seals one message of its own. Prints one JSON object; exit code 0, or 1 with an `error` member.
"""

import json
import sys
import urllib.parse

from oauthlib.common import Request
from oauthlib.oauth1 import Client, SIGNATURE_HMAC_SHA1
from oauthlib.oauth1.rfc5849 import signature, utils
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

WRITTEN = "<xml><ToUserName><![CDATA[o1]]></ToUserName><Content><![CDATA[你好]]></Content></xml>"


def is_ours(request):
    """Whether oauthlib finds the signature in the header to be that of the request."""
    params = dict(utils.parse_authorization_header(request["header"]))
    given = params.pop("oauth_signature")
    query = urllib.parse.urlsplit(request["url"]).query
    read = Request(request["url"], http_method=request["method"])
    read.params = signature.collect_parameters(
        uri_query=query, headers={"Authorization": request["header"]}, exclude_oauth_signature=True)
    read.signature = urllib.parse.unquote(given)
    return signature.verify_hmac_sha1(read, request["consumer_secret"], request["token_secret"])


def signed(request):
    """The header oauthlib makes for a request."""
    client = Client(
        request["consumer_key"], client_secret=request["consumer_secret"], resource_owner_key=request["access_token"],
        resource_owner_secret=request["access_token_secret"], signature_method=SIGNATURE_HMAC_SHA1)
    _, headers, _ = client.sign(request["url"], http_method=request["method"])
    return headers["Authorization"]


def wechat(task):
    crypto = WeChatCrypto(task["token"], task["aes_key"], task["app_id"])
    read = []
    for hook in task["hooks"]:
        query, body = hook["query"], hook["body"]
        check_signature(task["token"], query["signature"], query["timestamp"], query["nonce"])
        if query.get("encrypt_type") == "aes":
            body = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(body)
        read.append({
            "id": str(message.id), "type": message.type, "source": message.source,
            "content": getattr(message, "content", ""), "time": int(message.create_time.timestamp()),
        })
    return {"read": read, "sealed": crypto.encrypt_message(WRITTEN, "n-1", "1790000000"), "written": WRITTEN}


def main():
    task = json.load(sys.stdin)
    try:
        told = {
            "verified": [is_ours(request) for request in task["oauth"]],
            "signed": [signed(request) for request in task["sign"]],
            "wechat": wechat(task["wechat"]),
        }
    except Exception as error:  # whatever it was, the caller reads it
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return 1
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
